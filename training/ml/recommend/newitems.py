"""Items that nobody took yet: which ones are withheld from the adapter, and a log as if they came later. No torch here.

A fifth of the catalogue is never a target of the adapter, so that new items can be tested; a twentieth more is withheld
for choosing how sentences are searched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.ml.recommend.blend import Blend
from training.ml.recommend.choosing import Task, quality, task
from training.ml.recommend.linear import Dense
from training.ml.recommend.log import Data, Log
from training.ml.recommend.scoring import Batch, Tables

TEST, TUNING = 0.2, 0.05
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


SHARES = (0.0, 0.1, 0.25, 0.5, 1.0)


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


def with_new(tables: Tables, blend: Blend, batch: Batch, share: float) -> Dense:
    """People × items, by the blend and, for items that nobody took, by their text."""
    return tables.with_new(blend.scores(tables, batch), batch, share)


def choose_share(
    found: Newcomers | None, tables: Callable[[Log], Tables], blend: Blend
) -> tuple[float, dict[str, float]]:
    """How much nearness to the history counts for new items, on items that were withheld for such choices."""
    if found is None:
        return 0.0, {}
    built = tables(found.before)
    scores = blend.scores(built, found.task.batch)
    tried = {
        share: round(
            float(quality(built.with_new(scores, found.task.batch, share), found.task, found.allowed).mean()), 4
        )
        for share in SHARES
    }
    return max(tried, key=tried.__getitem__), {f"{share:g}": value for share, value in tried.items()}
