"""The published blend: which members count how much for a person, for new items, and for a sentence. No torch here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.ml.recommend.blending import Candidates, candidates, folds, gathered, learn
from training.ml.recommend.choosing import Task, quality
from training.ml.recommend.linear import Dense
from training.ml.recommend.scoring import Batch, Member, Tables, Yardstick, both, seen

MOST_CELLS = 2_000_000
"""People × items worked on at once."""


@dataclass(frozen=True)
class Blend:
    """Members with two weights each: of the measured score, and of its root."""

    members: list[Member]
    weights: list[list[float]]

    def scores(self, tables: Tables, batch: Batch) -> Dense:
        """People × items."""
        return self.scored(tables, batch)[0]

    def scored(self, tables: Tables, batch: Batch) -> tuple[Dense, list[Yardstick]]:
        """People × items, and what each used member was measured by."""
        taken = seen(batch, tables.items)
        total = np.zeros((len(batch), tables.items), dtype=np.float32)
        sticks = []
        for member, (plain, root) in self.used():
            scores = tables.scores(member, batch)
            sticks.append(Yardstick.of(scores, taken))
            first, second = both(sticks[-1].measure(scores))
            total += plain * first + root * second
        return total, sticks

    def used(self) -> list[tuple[Member, list[float]]]:
        """Members with a weight."""
        return [(member, weight) for member, weight in zip(self.members, self.weights, strict=True) if any(weight)]

    def shares(self) -> dict[str, float]:
        """How much each member counts, summing to 1."""
        total = sum(sum(weight) for weight in self.weights) or 1.0
        return {member.name: round(sum(weight) / total, 4) for member, weight in self.used()}

    @classmethod
    def of(cls, member: Member) -> Blend:
        """One member alone."""
        return cls([member], [[1.0, 0.0]])


def usual() -> Blend:
    """For data with hardly anything to learn weights from."""
    members = [Member("ease", "ease"), Member("itemknn", "itemknn"), Member("tfidf", "words", 10.0)]
    return Blend([*members, Member("popularity", "popularity")], [[0.3, 0.3], [0.2, 0.2], [0.1, 0.2], [0.0, 0.3]])


@dataclass(frozen=True)
class Learned:
    """A blend with what it reached on people it was not learned from."""

    blend: Blend
    values: NDArray[np.float64]
    """ndcg@10 of each person, by a blend learned from the others."""
    alone: list[float]
    """Mean ndcg@10 of each member by itself, in the order of the blend's members."""

    @property
    def better(self) -> Blend:
        """The blend, or its best member where the blend of others' weights is worse than that."""
        best = max(range(len(self.alone)), key=self.alone.__getitem__)
        whole = float(self.values.mean()) >= self.alone[best]
        return self.blend if whole else Blend.of(self.blend.members[best])

    @property
    def reached(self) -> float:
        """What the better of both reached on people it was not learned from."""
        return max(float(self.values.mean()), *self.alone)


def features(tables: Tables, members: Sequence[Member], batch: Batch) -> list[Dense]:
    """Two measured scores of each member: people × items each."""
    taken = seen(batch, tables.items)
    found: list[Dense] = []
    for member in members:
        scores = tables.scores(member, batch)
        found += both(Yardstick.of(scores, taken).measure(scores))
    return found


def learn_blend(tables: Tables, members: Sequence[Member], task: Task) -> Learned:
    """Weights from all people, and by folds what such weights are worth on others; some people at a time."""
    people = len(task.truth)
    portions = [_portion(tables, members, task, rows) for rows in _rows(people, tables.items)]
    choices = gathered(portions)
    values, alone = np.zeros(people), np.zeros((len(members), people))
    learned = [(learn(choices, rest), part) for rest, part in folds(people)]
    for rows in _rows(people, tables.items):
        asked = task.part(rows)
        found = features(tables, members, asked.batch)
        for weights, part in learned:
            values[np.intersect1d(rows, part)] = quality(_sum(found, weights), asked)[np.isin(rows, part)]
        for place, scores in enumerate(found[::2]):  # as it is; the root of its size changes no order
            alone[place, rows] = quality(scores, asked)
    weights = learn(choices, np.arange(people))
    pairs = [[float(a), float(b)] for a, b in zip(weights[::2], weights[1::2], strict=True)]
    return Learned(Blend(list(members), pairs), values, alone.mean(axis=1).tolist())


def _rows(people: int, items: int) -> list[NDArray[np.int64]]:
    size = max(1, MOST_CELLS // items)
    return [np.arange(start, min(start + size, people)) for start in range(0, people, size)]


def _portion(tables: Tables, members: Sequence[Member], task: Task, rows: NDArray[np.int64]) -> Candidates:
    asked = task.part(rows)
    found = features(tables, members, asked.batch)
    return candidates(found, asked.taken(tables.items), ~seen(asked.batch, tables.items), int(rows[0]))


def _sum(found: Sequence[Dense], weights: Dense) -> Dense:
    total = np.zeros(found[0].shape, dtype=np.float32)
    for one, weight in zip(found, weights, strict=True):
        if weight:
            total += weight * one
    return total
