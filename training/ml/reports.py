"""What the reports of all families have: the figures of each way to answer, which one to publish, the rows. No torch here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from training.ml.scores import Interval

Scores = dict[str, dict[str, Interval]]
"""system → metric → mean and interval."""


@dataclass(frozen=True)
class Live:
    """What the version that was live answered to rows of a report that it had never met."""

    model: int = 0
    answers_with: str = ""
    answers: dict[str, object] = field(default_factory=dict)
    """By the keys of the rows, as the family keeps an answer."""


@dataclass(frozen=True)
class Corrected:
    """What became of the rows that people had corrected and this version was trained with."""

    rows: int = 0
    right: int = 0
    """Of those: what it answers as they were corrected."""
    live: int = 0
    """The version that was live then, 0 where none was."""
    live_right: int = 0
    """What that one answers so by itself."""


class Recommending(Protocol):
    """What was judged of the figures."""

    @property
    def recommend(self) -> str:
        """Which way to answer should be published; empty in reports that say nothing of it."""


class Report(Protocol):
    """What pages ask of any family's report."""

    @property
    def scores(self) -> Mapping[str, Mapping[str, Interval]]: ...

    @property
    def verdict(self) -> Recommending: ...

    @property
    def rows(self) -> Sequence[object]:
        """The rows that it was measured on, or a part of them."""

    @property
    def live(self) -> Live | None: ...

    @property
    def corrected(self) -> Corrected | None: ...

    def to_json(self) -> dict[str, object]:
        """As it is stored."""
