"""Which labels are taken for which: the table of the labels, the pairs that are mixed up most, the matrix."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import number_format

from training.families.classify.report.comparing import of_100
from training.ml.classify.report import Report

WIDEST = 12
"""Labels that a whole matrix has room for."""
CROSSED = 20
"""Labels in the matrix of the most confused ones."""
PAIRS = 12
SHADES = 4


@dataclass(frozen=True)
class Cell:
    """How many texts of one label got another, and how strongly the cell is tinted (0 to SHADES)."""

    truth: str
    predicted: str
    count: int
    shade: int

    @property
    def right(self) -> bool:
        return self.truth == self.predicted


@dataclass(frozen=True)
class Confusion:
    """The matrix as far as it is shown, and the pairs that are mixed up most."""

    labels: list[str]
    lines: list[tuple[str, list[Cell]]]
    pairs: list[Cell]
    partial: bool
    total: int


def per_class(report: Report) -> list[dict[str, object]]:
    """The labels, those it knows worst first."""
    found = sorted(report.per_class, key=lambda one: (one.support == 0, one.f1, one.label))
    return [
        {
            "label": one.label,
            "found": of_100(one.recall) if one.support else "–",
            "held": of_100(one.precision),
            "f1": of_100(one.f1) if one.support else "–",
            "bar": one.f1,
            "support": number_format(one.support),
            "few": one.support < 5,
        }
        for one in found
    ]


def confusion(report: Report) -> Confusion | None:
    matrix, labels = report.confusion, report.labels
    if not matrix:
        return None
    pairs = [
        _cell(matrix, labels, i, j) for i, line in enumerate(matrix) for j, count in enumerate(line) if i != j and count
    ]
    pairs.sort(key=lambda cell: (-cell.count, -cell.shade, cell.truth, cell.predicted))
    shown = list(range(len(labels))) if len(labels) <= WIDEST else _most_confused(matrix)
    return Confusion(
        labels=[labels[place] for place in shown],
        lines=[(labels[i], [_cell(matrix, labels, i, j) for j in shown]) for i in shown],
        pairs=pairs[:PAIRS],
        partial=len(shown) < len(labels),
        total=len(labels),
    )


def _cell(matrix: list[list[int]], labels: list[str], i: int, j: int) -> Cell:
    count, total = matrix[i][j], sum(matrix[i])
    shade = max(1, round(SHADES * count / total)) if count and total else 0
    return Cell(labels[i], labels[j], count, shade)


def _most_confused(matrix: list[list[int]]) -> list[int]:
    """The labels with most mistakes either way, in their own order."""
    size = len(matrix)
    wrong = {p: sum(matrix[p]) + sum(matrix[q][p] for q in range(size)) - 2 * matrix[p][p] for p in range(size)}
    return sorted(sorted(wrong, key=lambda place: -wrong[place])[:CROSSED])
