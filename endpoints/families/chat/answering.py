"""A chat model answers: search the known answers, decide, write, piece by piece."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from django.utils import translation
from django.utils.translation import gettext as _

from endpoints import correcting, manners, serving, tokens
from endpoints.events import Done, Event, Knowing, Piece, Request, Sources, Usage
from endpoints.families.chat.guarding import Guard
from endpoints.models import Message
from endpoints.words import language_of
from projects import privacy
from training.ml import artifact
from training.ml.knowledge import Asked, Hit, Knowledge, Known
from training.ml.prompts import Decision, Policy, compose, decide, question_of, search_text, words_asked

logger = logging.getLogger(__name__)
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
    asked = dict.fromkeys([search_text(request.messages), question_of(request.messages)])
    correction = await correcting.holding(request.project, list(asked))
    if correction is not None:
        yield Sources([{"question": correction.question, "answer": correction.correction}])
        async for event in _hand_over(request, correction.correction, 1.0):
            yield event
        return
    knowing = knowledge_of(request.knowing)
    hits = await find(knowing, request.messages, plain=request.knowing.answers_with == RETRIEVAL)
    policy = replace(knowing.policy, unsure=request.threshold)
    if request.knowing.answers_with == RETRIEVAL:
        # Nothing is written by a model here: the nearest known answer is the answer, however near it is.
        policy = replace(policy, hand_over=-1.0, guard=False)
    decision = await asyncio.to_thread(
        decide, policy, request.messages, hits
    )  # long texts are looked through for facts
    last = question_of(request.messages)
    if not (hits and manners.same(hits[0].known.question, last)):  # what the team answers itself is a question
        kind = manners.kind_of(last)
        if kind:
            async for event in _say(request, polite(request, kind), Message.State.DONE, 0.0):
                yield event
            return
        if knowing.knowledge is not None and manners.hangs(last):
            # Nobody can tell what it points at, so no known answer is near, whatever its likeness says.
            async for event in _unsure(request, replace(decision, nearest=None)):
                yield event
            return
    sources = [{"question": hit.known.question, "answer": hit.known.answer} for hit in decision.sources]
    if knowing.knowledge is not None and decision.unsure:
        async for event in _unsure(request, decision):
            yield event
        return
    if sources:
        yield Sources(sources)
    if decision.kind == "hand_over" and decision.answer is not None:
        async for event in _hand_over(request, decision.answer, decision.similarity):
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
    last = question_of(messages)
    # The data holds questions with what is personal masked; whoever asks writes it out.
    spellings = tuple(dict.fromkeys([last, privacy.mask(wanted), privacy.mask(last)]))
    asked = Asked(wanted, vectors[0], words_asked(messages), spellings)
    # Many thousand known questions take some milliseconds, in which other chats shall go on.
    if plain:
        return await asyncio.to_thread(known.search, asked)
    return await asyncio.to_thread(known.best, asked, max(1, knowing.policy.retrieved))


async def _write(request: Request, knowing: Chatting, decision: Decision, hits: Sequence[Hit]) -> AsyncIterator[Event]:
    system = "\n\n".join(text for text in (knowing.system_prompt, request.instruction) if text)
    prompt = compose(system, shortened(request.messages), decision.sources)
    options = {"max_tokens": knowing.max_new_tokens} | request.options
    offset, state = 0, Done(Message.State.DONE, instructed=bool(request.instruction))
    guard = Guard(knowing.system_prompt, [hit.known.answer for hit in decision.sources])
    stream = serving.stream(request.knowing.model, prompt, folder=request.knowing.folder, **options)
    async with aclosing(stream):
        async for part in stream:
            if shown := guard.pass_on(part.text):
                yield Piece(shown, offset)
                offset += len(shown)
            if part.usage is not None:
                usage = Usage(part.usage.prompt_tokens, part.usage.completion_tokens)
                state = replace(state, usage=usage)
            if part.finish_reason == "length":
                state = replace(state, cut=True)
            if guard.leaked or guard.round:
                break
    rest = guard.rest()
    if guard.leaked:
        logger.info("An answer was about to repeat the instructions of model %s", request.knowing.model)
        text = ("\n\n" if offset else "") + unsure_text(request, None)
        async for event in _say(request, text, Message.State.UNSURE, decision.similarity, offset):
            yield event
        return
    if rest:
        yield Piece(rest, offset)
    state = replace(state, cut=state.cut or guard.round)
    yield replace(state, confidence=decision.similarity if hits else None)


async def _hand_over(request: Request, text: str, similarity: float) -> AsyncIterator[Event]:
    """A known answer word for word, in pieces, so that every door treats it like any other answer."""
    offset = 0
    for start in range(0, len(text), HANDED_OVER):
        piece = text[start : start + HANDED_OVER]
        yield Piece(piece, offset)
        offset += len(piece)
    yield Done(Message.State.DONE, await _used(request, text), similarity)


async def _unsure(request: Request, decision: Decision) -> AsyncIterator[Event]:
    """Says so, and offers the nearest known answer and a person."""
    nearest = decision.nearest if decision.similarity >= request.threshold * WORTH_OFFERING else None
    if nearest is not None:
        yield Sources([{"question": nearest.question, "answer": nearest.answer}])
    async for event in _say(request, unsure_text(request, nearest), Message.State.UNSURE, decision.similarity):
        yield event


async def _say(
    request: Request, text: str, state: Message.State, similarity: float, offset: int = 0
) -> AsyncIterator[Event]:
    """Words of ours in the place of an answer."""
    yield Piece(text, offset)
    yield Done(state, await _used(request, text), similarity)


async def _used(request: Request, text: str) -> Usage:
    """What was read and said where no model wrote: the conversation as it was sent, and the answer."""
    asked = [message["content"] for message in request.messages]
    base = request.knowing.base
    return Usage(await tokens.count(base, asked), await tokens.count(base, [text]))


def polite(request: Request, kind: str) -> str:
    """A short answer to what is no question, in the visitor's language."""
    with translation.override(language_of(question_of(request.messages), request.language)):
        return {
            "greeting": _("Hello. What can I help you with?"),
            "thanks": _("You are welcome. Is there anything else?"),
            "goodbye": _("Goodbye, and thank you for your visit."),
            "rude": _("I am sorry that this is annoying. Tell me what you need and I will do my best."),
            "empty": _("Please write your question, and I will look for the answer."),
        }[kind]


def unsure_text(request: Request, nearest: Known | None) -> str:
    with translation.override(language_of(question_of(request.messages), request.language)):
        said = [_("I am not sure about this, so I would rather not guess.")]
        if nearest is not None:
            known = {"question": one_line(nearest.question), "answer": nearest.answer}
            # The text is kept and exported without what stands beside it, so it never points there.
            closest = _("The closest question I know is “%(question)s”")
            whole = _("The closest question I know is “%(question)s” Its answer: %(answer)s")
            said.append((closest if request.sources_shown else whole) % known)
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
