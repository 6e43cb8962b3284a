"""A chat completion as programs ask for it: what is understood, what is lowered and told, and what is refused by name.

Clients of this trade send more than an assistant can do. Nothing of that is dropped without a word: a field that would
change the answer is honoured or refused with its name; one that is merely passed over is named in `warnings`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Annotated, Literal

from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field

from endpoints.api_errors import Refusal
from endpoints.bodies import MOST_WARNINGS, passed_over

MOST_MESSAGES = 200
"""Of a longer conversation the last ones are used: a page that sends its whole history must not stop working."""
LONGEST_TEXT = 100_000
"""Characters of conversation that are used, the newest first."""
LONGEST_INSTRUCTION = 8_000
MOST_TOKENS = 4_096
LEAST_TOP_P = 0.01
"""OpenAI allows 0, which means the likeliest word; an engine needs a share above 0."""
TEXT_PARTS = frozenset({"text", "input_text", "output_text"})
Given = dict[str, object]
"""What a program sent, by the names of the interface."""


def _bounded(value: object) -> object:
    """A number of tokens above ours is lowered, not refused: the caller asked for at most that many."""
    return MOST_TOKENS if _above(value) else value


def _above(value: object) -> bool:
    """Programs write a number of tokens as 100000, 1e5 and 100000.0 alike."""
    return isinstance(value, int | float) and value > MOST_TOKENS


def or_default(default: object) -> BeforeValidator:
    """Null means: not given."""
    return BeforeValidator(lambda value: default if value is None else value)


Tokens = Annotated[Annotated[int, Field(ge=1, le=MOST_TOKENS)] | None, BeforeValidator(_bounded)]
Flag = Annotated[bool, or_default(False)]


class ChatMessage(Schema):
    """One turn. Turns of tools and turns without text are passed over."""

    model_config = ConfigDict(extra="ignore")
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[str | dict[str, object]] | None = Field(None, description="Text, or parts of type text.")

    def text(self) -> str:
        """The turn's words without those of pictures and sounds, which have none."""
        if self.content is None:
            return ""
        parts = [self.content] if isinstance(self.content, str) else [_text_of(part) for part in self.content]
        return "\n".join(part for part in parts if part).replace("\x00", "")  # PostgreSQL keeps no character 0

    def foreign_part(self) -> int | None:
        """The place of the first part that is no text."""
        if not isinstance(self.content, list):
            return None
        kinds = ("text" if isinstance(part, str) else part.get("type") for part in self.content)
        return next((place for place, kind in enumerate(kinds) if kind not in TEXT_PARTS), None)


def _text_of(part: str | dict[str, object]) -> str:
    if isinstance(part, str):
        return part
    return str(part.get("text") or "") if part.get("type") in TEXT_PARTS else ""


class StreamOptions(Schema):
    model_config = ConfigDict(extra="ignore")
    include_usage: Flag = False


class Completion(Schema):
    """A question with the conversation before it. A field that is null counts as not given."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=())
    model: str = Field(description="The assistant's address, as GET /v1/models lists it.")
    messages: list[ChatMessage] = Field(
        min_length=1, description=f"The conversation, oldest first. The last {MOST_MESSAGES} messages are used."
    )
    stream: Flag = False
    stream_options: StreamOptions | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, ge=0, le=1)
    max_tokens: Tokens = None
    max_completion_tokens: Tokens = None
    presence_penalty: float | None = Field(None, ge=-2, le=2)
    frequency_penalty: float | None = Field(None, ge=-2, le=2)
    seed: int | None = Field(None, ge=-(2**63), le=2**63 - 1)
    stop: Annotated[list[str] | None, BeforeValidator(lambda stop: [stop] if isinstance(stop, str) else stop)] = Field(
        None, max_length=4
    )

    user: object = Field(None, description="Tells your customers apart: each has conversations of their own.")
    safety_identifier: object = Field(None, description="The newer name of user.")
    metadata: object = Field(None, description="A conversation_id in it tells conversations apart.")

    def speaker(self) -> list[str]:
        """What the caller says of whose conversation this is. Two customers may have asked the same until now."""
        named = self.metadata.get("conversation_id") if isinstance(self.metadata, dict) else None
        return [str(one or "")[:512] for one in (self.safety_identifier or self.user, named)]

    def options(self) -> dict[str, object]:
        """What the engine is asked for besides the text."""
        names = ("temperature", "seed", "presence_penalty", "frequency_penalty", "stop")
        given: Given = {name: getattr(self, name) for name in names}
        given["top_p"] = None if self.top_p is None else max(self.top_p, LEAST_TOP_P)
        given["max_tokens"] = self.max_completion_tokens or self.max_tokens
        return {name: value for name, value in given.items() if value not in (None, [])}


@dataclass(frozen=True)
class Asked:
    """A completion that can be answered."""

    messages: list[dict[str, str]]
    """User and assistant in turn, oldest first, the question last."""
    earlier: str = ""
    """What `comes_to` makes of all that was said before the question, also of what is too old to be read."""
    instruction: str = ""
    """What the program's own system messages say."""
    warnings: list[dict[str, str]] = field(default_factory=list)
    """What was asked for and is not done: [{"param", "message"}]."""


