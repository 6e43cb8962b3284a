"""Two chat models on the same questions: words and meaning of their answers, then facts of another case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from training.ml import exact
from training.ml.chat.report import SYSTEMS, Report, Tested
from training.ml.scores import paired, word
from training.ml.stored import Stored, read
from training.ml.versus import Measured


@dataclass(frozen=True)
class Worth:
    """What an answer is worth, as it was measured."""

    token_f1: float
    foreign: list[str]
    similarity: float | None = None
    """None where another encoder measured it."""


def rows(report: Stored) -> Sequence[Tested]:
    return Report.from_json(report).rows


def key(row: Tested) -> str:
    """The number of a row is that of its question and answer."""
    return row.id


def answer(row: Tested, system: str) -> Worth | None:
    if system not in SYSTEMS:
        return None
    scored = row.scored(system)
    return Worth(scored.token_f1, scored.foreign, scored.similarity)


def asked(stored: object) -> Worth:
    return read(Worth, stored)


def without_meaning(answer: Worth) -> Worth:
    return replace(answer, similarity=None)


def measure(pairs: Sequence[tuple[Tested, Worth, Worth]]) -> Measured:
    """What the answers are worth decides, and where that is level, whether they hold facts of another case."""
    worth = word(paired([_gain(ours, theirs) for _row, ours, theirs in pairs]))
    foreign = word(paired([bool(theirs.foreign) - bool(ours.foreign) for _row, ours, theirs in pairs]))
    ours, theirs = (sum(one.token_f1 for one in side) / len(pairs) for side in list(zip(*pairs, strict=True))[1:])
    return Measured(foreign if worth == "same" else worth, ours, theirs)


def learned(data: Path) -> Callable[[Tested], bool]:
    """Every question of its data: those it was trained on, and those that it got to know after its report."""
    from training.ml.chat.rows import read_rows

    asked = {
        exact.number(exact.normal(row.question))
        for part in ("train", "validation", "test")
        for row in read_rows(data / f"{part}.jsonl")
    }
    return lambda row: exact.number(exact.normal(row.question)) in asked


def _gain(ours: Worth, theirs: Worth) -> float:
    """The mean of words and meaning; of words alone where the meaning was not measured by one encoder."""
    words = ours.token_f1 - theirs.token_f1
    if ours.similarity is None or theirs.similarity is None:
        return words
    return (words + ours.similarity - theirs.similarity) / 2
