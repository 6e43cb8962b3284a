"""Why an item is shown: what in the history it would score less without. No torch here.

The items of the history are taken away one at a time and the shown items are scored again with the same yardsticks; the
reason is the item without which the score falls furthest, and only if it falls clearly.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.ml.recommend.blend import Blend
from training.ml.recommend.linear import Dense, decay
from training.ml.recommend.loading import Scored
from training.ml.recommend.scoring import Batch, Member, Tables, Yardstick, both, of_history

CLEAR = 0.02
CANDIDATES = 3
LOOKED_TWICE = 20_000


def drops(
    tables: Tables, blend: Blend, history: Sequence[int], shown: Sequence[int], sticks: Sequence[Yardstick]
) -> Dense:
    """By how much each shown item falls without each item of the history: history × shown."""
    place = np.asarray(shown, dtype=np.int64)
    found = np.zeros((len(history), len(place)), dtype=np.float32)
    for (member, (plain, root)), stick in zip(blend.used(), sticks, strict=True):
        if member.source in ("popularity", "recent"):
            continue
        parts = _without_each(tables, member, np.asarray(history, dtype=np.int64), place)
        before, after = both(stick.measure(parts[-1:])), both(stick.measure(parts[:-1]))
        found += plain * (before[0] - after[0]) + root * (before[1] - after[1])
    return found


def _without_each(tables: Tables, member: Member, history: np.ndarray, shown: np.ndarray) -> Dense:
    """Scores of the shown items without each item of the history, and in the last row with all: (history + 1) × shown."""
    count = len(history)
    keeps = ~np.vstack([np.eye(count, dtype=bool), np.zeros((1, count), dtype=bool)])
    if member.source == "lora":
        rows = [history[keep] for keep in keeps]
        return np.asarray(tables.placed(Batch(rows, rows)) @ tables.lora[shown].T)
    newer = keeps[:, ::-1].cumsum(axis=1)[:, ::-1] - keeps
    weights = np.where(keeps, decay(newer, member.half_life), 0)
    return np.asarray(weights.astype(np.float32) @ _speaking(tables, member, history, shown))


def _speaking(tables: Tables, member: Member, history: np.ndarray, shown: np.ndarray) -> Dense:
    """What each item of the history says for each shown item, before recency."""
    if member.source == "words":
        return np.asarray((tables.words[history] @ tables.words[shown].T).toarray())
    if member.source == "text":
        return np.asarray(tables.text[history] @ tables.text[shown].T)
    if member.source == "ridge":
        return np.asarray(tables.ridge[history] @ tables.described[shown].T)
    return np.asarray(getattr(tables, member.source)[history][:, shown].toarray())


def because(
    tables: Tables, scored: Scored, history: Sequence[int], shown: Sequence[int]
) -> list[list[int]]:  # fmt: skip
    """For each shown item up to two items of the history that it owes its place to, the strongest first.

    In a catalogue that leaves time for it a second look scores everything without each candidate; only those stay without
    which the item falls there too.
    """
    found = drops(tables, scored.blend, history, shown, scored.sticks)
    near = [[int(i) for i in np.argsort(-column)[:CANDIDATES] if column[i] > CLEAR] for column in found.T]
    if tables.items <= LOOKED_TWICE:
        near = _again(tables, scored.blend, history, shown, near, scored.own[list(shown)])
    named = []
    for column, some in enumerate(near):
        kept = [i for i in some if found[i, column] > found[some[0], column] / 2][:2]
        named.append([history[i] for i in kept])
    return named


def _again(
    tables: Tables, blend: Blend, history: Sequence[int], shown: Sequence[int], near: list[list[int]], whole: Dense
) -> list[list[int]]:
    """The candidates without which the item falls on a yardstick of its own, too."""
    asked = sorted({i for some in near for i in some})
    if not asked:
        return near
    rest = [of_history([item for n, item in enumerate(history) if n != i]) for i in asked]
    batch = Batch([one.histories[0] for one in rest], [one.ages[0] for one in rest])
    without = blend.scores(tables, batch)[:, list(shown)]
    return [[i for i in some if without[asked.index(i), column] < whole[column]] for column, some in enumerate(near)]
