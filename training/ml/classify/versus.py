"""Two classifiers on the same texts: how many they get right, and how well they know each label."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from training.ml import exact
from training.ml.classify import metrics
from training.ml.classify.report import Report, Tested
from training.ml.classify.rows import read as read_rows
from training.ml.classify.verdict import word_of
from training.ml.stored import Stored, read
from training.ml.versus import Measured


def rows(report: Stored) -> Sequence[Tested]:
    return Report.from_json(report).rows


def key(row: Tested) -> str:
    """The text alone: what a version said of it is held against the label that it has by now."""
    return exact.normal(row.text)


def answer(row: Tested, system: str) -> list[str] | None:
    return row.predicted if system == "tuned" else row.systems.get(system)


def asked(stored: object) -> list[str]:
    return read(list[str], stored)


def without_meaning(answer: list[str]) -> list[str]:
    return answer


def measure(pairs: Sequence[tuple[Tested, list[str], list[str]]]) -> Measured:
    """As a classifier is held against the simpler ways: over all texts and over all labels."""
    sets = [[set(row.truth), set(ours), set(theirs)] for row, ours, theirs in pairs]
    names = sorted(set().union(*(labels for row in sets for labels in row)))
    truth, ours, theirs = (
        np.array([[name in row[side] for name in names] for row in sets], dtype=bool) for side in range(3)
    )
    measures = {"accuracy": metrics.accuracy, "macro_f1": metrics.macro_f1}
    differences = {
        name: metrics.difference(measured(truth, ours), measured(truth, theirs)) for name, measured in measures.items()
    }
    right = [float((truth == given).all(axis=1).mean()) for given in (ours, theirs)]
    return Measured(word_of(metrics.intervals(differences, len(pairs))), right[0], right[1])


def learned(data: Path) -> Callable[[Tested], bool]:
    """Every text of its data: those it was trained on, and those that it got to know after its report."""
    texts = {
        exact.number(exact.normal(row.text))
        for part in ("train", "validation", "test")
        for row in read_rows(data / f"{part}.jsonl")
    }
    return lambda row: exact.number(exact.normal(row.text)) in texts
