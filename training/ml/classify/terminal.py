"""A classifier at a terminal: what its presets need to know of the data, and the label of one text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from training.ml.classify.answering import answer
from training.ml.classify.loading import load
from training.ml.classify.rows import read
from training.ml.config import DataFacts
from training.ml.measure import text_facts


def measure(data: Path) -> DataFacts:
    rows = read(data / "train.jsonl")
    labels = {label for row in rows for label in row.labels}
    return text_facts(data, [(row.text, "") for row in rows], len(labels))


def say(model: Path, base: Path, embedder: Path, text: str) -> Iterator[str]:
    [found] = answer(load(model, base), [text])
    for label, score in found.scores.items():
        yield f"{score:.3f}  {label}\n"
