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
class Choices:
    """Candidates of every person, one below the other."""

    features: NDArray[np.float64]
    """Candidates × members."""
    chance: NDArray[np.float64]
    """Log of how many other items a candidate drawn by chance stands for."""
    taken: NDArray[np.float64]
    """Share of what the person took; sums to 1 for each person."""
    starts: NDArray[np.int64]


def learn(
    members: Sequence[Dense], taken: NDArray[np.bool_], free: NDArray[np.bool_], rows: NDArray[np.int64]
) -> Dense:
    """One weight of 0 or more for each member, from some of the people.

    members: people × items each; taken: what is to be found; free: which items may be shown.
    """
    choices = _choices(members, taken, free, rows)
    people = len(choices.starts)
    owner = np.repeat(np.arange(people), np.diff(np.r_[choices.starts, len(choices.taken)]))

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = choices.features @ weights
        raised = scores + choices.chance
        highest = np.maximum.reduceat(raised, choices.starts)
        odds = np.exp(raised - highest[owner])
        total = np.add.reduceat(odds, choices.starts)
        value = (np.log(total) + highest).sum() - (choices.taken * scores).sum()
        slope = choices.features.T @ (odds / total[owner] - choices.taken)
        return value / people + DECAY * (weights**2).sum(), slope / people + 2 * DECAY * weights

    start = np.full(len(members), 0.1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(members))
    return np.where(found.x < 1e-4, 0, found.x).astype(np.float32)


def _choices(
    members: Sequence[Dense], taken: NDArray[np.bool_], free: NDArray[np.bool_], rows: NDArray[np.int64]
) -> Choices:
    """What each member puts on top, what was taken, and some others by chance that stand for the rest."""
    chance = np.random.default_rng(0)
    features, odds, shares, starts = [], [], [], [0]
    for row in rows:
        truth = np.flatnonzero(taken[row] & free[row])
        if not len(truth):
            continue
        near = _near(members, free[row], int(row), truth)
        rest = free[row].copy()
        rest[near] = False
        others = np.flatnonzero(rest)
        drawn = chance.choice(others, min(OTHERS, len(others)), replace=False)
        candidates = np.r_[near, drawn]
        features.append(np.stack([member[row, candidates] for member in members], axis=-1))
        odds.append(np.r_[np.zeros(len(near)), np.full(len(drawn), np.log(max(len(others), 1) / max(len(drawn), 1)))])
        shares.append(np.isin(candidates, truth) / len(truth))
        starts.append(starts[-1] + len(candidates))
    return Choices(
        np.concatenate(features).astype(np.float64), np.concatenate(odds), np.concatenate(shares), np.array(starts[:-1])
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
