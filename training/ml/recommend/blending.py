"""Weights of a blend, learned on held-out choices: the chance of what was taken among everything. No torch here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from training.ml.recommend.linear import Dense

TOP, OTHERS = 100, 300
DECAY = 1e-2
FOLDS = 4


@dataclass(frozen=True)
class Candidates:
    """Candidates of every person, one below the other."""

    features: NDArray[np.float32]
    """Candidates × members."""
    chance: NDArray[np.float64]
    """Log of how many other items a candidate drawn by chance stands for."""
    taken: NDArray[np.float64]
    """Share of what the person took; sums to 1 for each person."""
    owner: NDArray[np.int64]
    """Whose candidate it is; rising."""

    def of(self, people: NDArray[np.int64]) -> Candidates:
        kept = np.isin(self.owner, people)
        return Candidates(self.features[kept], self.chance[kept], self.taken[kept], self.owner[kept])


def gathered(parts: Sequence[Candidates]) -> Candidates:
    """Several people's candidates together."""
    return Candidates(
        np.concatenate([part.features for part in parts]),
        np.concatenate([part.chance for part in parts]),
        np.concatenate([part.taken for part in parts]),
        np.concatenate([part.owner for part in parts]),
    )


def learn(choices: Candidates, people: NDArray[np.int64]) -> Dense:
    """One weight of 0 or more for each member, from the choices of some people: a conditional logit, by L-BFGS-B."""
    some = choices.of(people)
    if not len(some.owner):
        return np.full(choices.features.shape[1], 0.1, dtype=np.float32)
    table = some.features.astype(np.float64)
    starts = np.flatnonzero(np.r_[True, some.owner[1:] != some.owner[:-1]])
    owner = np.cumsum(np.r_[False, some.owner[1:] != some.owner[:-1]])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = table @ weights
        raised = scores + some.chance
        highest = np.maximum.reduceat(raised, starts)
        odds = np.exp(raised - highest[owner])
        total = np.add.reduceat(odds, starts)
        value = (np.log(total) + highest).sum() - (some.taken * scores).sum()
        slope = table.T @ (odds / total[owner] - some.taken)
        return value / len(starts) + DECAY * (weights**2).sum(), slope / len(starts) + 2 * DECAY * weights

    start = np.full(table.shape[1], 0.1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(start))
    return np.where(found.x < 1e-4, 0, found.x).astype(np.float32)


def candidates(
    members: Sequence[Dense], taken: NDArray[np.bool_], free: NDArray[np.bool_], first: int = 0
) -> Candidates:  # fmt: skip
    """What each member puts on top, what was taken, and some others by chance that stand for the rest.

    members: people × items each; taken: what is to be found; free: which items may be shown; first: the first one's number.
    """
    parts = [_candidates(members, taken[row] & free[row], free[row], row, first + row) for row in range(len(taken))]
    return gathered([part for part in parts if part is not None] or [_none(len(members))])


def _none(members: int) -> Candidates:
    nothing = np.zeros(0)
    return Candidates(np.zeros((0, members), dtype=np.float32), nothing, nothing, np.zeros(0, dtype=np.int64))


def _candidates(
    members: Sequence[Dense], taken: NDArray[np.bool_], free: NDArray[np.bool_], row: int, owner: int
) -> Candidates | None:  # fmt: skip
    truth = np.flatnonzero(taken)
    if not len(truth):
        return None
    near = _near(members, free, row, truth)
    rest = free.copy()
    rest[near] = False
    others = np.flatnonzero(rest)
    drawn = np.random.default_rng(owner).choice(others, min(OTHERS, len(others)), replace=False)
    found = np.r_[near, drawn]
    odds = np.log(max(len(others), 1) / max(len(drawn), 1))
    return Candidates(
        np.stack([member[row, found] for member in members], axis=-1).astype(np.float32),
        np.r_[np.zeros(len(near)), np.full(len(drawn), odds)],
        np.isin(found, truth) / len(truth),
        np.full(len(found), owner, dtype=np.int64),
    )


def _near(members: Sequence[Dense], free: NDArray[np.bool_], row: int, truth: NDArray[np.int64]) -> NDArray[np.int64]:
    found = set(truth.tolist())
    for member in members:
        scores = np.where(free, member[row], -np.inf)
        count = min(TOP, len(scores))
        found.update(np.argpartition(-scores, count - 1)[:count].tolist())
    kept = np.array(sorted(found), dtype=np.int64)
    return kept[free[kept]]


def folds(people: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """People to learn from and people to judge on, several times."""
    drawn = np.random.default_rng(0).permutation(people)
    parts = np.array_split(drawn, min(FOLDS, people))
    return [(np.sort(np.setdiff1d(drawn, part)), np.sort(part)) for part in parts if len(part) < people]
