"""What goes over the wire: requests read with care, answers and errors in OpenAI's shapes."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from training.ml.prompts import Message

ROLES = frozenset({"system", "developer", "user", "assistant"})
MOST_MESSAGES = 200
MOST_CHARACTERS = 200_000
MOST_INPUTS = 2048


class Refused(Exception):
    """A request that cannot be answered: HTTP status, a sentence, OpenAI's type and code."""

    def __init__(self, status: int, message: str, code: str, param: str | None = None, retry_after: int = 0) -> None:
        super().__init__(message)
        self.status, self.code, self.param, self.retry_after = status, code, param, retry_after

    def body(self) -> dict[str, object]:
        kinds = {401: "authentication_error", 429: "rate_limit_error", 404: "not_found_error"}
        kind = kinds.get(self.status, "invalid_request_error" if self.status < 500 else "server_error")
        return {"error": {"message": str(self), "type": kind, "param": self.param, "code": self.code}}


def bad(message: str, param: str | None = None) -> Refused:
    return Refused(400, message, "invalid_value", param)


@dataclass(frozen=True)
class ChatRequest:
    """One chat completion, checked."""

    model: str
    messages: list[Message]
    stream: bool = False
    include_usage: bool = False
    max_tokens: int | None = None
    temperature: float = 0.0
    top_p: float = 1.0
    stop: tuple[str, ...] = ()
    seed: int | None = None
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    client: str = ""
    """Whose turn it is counted as; places are given round by round among clients."""


def chat_request(data: object, client: str) -> ChatRequest:
    if not isinstance(data, dict):
        raise bad("The body must be a JSON object.")
    options = data.get("stream_options")
    stop = data.get("stop") or ()
    stop = (stop,) if isinstance(stop, str) else tuple(stop) if isinstance(stop, list) else ()
    if len(stop) > 4 or not all(isinstance(word, str) for word in stop):
        raise bad("'stop' takes up to four texts.", "stop")
    if data.get("n") not in (None, 1):
        raise bad("Only one answer a request is given, so 'n' must be 1.", "n")
    wanted = "max_completion_tokens" if data.get("max_completion_tokens") is not None else "max_tokens"
    return ChatRequest(
        model=_text(data, "model"),
        messages=_messages(data.get("messages")),
        stream=bool(data.get("stream")),
        include_usage=bool(isinstance(options, dict) and options.get("include_usage")),
        max_tokens=_whole(data, wanted, 1, 32_768),
        temperature=_number(data, "temperature", 0.0, 2.0, 0.0),
        top_p=_number(data, "top_p", 0.0, 1.0, 1.0),
        stop=stop,
        seed=_whole(data, "seed", -(2**63), 2**63 - 1),
        presence_penalty=_number(data, "presence_penalty", -2.0, 2.0, 0.0),
        frequency_penalty=_number(data, "frequency_penalty", -2.0, 2.0, 0.0),
        client=str(data.get("user") or client)[:200],
    )


def _text(data: Mapping[str, object], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value:
        raise bad(f"'{name}' must be a text.", name)
    return value


def _number(data: Mapping[str, object], name: str, low: float, high: float, default: float) -> float:
    value = data.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise bad(f"'{name}' must be a number from {low:g} to {high:g}.", name)
    return float(value)


def _whole(data: Mapping[str, object], name: str, low: int, high: int) -> int | None:
    value = data.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise bad(f"'{name}' must be a whole number from {low} to {high}.", name)
    return value


def _messages(value: object) -> list[Message]:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_MESSAGES:
        raise bad(f"'messages' must be a list of 1 to {MOST_MESSAGES} messages.", "messages")
    found = [_message(one) for one in value]
    if sum(len(one["content"]) for one in found) > MOST_CHARACTERS:
        raise Refused(400, "The conversation is too long.", "context_length_exceeded", "messages")
    return found


def _message(value: object) -> Message:
    if not isinstance(value, dict) or value.get("role") not in ROLES:
        raise bad("Each message needs a 'role' (system, user or assistant) and a 'content'.", "messages")
    content = value.get("content")
    if isinstance(content, list):  # parts; only text ones mean something to a language model
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    if not isinstance(content, str):
        raise bad("The 'content' of a message must be a text.", "messages")
    return {"role": "system" if value["role"] == "developer" else str(value["role"]), "content": content}


def inputs(value: object) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not 0 < len(texts) <= MOST_INPUTS or not all(isinstance(t, str) for t in texts):
        raise bad(f"'input' must be a text or a list of 1 to {MOST_INPUTS} texts.", "input")
    return texts


@dataclass
class Usage:
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def body(self) -> dict[str, int]:
        total = self.prompt_tokens + self.completion_tokens
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": total,
        }


@dataclass
class Reply:
    """The frame around one answer: the same id, time and model in every chunk."""

    model: str
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, text: str, finish: str, usage: Usage) -> dict[str, object]:
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
        return self._frame("chat.completion", [choice]) | {"usage": usage.body()}

    def chunk(self, delta: dict[str, str], finish: str | None = None) -> dict[str, object]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return self._frame("chat.completion.chunk", [choice])

    def usage_chunk(self, usage: Usage) -> dict[str, object]:
        return self._frame("chat.completion.chunk", []) | {"usage": usage.body()}

    def _frame(self, kind: str, choices: Sequence[Mapping[str, object]]) -> dict[str, object]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model, "choices": choices}


def event(data: Mapping[str, object]) -> bytes:
    """One server-sent event."""
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


END = b"data: [DONE]\n\n"
PING = b": ping\n\n"


def text_of(data: Mapping[str, object], name: str) -> str:
    """A text that has to be there."""
    value = data.get(name)
    if not isinstance(value, str) or not value:
        raise bad(f"'{name}' must be a text.", name)
    return value
