"""Guesses which column plays which role, from what people call things and from what stands in the cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from projects.formats import Column


class RoleLike(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def synonyms(self) -> tuple[str, ...]: ...
    @property
    def required(self) -> bool: ...


@dataclass
class Guess:
    """A column for a role (None where nothing fits), how sure, and why: a code with facts."""

    column: str | None
    confidence: float = 0.0
    reason: str = "nothing_fits"
    facts: dict[str, Any] = field(default_factory=dict)


def guess(
    columns: Sequence[Column], sample: Sequence[Sequence[str | None]], roles: Sequence[RoleLike]
) -> Mapping[str, Guess]:
    """The best column for each role; no column is used twice."""
    raise NotImplementedError
