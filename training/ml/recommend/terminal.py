"""A recommender at a terminal: what its presets need to know of the data, and what it picks for one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from training.ml.config import DataFacts
from training.ml.recommend.answering import answer
from training.ml.recommend.loading import load
from training.ml.recommend.log import read_data

CHARACTERS = 40.0
"""Of a title, about."""


def measure(data: Path) -> DataFacts:
    read = read_data(data)
    return DataFacts(rows=len(read.log), question_characters=CHARACTERS, people=len(read.people), items=len(read.items))


def say(model: Path, base: Path, embedder: Path, text: str) -> Iterator[str]:
    for pick in answer(load(model, base), query=text):
        yield f"{pick.score:.3f}  {pick.item}\n"
