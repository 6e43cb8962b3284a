"""Scores of an answer against the reference, and intervals around their means. Needs numpy, not torch."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

WORD = re.compile(r"[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]|\w+", re.UNICODE)
DRAWS = 2000
FEWEST_PAIRS = 6
"""From so many pairs on a difference can be told at all: five that all point one way do so by chance once in sixteen times."""
MANY = 30
Z = 1.959964


@dataclass(frozen=True)
class Interval:
    """A mean with the interval that holds it in 95 of 100 redrawn samples."""

    mean: float
    low: float
    high: float
    rows: int


def words(text: str) -> list[str]:
    """Words in small letters; Chinese, Japanese and Korean count by character."""
    return WORD.findall(text.lower())


def token_f1(answer: str, reference: str) -> float:
    """Harmonic mean of how many words of each text stand in the other."""
    given, wanted = words(answer), words(reference)
    common = sum((Counter(given) & Counter(wanted)).values())
    if not common:
        return float(given == wanted)
    precision, recall = common / len(given), common / len(wanted)
    return 2 * precision * recall / (precision + recall)


def interval(values: Sequence[float], seed: int = 0) -> Interval:
    """Bootstrap interval of the mean. Of paired differences it tells whether they can be told from nothing."""
    found = np.asarray(values, dtype=np.float64)
    if not len(found):
        return Interval(0.0, 0.0, 0.0, 0)
    draws = np.random.default_rng(seed).integers(0, len(found), size=(DRAWS, len(found)))
    means = found[draws].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(round(float(found.mean()), 4), round(float(low), 4), round(float(high), 4), len(found))


def wilson(mean: float, rows: int) -> tuple[float, float]:
    """The interval of a share that was MEAN on so many rows (Wilson 1927): 30 of 30 may still be 89 of 100."""
    if rows < 1:
        return 0.0, 1.0
    middle, wide = mean + Z * Z / (2 * rows), Z * ((mean * (1 - mean) + Z * Z / (4 * rows)) / rows) ** 0.5
    scale = 1 + Z * Z / rows
    return round(max(0.0, (middle - wide) / scale), 4), round(min(1.0, (middle + wide) / scale), 4)


def share(values: Sequence[float]) -> Interval:
    """How many of the rows are so, of which each is 0 or 1."""
    mean = sum(values) / len(values) if len(values) else 0.0
    return Interval(round(mean, 4), *wilson(mean, len(values)), len(values))


def bounded(values: Sequence[float], seed: int = 0) -> Interval:
    """Of figures between 0 and 1; where all are one of the two, redrawing them would claim to know it for certain."""
    ends = len(values) > 0 and (all(value <= 0 for value in values) or all(value >= 1 for value in values))
    return share(values) if ends else interval(values, seed)


def paired(differences: Sequence[float], seed: int = 0) -> Interval:
    """The mean difference on the same rows; of few rows Student's interval, of fewer than six nothing can be told."""
    rows = len(differences)
    if rows >= MANY:
        return interval(differences, seed)
    values = np.asarray(differences, dtype=np.float64)
    mean = round(float(values.mean()), 4) if rows else 0.0
    if rows < FEWEST_PAIRS:
        return Interval(mean, -1.0, 1.0, rows)
    from scipy.special import stdtrit

    wide = float(stdtrit(rows - 1, 0.975)) * float(values.std(ddof=1)) / rows**0.5
    return Interval(mean, round(mean - wide, 4), round(mean + wide, 4), rows)


def word(difference: Interval) -> str:
    """better, worse or same, and unknown where there are too few rows to tell; a difference counts when 0 is left out."""
    if difference.rows < FEWEST_PAIRS:
        return "unknown"
    return "better" if difference.low > 0 else "worse" if difference.high < 0 else "same"
