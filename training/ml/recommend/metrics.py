"""How good a list of ten is, for each person, and intervals over people. No torch here.

ndcg@10: gains of 1 for taken items, discounted by log2(place + 1), over the best possible list (Järvelin, Kekäläinen 2002).
recall@10: hits over all that was taken. hit@10: whether there is a hit. coverage: share of the catalogue shown to anybody.
novelty: mean of -log2(share of people who took the item) over the items shown (Vargas, Castells 2011).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.ml.scores import DRAWS, Interval, bounded, interval, paired, share

K = 10
METRICS = ("ndcg@10", "recall@10", "hit@10", "coverage", "novelty")
PAIRED = METRICS[:3]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """A system's lists, judged: one value for each person."""

    shown: list[list[int]]
    values: dict[str, Floats]
    coverage: float

    def scores(self, seed: int) -> dict[str, Interval]:
        found = {
            metric: share(values.tolist()) if metric == "hit@10"
            else interval(values.tolist(), seed) if metric == "novelty"
            else bounded(values.tolist(), seed)
            for metric, values in self.values.items()
        }  # fmt: skip
        covered = round(self.coverage, 4)
        return found | {"coverage": Interval(covered, covered, covered, len(self.shown))}


def top(scores: NDArray[np.floating], k: int = K) -> list[list[int]]:
    """The k best columns of each row, best first, ties by position; -inf is never shown."""
    width = min(k, scores.shape[1])
    borders = -np.partition(-scores, width - 1, axis=1)[:, width - 1]
    found = []
    for row, border in zip(scores, borders, strict=True):
        near = np.flatnonzero((row >= border) & np.isfinite(row))
        found.append(near[np.argsort(-row[near], kind="stable")][:width].tolist())
    return found


def judge(
    shown: Sequence[Sequence[int]], taken: Sequence[frozenset[int]], popularity: Floats, people: int
) -> Judged:  # fmt: skip
    """Lists against what was taken. popularity: how many people took each item, of so many people."""
    discounts = 1 / np.log2(np.arange(2, K + 2))
    surprise = -np.log2(np.maximum(popularity, 1) / max(people, 1))
    values: dict[str, list[float]] = {"ndcg@10": [], "recall@10": [], "hit@10": [], "novelty": []}
    for row, truth in zip(shown, taken, strict=True):
        hits = np.array([item in truth for item in row[:K]], dtype=bool)
        gain = float(discounts[: len(hits)][hits].sum())
        values["ndcg@10"].append(gain / float(discounts[: min(K, len(truth))].sum()) if truth else 0.0)
        values["recall@10"].append(float(hits.sum()) / max(len(truth), 1))
        values["hit@10"].append(float(hits.any()))
        values["novelty"].append(float(surprise[list(row[:K])].mean()) if len(row) else 0.0)
    seen = {item for row in shown for item in row[:K]}
    return Judged(
        [list(row[:K]) for row in shown],
        {k: np.array(v) for k, v in values.items()},
        len(seen) / max(len(popularity), 1),
    )


def differences(ours: Judged, other: Judged, seed: int) -> dict[str, Interval]:
    """Paired differences, ours minus the other's, person by person."""
    return {metric: paired((ours.values[metric] - other.values[metric]).tolist(), seed) for metric in PAIRED}


def ratios(ours: Judged, other: Judged, seed: int) -> dict[str, Interval]:
    """Our mean over the other's, with the interval over people redrawn in pairs."""
    return {metric: ratio(ours.values[metric], other.values[metric], seed) for metric in PAIRED}


def ratio(ours: Floats, other: Floats, seed: int) -> Interval:
    """The ratio of two means over the same rows, with its 95 % bootstrap interval; 0 when there is nothing to divide by."""
    if not len(ours) or not other.sum():
        return Interval(0.0, 0.0, 0.0, len(ours))
    draws = np.random.default_rng(seed).integers(0, len(ours), size=(DRAWS, len(ours)))
    below = other[draws].sum(axis=1)
    found = ours[draws].sum(axis=1) / np.where(below > 0, below, np.nan)
    low, high = np.nanpercentile(found, [2.5, 97.5])
    return Interval(round(float(ours.sum() / other.sum()), 4), round(float(low), 4), round(float(high), 4), len(ours))


def best_of(judged: Mapping[str, Judged], metric: str = "ndcg@10") -> str:
    """The system with the best mean; the first of equals."""
    return max(judged, key=lambda name: float(judged[name].values[metric].mean()))
