"""Asking a classifier for the labels of texts that another version was measured on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from training.ml.classify.answering import answer
from training.ml.classify.loading import load
from training.ml.classify.report import Tested
from training.ml.classify.rows import read
from training.ml.classify.versus import key
from training.ml.versus import MOST_RECALLED, Rival
from training.ml.watching import Watcher


def ask(
    model: Path,
    data: Path,
    embedder: Path,
    rows: Sequence[Tested],
    rival: Rival,
    watcher: Watcher | None = None,
) -> dict[str, list[str]]:
    """The labels that RIVAL gives to the texts of these rows of a report."""
    methods = load(rival.model, rival.base).methods
    given = methods.decide(methods.probabilities(rival.answers_with, [row.text for row in rows]))
    names = methods.labels.names
    return {key(row): [names[place] for place in places] for row, places in zip(rows, given, strict=True)}


def recall(data: Path, settled: Callable[[str], bool], version: Rival, watcher: Watcher | None = None) -> list[bool]:
    """Whether VERSION gives the labels of each row of DATA whose text is SETTLED, with what it has got to know."""
    rows = [row for row in read(data / "train.jsonl") if settled(row.text)][:MOST_RECALLED]
    said = answer(load(version.model, version.base), [row.text for row in rows], answers_with=version.answers_with)
    return [set(one.labels) == set(row.labels) for one, row in zip(said, rows, strict=True)]
