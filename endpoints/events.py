"""What an answer is made of, behind socket, page, widget and API; and what a question carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Rules = dict[str, Any]
"""What the owner lets a recommender show; training/ml/recommend/rules.py reads it."""
Drawn = dict[str, Any]
"""What a chat window draws: a label or cards."""


@dataclass(frozen=True)
class Sources:
    """The known answers behind an answer."""

    items: list[dict[str, str]]


@dataclass(frozen=True)
class Result:
    """An answer that is more than text: a label with its reasons, or cards. The pieces say the same in words."""

    kind: str  # label or cards
    data: dict[str, object]

    def as_dict(self) -> dict[str, object]:
        return {"kind": self.kind, **self.data}


@dataclass(frozen=True)
class Piece:
    text: str
    offset: int  # how many characters of the answer stood before it


@dataclass(frozen=True)
class Usage:
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True)
class Done:
    state: str
    usage: Usage = Usage()
    confidence: float | None = None
    cut: bool = False  # the answer ended because it may not be longer
    instructed: bool = False  # a model wrote it and read the caller's own instruction


Event = Sources | Result | Piece | Done


@dataclass(frozen=True)
class Knowing:
    """What answers: a model folder of some family, and which of its ways to answer."""

    family: str
    model: str  # the name under which the engine serves it
    folder: Path
    base: str
    answers_with: str
    model_id: int
    use_case: str = ""


@dataclass(frozen=True)
class Request:
    """One question with the conversation before it."""

    knowing: Knowing
    messages: Sequence[dict[str, str]]
    language: str = ""
    contact: str = ""
    threshold: float = 0.0
    options: dict[str, Any] = field(default_factory=dict)  # for the engine: limits, and "user", whose turn it is
    rules: Rules = field(default_factory=dict)  # of the owner: what may be shown
    project: int = 0  # whose corrections hold; none for a version that is only tried out
    sources_shown: bool = True  # whether whoever asks sees the known answers beside the text
    instruction: str = ""  # of the calling program, besides the assistant's own
    results: Sequence[Drawn] = ()  # labels and cards of the answers before, oldest first
