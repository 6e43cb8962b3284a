"""Accuracy, macro-F1, calibration, and intervals around them by drawing the test rows anew (Efron 1979)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from training.ml.classify.report import Bin, PerClass
from training.ml.scores import Interval, wilson

DRAWS = 1000
BINS = 10
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]
Doubles = NDArray[np.float64]
Measure = Callable[[Ints], float]
"""A figure of the rows at these places."""


def accuracy(truth: Bools, given: Bools) -> Measure:
    """Share of rows whose labels are given exactly; both bool [rows, labels]."""
    right = (truth == given).all(axis=1).astype(np.float64)
    return lambda rows: float(right[rows].mean())


def macro_f1(truth: Bools, given: Bools) -> Measure:
    """Mean over the labels that occur in the truth of the harmonic mean of precision and recall."""
    both, said, wanted = (part.astype(np.float64) for part in (truth & given, given, truth))

    def measure(rows: Ints) -> float:
        counts = np.bincount(rows, minlength=len(truth)).astype(np.float64)
        hits, given_count, true_count = counts @ both, counts @ said, counts @ wanted
        there = true_count > 0
        return float((2 * hits[there] / np.maximum(given_count[there] + true_count[there], 1e-9)).mean())

    return measure


def calibration_error(sure: Doubles, right: Bools) -> Measure:
    """Expected calibration error over ten bins of equal width (Naeini et al. 2015)."""
    places = np.minimum((sure * BINS).astype(int), BINS - 1)
    gap = sure - right.astype(np.float64)

    def measure(rows: Ints) -> float:
        sums = np.bincount(places[rows], weights=gap[rows], minlength=BINS)
        return float(np.abs(sums).sum() / len(rows))

    return measure


def reliability(sure: Doubles, right: Bools) -> list[Bin]:
    """For each bin of certainty: how many rows, how sure it was in the mean, how many of them are right."""
    places = np.minimum((sure * BINS).astype(int), BINS - 1)
    found = []
    for place in range(BINS):
        inside = places == place
        if inside.any():
            found.append(
                Bin(
                    low=place / BINS,
                    high=(place + 1) / BINS,
                    count=int(inside.sum()),
                    confidence=round(float(sure[inside].mean()), 4),
                    accuracy=round(float(right[inside].mean()), 4),
                )
            )
    return found


def per_class(names: tuple[str, ...], truth: Bools, given: Bools) -> list[PerClass]:
    """Precision, recall and F1 of every label, float 0 to 1, with how many rows truly have it."""
    found = []
    for place, name in enumerate(names):
        hits = int((truth[:, place] & given[:, place]).sum())
        said, wanted = int(given[:, place].sum()), int(truth[:, place].sum())
        found.append(
            PerClass(
                label=name,
                precision=round(hits / said, 4) if said else 0.0,
                recall=round(hits / wanted, 4) if wanted else 0.0,
                f1=round(2 * hits / (said + wanted), 4) if said + wanted else 0.0,
                support=wanted,
            )
        )
    return found


def intervals(measures: dict[str, Measure], rows: int, seed: int = 0) -> dict[str, Interval]:
    """Each figure with its 95 % interval; all on the same draws, so that differences of them are paired."""
    everything = np.arange(rows)
    draws = np.random.default_rng(seed).integers(0, rows, size=(DRAWS, rows))
    found = {}
    for name, measure in measures.items():
        low, high = np.percentile([measure(draw) for draw in draws], [2.5, 97.5])
        mean = measure(everything)
        if low == high == mean and mean in (0.0, 1.0):  # redrawing what is all alike would claim to know it for certain
            low, high = wilson(mean, rows)
        found[name] = Interval(round(mean, 4), round(float(low), 4), round(float(high), 4), rows)
    return found


def difference(ours: Measure, theirs: Measure) -> Measure:
    """Ours less theirs on the same rows."""
    return lambda rows: ours(rows) - theirs(rows)
