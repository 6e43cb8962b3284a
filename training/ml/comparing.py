"""Two versions held against each other, row by row: rows that neither had learned. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from training.ml import families
from training.ml.scores import FEWEST_PAIRS
from training.ml.stored import Stored
from training.ml.versus import Comparison, Versus

Answers = dict[str, object]
"""Key of a row → what its family keeps of an answer to it."""


def _of(report: Stored) -> Versus[object, object]:
    """How reports of a family are compared."""
    return families.of(families.of_report(report)).versus


def keeps(report: Stored, system: str) -> bool:
    """Whether a report keeps what a system answered."""
    family = _of(report)
    return any(family.answer(row, system) is not None for row in family.rows(report)[:1])


def answers(report: Stored, system: str) -> Answers:
    """What a system answered to the rows of a report, by their keys. It was asked before it learned them."""
    family = _of(report)
    found = {family.key(row): family.answer(row, system) for row in family.rows(report)}
    return {key: answer for key, answer in found.items() if answer is not None}


def asked(report: Stored, answers: Mapping[str, object]) -> Answers:
    """What another version was asked for this report, as it was stored beside it."""
    return {key: _of(report).asked(one) for key, one in answers.items()}


def without_meaning(report: Stored, answers: Answers) -> Answers:
    """Answers to rows of a report without what another embedding model measured of them."""
    return {key: _of(report).without_meaning(one) for key, one in answers.items()}


def unseen(report: Stored, other: Stored, data: Path) -> list[object]:
    """The rows of a report that another version neither answered in its own report nor learned from its data."""
    family = _of(report)
    answered, learned = {family.key(row) for row in family.rows(other)}, family.learned(data)
    return [row for row in family.rows(report) if family.key(row) not in answered and not learned(row)]


def compare(report: Stored, system: str, theirs: Answers) -> Comparison:
    """A version's report beside another version's answers by their keys."""
    family = _of(report)
    rows, pairs = family.rows(report), []
    for row in rows:
        ours, other = family.answer(row, system), theirs.get(family.key(row))
        if ours is not None and other is not None:
            pairs.append((row, ours, other))
    left_out = len(rows) - len(pairs)
    if not pairs:
        return Comparison("unknown", 0.0, 0.0, 0, left_out)
    found = family.measure(pairs)
    word = found.word if len(pairs) >= FEWEST_PAIRS else "unknown"
    return Comparison(word, found.ours, found.theirs, len(pairs), left_out)
