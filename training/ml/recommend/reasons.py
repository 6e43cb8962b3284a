"""Why an item is shown: what in the history it would score less without. No torch here.

The items of the history are taken away one at a time and the shown items are scored again with the same yardsticks; the
reason is the item without which the score falls furthest, and only if it falls clearly.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.ml.recommend.blend import Blend
from training.ml.recommend.linear import Dense, decay
from training.ml.recommend.scoring import Batch, Member, Tables, Yardstick, both, of_history, seen

CLEAR = 0.02
CANDIDATES = 3


def drops(tables: Tables, blend: Blend, history: Sequence[int], shown: Sequence[int]) -> Dense:
    """By how much each shown item falls without each item of the history: history × shown."""
    whole = of_history(history)
    taken = seen(whole, tables.items)
    place = np.asarray(shown, dtype=np.int64)
    found = np.zeros((len(history), len(place)), dtype=np.float32)
    for member, (plain, root) in blend.used():
        if member.source in ("popularity", "recent"):
            continue
        stick = Yardstick.of(tables.scores(member, whole), taken)
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
    tables: Tables, blend: Blend, history: Sequence[int], shown: Sequence[int]
) -> list[list[int]]:  # fmt: skip
    """For each shown item up to two items of the history that it owes its place to, the strongest first.

    A second look scores the whole catalogue without each candidate; only those stay without which the item falls there too.
    """
    found = drops(tables, blend, history, shown)
    near = [[int(i) for i in np.argsort(-column)[:CANDIDATES] if column[i] > CLEAR] for column in found.T]
    asked = sorted({i for some in near for i in some})
    if not asked:
        return [[] for _ in shown]
    place = list(shown)
    whole = blend.scores(tables, of_history(history))[0, place]
    rest = [of_history([item for n, item in enumerate(history) if n != i]) for i in asked]
    without = blend.scores(tables, Batch([one.histories[0] for one in rest], [one.ages[0] for one in rest]))[:, place]
    named = []
    for column, some in enumerate(near):
        true = [i for i in some if without[asked.index(i), column] < whole[column]]
        kept = [i for i in true if found[i, column] > found[true[0], column] / 2][:2]
        named.append([history[i] for i in kept])
    return named
