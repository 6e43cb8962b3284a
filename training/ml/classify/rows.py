"""Labelled rows of a dataset folder, and their labels as numbers."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.ml.classify.aside import KEPT_BACK, put_aside
from training.ml.errors import OneLabel, TooLittleData

Floats = NDArray[np.float32]
FEWEST = 8


@dataclass(frozen=True)
class Row:
    """A text with its labels; one, unless the data gives several."""

    id: str
    number: int
    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Labels:
    """The labels by number, and whether a text may have several."""

    names: tuple[str, ...]
    multi: bool

    @property
    def count(self) -> int:
        return len(self.names)

    def targets(self, rows: Sequence[Row]) -> Floats:
        """float32 [rows, labels], 1 where the label is given; a label that is not known leaves a row of zeros."""
        places = {name: place for place, name in enumerate(self.names)}
        found = np.zeros((len(rows), self.count), dtype=np.float32)
        for i, row in enumerate(rows):
            for label in row.labels:
                if label in places:
                    found[i, places[label]] = 1.0
        return found

    def known(self, rows: Sequence[Row]) -> NDArray[np.bool_]:
        """bool [rows]: whether all labels of a row are known; where one is not, no answer is wholly right."""
        return np.array([set(row.labels) <= set(self.names) for row in rows], dtype=bool)


@dataclass(frozen=True)
class Parts:
    """What is learned from, and what the choices are made on."""

    train: list[Row]
    validation: list[Row]
    """The training rows themselves where there are too few to put any aside."""
    labels: Labels
    aside: int = 0
    """Of the validation rows: how many of the data's training rows they are."""

    @property
    def judged(self) -> bool:
        """Whether choices can be made on rows that were not learned from."""
        return self.validation is not self.train


def read(file: Path) -> list[Row]:
    """The rows of a part that have a text and a label."""
    rows: list[Row] = []
    if not file.exists():
        return rows
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            values = json.loads(line)
            labels = tuple(str(label) for label in values.get("labels", ()) if str(label).strip())
            row = Row(str(values["id"]), int(values.get("row", len(rows))), str(values["text"]), labels)
            if row.text.strip() and row.labels:
                rows.append(row)
    return rows


def parts(data: Path, seed: int = 0) -> Parts:
    """Training and validation rows; raises TooLittleData or OneLabel when nothing can be learned from them."""
    train, validation = read(data / "train.jsonl"), read(data / "validation.jsonl")
    if len(train) < FEWEST:
        raise TooLittleData(found=len(train), needed=FEWEST)
    counts = Counter(label for row in train for label in row.labels)
    if len(counts) < 2:
        raise OneLabel(label=next(iter(counts), ""), count=len(train))
    validation = [row for row in validation if any(label in counts for label in row.labels)]
    multi = any(len(row.labels) > 1 for row in [*train, *validation])
    more: list[Row] = []
    if put_aside(len(train), len(validation)):
        train, more = kept_back(train, seed)
        validation = validation + more
    return Parts(train, validation or train, Labels(tuple(sorted(counts)), multi), len(more))


def kept_back(rows: Sequence[Row], seed: int) -> tuple[list[Row], list[Row]]:
    """A part of every label's rows put aside; the last two of any label stay for learning."""
    chance = random.Random(f"{seed}/kept")
    order = list(range(len(rows)))
    chance.shuffle(order)
    left = Counter(label for row in rows for label in row.labels)
    aside: set[int] = set()
    for i in order:
        if len(aside) >= KEPT_BACK * len(rows):
            break
        if all(left[label] > 2 for label in rows[i].labels):
            left.subtract(rows[i].labels)
            aside.add(i)
    return [row for i, row in enumerate(rows) if i not in aside], [rows[i] for i in sorted(aside)]