def understood(body: Completion, given: Given, *, from_a_page: bool) -> Asked:
    """The conversation of a request and what of it is passed over; Refusal where it cannot be answered as asked.

    `given` is the body as it was sent, in which other fields and a number that was lowered can still be seen.
    """
    _refuse_what_changes_the_answer(given)
    instruction = _instruction(body, from_a_page)
    spoken = [message for message in body.messages if message.role in {"user", "assistant"}]
    _refuse_no_question(body, spoken)
    turns = [{"role": message.role, "content": message.text()} for message in spoken]
    turns = [turn for turn in turns if turn["content"].strip()]
    messages = _newest(turns)
    return Asked(messages, comes_to(turns[:-1]), instruction, _warnings(given, dropped=len(spoken) - len(messages)))


def comes_to(turns: Iterable[dict[str, str]], before: str = "") -> str:
    """A conversation as one short text: what came before, and then turn by turn. Empty where nothing was said.

    A client may leave out the blanks around what it was sent, so they do not count."""
    for turn in turns:
        said = json.dumps([before, turn["role"], turn["content"].strip()], ensure_ascii=False)
        before = hashlib.sha256(said.encode()).hexdigest()
    return before


def _refuse_no_question(body: Completion, spoken: list[ChatMessage]) -> None:
    last = body.messages[-1]
    place = len(body.messages) - 1
    if last.role != "user":
        text = _("The last message must be a question with role “user”.")
        raise Refusal(400, "invalid_value", text, param=f"messages.{place}.role")
    part = last.foreign_part()
    if part is not None:
        text = _("This assistant reads text only; pictures, sounds and files cannot be part of a question.")
        raise Refusal(400, "unsupported_value", text, param=f"messages.{place}.content.{part}")
    if not last.text().strip():
        text = _("The last message has no text.")
        raise Refusal(400, "invalid_value", text, param=f"messages.{place}.content")
    if len(last.text()) > LONGEST_TEXT:
        text = _("The question has more than %(most)s characters.") % {"most": LONGEST_TEXT}
        raise Refusal(400, "context_length_exceeded", text, param=f"messages.{place}.content")


def _instruction(body: Completion, from_a_page: bool) -> str:
    """The program's own system messages; a page, whose visitors can write them, has none."""
    texts = [(place, message.text().strip()) for place, message in enumerate(body.messages)]
    texts = [(place, text) for place, text in texts if text and body.messages[place].role in {"system", "developer"}]
    if not texts:
        return ""
    param = f"messages.{texts[0][0]}"
    if from_a_page:
        text = _("A publishable key cannot change the instruction. Leave out messages with role “system”.")
        raise Refusal(400, "unsupported_value", text, param=param)
    whole = "\n\n".join(text for _place, text in texts)
    if len(whole) > LONGEST_INSTRUCTION:
        text = _("The instruction has more than %(most)s characters.") % {"most": LONGEST_INSTRUCTION}
        raise Refusal(400, "context_length_exceeded", text, param=param)
    return whole


