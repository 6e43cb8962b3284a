"""Items that nobody took yet: which ones are withheld to test on, and how their scores stand beside those of others.

A fifth of the catalogue is never a target of the adapter, and a twelfth more is withheld for choosing. No torch here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.ml.recommend.blend import Blend
from training.ml.recommend.building import Task, task
from training.ml.recommend.linear import Dense
from training.ml.recommend.log import Data, Log
from training.ml.recommend.scoring import Batch, Tables

TEST, TUNING = 0.2, 0.08
FEWEST = 20


@dataclass(frozen=True)
class Withheld:
    """Items by mask: for the test, and for choosing weights."""

    test: NDArray[np.bool_]
    tuning: NDArray[np.bool_]

    @property
    def any(self) -> NDArray[np.bool_]:
        return self.test | self.tuning


def withheld(items: int) -> Withheld:
    """Always the same items of a catalogue."""
    order = np.random.default_rng(42).permutation(items)
    first, second = round(items * TEST), round(items * (TEST + TUNING))
    test, tuning = np.zeros(items, dtype=bool), np.zeros(items, dtype=bool)
    test[order[:first]], tuning[order[first:second]] = True, True
    return Withheld(test, tuning)


@dataclass(frozen=True)
class Newcomers:
    """A log without some items, and people who took such items later."""

    before: Log
    task: Task
    allowed: NDArray[np.bool_]


def newcomers(
    before: Log, after: Log, data: Data, items: NDArray[np.bool_], most: int | None = None
) -> Newcomers | None:  # fmt: skip
    """The items as if they came after the log; None when hardly anybody took one of them."""
    hidden = withheld(len(data.items)).any | items
    known, later = before.part(~hidden[before.item]), after.part(items[after.item])
    found = task(known, later, len(data.items), most)
    return Newcomers(known, found, items) if len(found.truth) >= FEWEST else None


def calibration(tables: Tables, blend: Blend, new: Blend, batch: Batch) -> list[float]:
    """Slope and offset that bring a new item's score to the scale of the others: least squares over known items."""
    known = np.flatnonzero(~tables.cold)
    ours, theirs = [], []
    for i in range(len(batch)):
        one = batch.part([i])
        ours.append(new.scores(tables, one)[0, known])
        theirs.append(blend.scores(tables, one)[0, known])
    x, y = np.concatenate(ours), np.concatenate(theirs)
    spread = float(x.var())
    slope = max(0.0, float(((x - x.mean()) * (y - y.mean())).mean()) / spread) if spread else 0.0
    return [round(slope, 6), round(float(y.mean() - slope * x.mean()), 6)]


def with_new(scores: Dense, new: Dense, cold: NDArray[np.bool_], line: Sequence[float]) -> Dense:
    """Scores in which the items that nobody took stand by their text."""
    return np.where(cold, line[0] * new + line[1], scores)
