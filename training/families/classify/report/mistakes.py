"""The texts of the test themselves: the most confident mistakes, and the rows behind a cell of the matrix."""

from __future__ import annotations

from dataclasses import dataclass, field

from training.families.classify.report.certainty import percent
from training.ml.classify.report import Report, Tested

SHOWN = 20
FIRST = 5


@dataclass
class Seen:
    """One held-out text with what it should be and what was said. The page adds what a person made of it."""

    id: str
    number: int
    text: str
    truth: list[str]
    predicted: list[str]
    sure: str
    right: bool
    choices: list[str] = field(default_factory=list)  # likely labels, to be offered first
    relabelled: list[str] | None = None

    @property
    def proposed(self) -> list[str]:
        """What is chosen already when somebody wants to relabel it."""
        return self.relabelled or self.predicted


def row_of(report: Report, example: str) -> Seen | None:
    return next((_seen(row) for row in report.rows if row.id == example), None)


def confident_mistakes(report: Report) -> list[Seen]:
    """Where it was most sure and wrong: often the label in the data is the mistake."""
    wrong = [row for row in report.rows if set(row.truth) != set(row.predicted)]
    wrong.sort(key=lambda row: (-row.confidence, row.row))
    return [_seen(row) for row in wrong[:SHOWN]]


def behind(report: Report, truth: str, predicted: str) -> list[Seen]:
    """The rows of one cell, those it was most sure of first."""
    found = [row for row in report.rows if truth in row.truth and predicted in row.predicted]
    return [_seen(row) for row in sorted(found, key=lambda row: (-row.confidence, row.row))]


def _seen(row: Tested) -> Seen:
    return Seen(
        id=row.id,
        number=row.row,
        text=row.text,
        truth=row.truth,
        predicted=row.predicted,
        sure=percent(row.confidence),
        right=set(row.truth) == set(row.predicted),
        choices=[name for name, _share in row.top],
    )