def _newest(turns: list[dict[str, str]]) -> list[dict[str, str]]:
    """The last turns, as many as are read."""
    kept: list[dict[str, str]] = []
    room = LONGEST_TEXT
    for turn in reversed(turns[-MOST_MESSAGES:]):
        room -= len(turn["content"])
        if kept and room < 0:
            break
        kept.append(turn)
    return kept[::-1]


@dataclass(frozen=True)
class _Unsupported:
    """A field of OpenAI's that would change the answer and that no assistant here can do."""

    harmless: Callable[[object], bool]
    """Values that ask for what happens anyway."""
    sentence: Callable[[], str]


def _empty(value: object) -> bool:
    return value in (None, [], {}, "", False)


UNSUPPORTED = {
    "n": _Unsupported(lambda n: n in (None, 1), lambda: _("One answer a request is given, so “n” must be 1.")),
    "response_format": _Unsupported(
        lambda form: _empty(form) or (isinstance(form, dict) and form.get("type") == "text"),
        lambda: _("Answers are plain text. Leave out “response_format”, or give it the type “text”."),
    ),
    "tools": _Unsupported(_empty, lambda: _("Assistants here call no tools. Leave out “tools”.")),
    "functions": _Unsupported(_empty, lambda: _("Assistants here call no functions. Leave out “functions”.")),
    "tool_choice": _Unsupported(
        lambda choice: _empty(choice) or choice in ("none", "auto"),
        lambda: _("Assistants here call no tools. Leave out “tool_choice”."),
    ),
    "function_call": _Unsupported(
        lambda choice: _empty(choice) or choice in ("none", "auto"),
        lambda: _("Assistants here call no functions. Leave out “function_call”."),
    ),
    "logprobs": _Unsupported(_empty, lambda: _("Probabilities of words are not given. Leave out “logprobs”.")),
    "top_logprobs": _Unsupported(
        lambda most: most in (None, 0), lambda: _("Probabilities of words are not given. Leave out “top_logprobs”.")
    ),
    "logit_bias": _Unsupported(_empty, lambda: _("Words cannot be made likelier. Leave out “logit_bias”.")),
    "modalities": _Unsupported(
        lambda kinds: _empty(kinds) or kinds == ["text"], lambda: _("Answers are text. Leave out “modalities”.")
    ),
    "audio": _Unsupported(_empty, lambda: _("Answers are text, not speech. Leave out “audio”.")),
    "web_search_options": _Unsupported(
        lambda options: options is None, lambda: _("Assistants here do not search the web. Leave out this field.")
    ),
}


OFFERED = {"tools": "tool_choice", "functions": "function_call"}
"""What a program offers and an assistant may leave alone, by the field that can force it to be used."""


def _left_alone(given: Given, name: str) -> bool:
    """Whether tools are offered and none is asked for: then an answer without one is a good answer."""
    return name in OFFERED and given.get(OFFERED[name]) in (None, "auto", "none") and isinstance(given[name], list)


def _refuse_what_changes_the_answer(given: Given) -> None:
    for name, unsupported in UNSUPPORTED.items():
        if name in given and not unsupported.harmless(given[name]) and not _left_alone(given, name):
            raise Refusal(400, "unsupported_parameter", unsupported.sentence(), param=name)


def _warnings(given: Given, dropped: int) -> list[dict[str, str]]:
    warnings: list[dict[str, str]] = []
    for name in ("max_tokens", "max_completion_tokens"):
        if _above(given.get(name)):
            warnings.append({"param": name, "message": _("Lowered to %(most)s.") % {"most": MOST_TOKENS}})
    for name in OFFERED:
        if given.get(name) and _left_alone(given, name):
            text = _("Assistants here call no tools. The answer was written without them.")
            warnings.append({"param": name, "message": text})
    if dropped > 0:
        text = _("Only the newest messages with text were used.")
        warnings.append({"param": "messages", "message": text})
    warnings += passed_over(given, {*Completion.model_fields, *UNSUPPORTED})
    return warnings[:MOST_WARNINGS]
