"""How a conversation and the known answers found for it become a prompt: the same in training, report and use. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from training.ml.facts import foreign
from training.ml.knowledge import Hit, Known

Message = dict[str, str]
LONGEST_KNOWN = 700
"""Characters of a known answer that go into a prompt; small models lose the thread in longer ones."""
LONGEST_ASKED = 20_000
"""Characters of what a visitor said that are looked through for facts, counted from the last one."""
NEVER = 2.0
"""A similarity no pair of questions can reach."""


@dataclass(frozen=True)
class Policy:
    """How a bot answers; chosen on validation rows and stored in the manifest."""

    retrieved: int = 1
    """How many known answers stand in the prompt."""
    hand_over: float = NEVER
    """From this similarity on the nearest known answer is given word for word."""
    guard: bool = True
    """A known answer is only given word for word when it holds no number or link that is not the visitor's or shared."""
    unsure: float = 0.0
    """Below this similarity the bot says that it is not sure."""

    def to_json(self) -> dict[str, float]:
        return asdict(self)


@dataclass(frozen=True)
class Decision:
    """What to do with a question."""

    kind: Literal["generate", "hand_over"]
    answer: str | None
    """The words to give when kind is hand_over."""
    sources: list[Hit]
    """The known answers used; the page shows them."""
    unsure: bool
    nearest: Known | None
    """The nearest known question, for the offer an unsure bot makes."""
    similarity: float


def question_of(messages: Sequence[Message]) -> str:
    """The last thing the visitor said."""
    return next((m["content"] for m in reversed(messages) if m["role"] == "user"), "")


def search_text(messages: Sequence[Message]) -> str:
    """What to search the known questions for: a very short follow-up is read together with the question before it."""
    asked = [m["content"] for m in messages if m["role"] == "user"]
    if len(asked) > 1 and len(asked[-1]) < 16:
        return f"{asked[-2]}\n{asked[-1]}"
    return asked[-1] if asked else ""


def words_asked(messages: Sequence[Message]) -> str:
    """All that the visitor said, as far back as it matters; what stands in it is theirs."""
    return "\n".join(m["content"] for m in messages if m["role"] == "user")[-LONGEST_ASKED:]


def decide(policy: Policy, messages: Sequence[Message], hits: Sequence[Hit]) -> Decision:
    """Give the nearest known answer word for word, or let the model write one, and say whether the bot is sure."""
    nearest = hits[0] if hits else None
    similarity = nearest.similarity if nearest else 0.0
    near = nearest is not None and similarity >= policy.hand_over and _may_hand_over(policy, messages, nearest)
    # Whoever asks a known question word for word gets its answer, whatever was chosen for those that are only near.
    verbatim = near or bool(nearest and nearest.same)
    return Decision(
        kind="hand_over" if verbatim else "generate",
        answer=nearest.known.answer if nearest and verbatim else None,
        sources=list(hits[:1] if verbatim else hits[: policy.retrieved]),
        unsure=similarity < policy.unsure,
        nearest=nearest.known if nearest else None,
        similarity=similarity,
    )


def _may_hand_over(policy: Policy, messages: Sequence[Message], hit: Hit) -> bool:
    """Another person's numbers must not be handed over, unless the visitor wrote them too."""
    if not policy.guard:
        return True
    asked = words_asked(messages)
    theirs = set(foreign(hit.known.question, asked))
    return not theirs.intersection(foreign(hit.known.answer, asked))


def compose(system_prompt: str, messages: Sequence[Message], hits: Sequence[Hit]) -> list[Message]:
    """The messages the model sees: system prompt, the conversation, and the known answers before the last question."""
    conversation = [dict(m) for m in messages if m["role"] != "system"]
    if hits and conversation:
        conversation[-1]["content"] = _with_known(conversation[-1]["content"], hits)
    return [{"role": "system", "content": system_prompt}, *conversation]


def _with_known(question: str, hits: Sequence[Hit]) -> str:
    known = "\n\n".join(f"Similar question: {h.known.question}\nKnown answer: {_short(h.known.answer)}" for h in hits)
    return f"{known}\n\nQuestion: {question}"


def _short(answer: str) -> str:
    """Long answers are cut between words."""
    if len(answer) <= LONGEST_KNOWN:
        return answer
    cut = answer[:LONGEST_KNOWN]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut) + " ..."
