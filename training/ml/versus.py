"""Two versions on the same rows, in pairs: rows that neither had learned. What each family says of them. No torch here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from training.ml.stored import Stored

Row = TypeVar("Row")
"""A row of the family's report."""
Answer = TypeVar("Answer")
"""What is kept of an answer to a row."""


MOST_RECALLED = 50
"""Settled rows that a version is asked, which in the slowest case it has to write answers to."""


@dataclass(frozen=True)
class Rival:
    """Another version as it lies on this machine, to be asked the rows that it has not seen."""

    model: Path
    data: Path
    """The dataset folder that it was made from."""
    base: Path
    embedder: Path
    answers_with: str


@dataclass(frozen=True)
class Measured:
    """Both versions on the same rows."""

    word: str
    """better, same or worse: this version beside the other one."""
    ours: float
    """The family's first figure, 0 to 1."""
    theirs: float


@dataclass(frozen=True)
class Comparison:
    """What the pairs say."""

    word: str
    """As measured, or unknown where too few rows are new to both."""
    ours: float
    theirs: float
    rows: int
    """Rows that neither version had learned."""
    left_out: int
    """Test rows of this version that the other one had learned or was not asked."""


class Versus(Protocol[Row, Answer]):
    """What the module `versus` of a family has."""

    def rows(self, report: Stored) -> Sequence[Row]:
        """The rows of a report as it was stored."""

    def key(self, row: Row) -> str:
        """The same for the same question with the same right answer."""

    def answer(self, row: Row, system: str) -> Answer | None:
        """What a system answered to a row, as its report keeps it; None where it keeps nothing."""

    def asked(self, stored: object) -> Answer:
        """What `ask` said of a row, as it was stored."""

    def without_meaning(self, answer: Answer) -> Answer:
        """The same without what an embedding model measured: the scales of two of them differ."""

    def measure(self, pairs: Sequence[tuple[Row, Answer, Answer]]) -> Measured:
        """This version's answer and the other one's to each row, measured in pairs."""

    def learned(self, data: Path) -> Callable[[Row], bool]:
        """Whether a version that was made from a dataset folder knows a row."""
