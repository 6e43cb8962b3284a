"""A chat model answers: search the known answers, decide, write, piece by piece."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from django.utils import translation
from django.utils.translation import gettext as _

from endpoints import serving
from endpoints.events import Done, Event, Knowing, Piece, Request, Sources, Usage
from endpoints.models import Message
from endpoints.words import language_of, rough_tokens
from training.ml import artifact
from training.ml.knowledge import Asked, Hit, Knowledge, Known
from training.ml.prompts import Decision, Policy, compose, decide, question_of, search_text, words_asked

TUNED, RETRIEVAL, BASE = "tuned", "retrieval", "base"
TURNS = 8
"""Messages of a conversation that a small model can still follow."""
LONGEST_PROMPT = 6000
"""Characters of conversation sent to the engine; the oldest messages go first."""
WORTH_OFFERING = 0.5
"""An unsure assistant offers the nearest known answer from this share of its threshold on; a farther one is no help."""
HANDED_OVER = 24
"""Characters of a known answer that are sent at once when it is given word for word."""


@dataclass(frozen=True)
class Chatting:
    """What a chat model knows, read once and kept while it is asked."""

    embedder: str
    query_prefix: str
    system_prompt: str
    policy: Policy
    max_new_tokens: int
    knowledge: Knowledge | None


def knowledge_of(knowing: Knowing) -> Chatting:
    return _read(knowing.folder, knowing.answers_with != BASE)


@lru_cache(maxsize=64)
def _read(folder: Path, with_knowledge: bool) -> Chatting:
    manifest = artifact.read_manifest(folder)
    there = with_knowledge and (folder / "knowledge.npy").exists()
    return Chatting(
        embedder=manifest.embedder,
        query_prefix=manifest.query_prefix,
        system_prompt=manifest.system_prompt,
        policy=manifest.policy,
        max_new_tokens=manifest.max_new_tokens,
        knowledge=Knowledge.open(folder) if there else None,
    )


async def load(knowing: Knowing) -> None:
    """The adapter into the engine, and the encoder of sentences warm."""
    if knowing.answers_with == TUNED:
        await serving.load(knowing.model, knowing.folder)
    known = knowledge_of(knowing)
    if known.knowledge is not None:
        await serving.embed([known.query_prefix + "?"], known.embedder)


async def answer(request: Request) -> AsyncIterator[Event]:
    """Sources, then the pieces of the answer, then Done. Closing it early frees the engine's place."""
    knowing = knowledge_of(request.knowing)
    hits = await find(knowing, request.messages, plain=request.knowing.answers_with == RETRIEVAL)
    policy = replace(knowing.policy, unsure=request.threshold)
    if request.knowing.answers_with == RETRIEVAL:
        # Nothing is written by a model here: the nearest known answer is the answer, however near it is.
        policy = replace(policy, hand_over=-1.0, guard=False)
    decision = decide(policy, request.messages, hits)
    sources = [{"question": hit.known.question, "answer": hit.known.answer} for hit in decision.sources]
    if knowing.knowledge is not None and decision.unsure:
        async for event in _unsure(request, decision):
            yield event
        return
    if sources:
        yield Sources(sources)
    if decision.kind == "hand_over" and decision.answer is not None:
        async for event in _hand_over(decision.answer, decision.similarity):
            yield event
        return
    async for event in _write(request, knowing, decision, hits):
        yield event


async def find(knowing: Chatting, messages: Sequence[dict[str, str]], plain: bool = False) -> list[Hit]:
    """The known answers that fit what was asked; plainly the nearest ones, or as the bot prefers them."""
    wanted = search_text(messages)
    known = knowing.knowledge
    if known is None or not wanted.strip():
        return []
    vectors = await serving.embed([knowing.query_prefix + wanted], knowing.embedder)
    asked = Asked(wanted, vectors[0], words_asked(messages))
    # Many thousand known questions take some milliseconds, in which other chats shall go on.
    if plain:
        return await asyncio.to_thread(known.search, asked)
    return await asyncio.to_thread(known.best, asked, max(1, knowing.policy.retrieved))


async def _write(request: Request, knowing: Chatting, decision: Decision, hits: Sequence[Hit]) -> AsyncIterator[Event]:
    prompt = compose(knowing.system_prompt, shortened(request.messages), decision.sources)
    options = {"max_tokens": knowing.max_new_tokens} | request.options
    offset, state = 0, Done(Message.State.DONE)
    stream = serving.stream(request.knowing.model, prompt, folder=request.knowing.folder, **options)
    async for part in stream:
        if part.text:
            yield Piece(part.text, offset)
            offset += len(part.text)
        if part.usage is not None:
            usage = Usage(part.usage.prompt_tokens, part.usage.completion_tokens)
            state = replace(state, usage=usage)
        if part.finish_reason == "length":
            state = replace(state, cut=True)
    yield replace(state, confidence=decision.similarity if hits else None)


async def _hand_over(text: str, similarity: float) -> AsyncIterator[Event]:
    """A known answer word for word, in pieces, so that every door treats it like any other answer."""
    offset = 0
    for start in range(0, len(text), HANDED_OVER):
        piece = text[start : start + HANDED_OVER]
        yield Piece(piece, offset)
        offset += len(piece)
    yield Done(Message.State.DONE, Usage(0, rough_tokens(text)), similarity)


async def _unsure(request: Request, decision: Decision) -> AsyncIterator[Event]:
    """Says so, and offers the nearest known answer and a person."""
    nearest = decision.nearest if decision.similarity >= request.threshold * WORTH_OFFERING else None
    if nearest is not None:
        yield Sources([{"question": nearest.question, "answer": nearest.answer}])
    text = unsure_text(request, nearest)
    yield Piece(text, 0)
    yield Done(Message.State.UNSURE, Usage(0, rough_tokens(text)), decision.similarity)


def unsure_text(request: Request, nearest: Known | None) -> str:
    with translation.override(language_of(question_of(request.messages), request.language)):
        said = [_("I am not sure about this, so I would rather not guess.")]
        if nearest is not None:
            said.append(
                _("The closest question I know is “%(question)s” Its answer is below.")
                % {"question": one_line(nearest.question)}
            )
        if request.contact:
            said.append(_("You can reach a person here: %(contact)s") % {"contact": request.contact})
        if nearest is None and not request.contact:
            said.append(_("Perhaps you can ask it in other words."))
        return "\n\n".join(said)


def one_line(text: str, most: int = 200) -> str:
    """A question inside a sentence: one line, an end mark of its own."""
    text = " ".join(text.split())
    text = text if len(text) <= most else text[: most - 1].rstrip() + "…"
    return text if text.endswith(("?", ".", "!", "…", "？", "。", "！")) else text + "."


def shortened(messages: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """The last turns, as many as fit, beginning with a question."""
    kept: list[dict[str, str]] = []
    room = LONGEST_PROMPT
    for message in reversed([m for m in messages if m["role"] != "system"][-TURNS:]):
        room -= len(message["content"])
        if kept and room < 0:
            break
        kept.insert(0, message)
    while len(kept) > 1 and kept[0]["role"] != "user":
        kept.pop(0)
    return kept
