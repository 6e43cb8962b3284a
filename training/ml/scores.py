"""Scores of an answer against the reference, and intervals around their means. Needs numpy, not torch."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

WORD = re.compile(r"[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]|\w+", re.UNICODE)
DRAWS = 2000


@dataclass(frozen=True)
class Interval:
    """A mean with the interval that holds it in 95 of 100 redrawn samples."""

    mean: float
    low: float
    high: float
    rows: int

    def as_dict(self) -> dict[str, float | int]:
        return {"mean": self.mean, "low": self.low, "high": self.high, "rows": self.rows}


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
