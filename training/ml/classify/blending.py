"""Several methods' probabilities into one that says 80 % when it is right in 80 of 100 cases.

A log-linear pool (Genest and Zidek 1986) of the methods, its weights chosen on validation rows with 0 allowed; since the
weights need not sum to 1, the pool is temperature scaling (Guo et al. 2017, arXiv 1706.04599) at the same time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_softmax, logit

from training.ml.classify.linear import TINY, Floats, logs

PULL = 2.0
"""How strongly a few validation rows are kept from moving the weights away from where they start."""
START = {"lora": 0.7, "tfidf": 0.3}
DEAR = "embedding"
"""A method that takes part only where it clearly helps: it makes a second encoder read every text."""
CLEARLY = 0.99
"""Share of the surprise that must be left for that."""
NEGLIGIBLE = 0.02
CAREFUL = 0.5
"""What certainty counts where nothing could be tried: rows that were learned from make every method look sure."""


@dataclass(frozen=True)
class Blend:
    """weights by method; what is not in it takes no part."""

    weights: dict[str, float]
    multi: bool

    def __call__(self, found: Mapping[str, Floats]) -> Floats:
        """float32 [rows, labels] from each method's probabilities of the same shape."""
        total = sum(weight * _scores(found[name], self.multi) for name, weight in self.weights.items())
        scores = np.asarray(total, dtype=np.float64)
        mixed: Floats = (expit(scores) if self.multi else np.exp(log_softmax(scores, axis=1))).astype(np.float32)
        return mixed

    def shares(self) -> dict[str, float]:
        """The weights as shares of 1."""
        total = sum(self.weights.values()) or 1.0
        return {name: round(weight / total, 3) for name, weight in self.weights.items()}


def fit(found: Mapping[str, Floats], targets: Floats, multi: bool) -> Blend:
    """The weights under which the validation rows, float32 [rows, labels], are least surprising."""
    cheap, surprise = _fit({name: one for name, one in found.items() if name != DEAR}, targets, multi)
    if DEAR not in found:
        return cheap
    whole, less = _fit(found, targets, multi)
    return whole if less < CLEARLY * surprise else cheap


def untried(multi: bool) -> Blend:
    """The usual weights at half the certainty, for want of rows to choose on."""
    return Blend({name: weight * CAREFUL for name, weight in START.items()}, multi)


def _fit(found: Mapping[str, Floats], targets: Floats, multi: bool) -> tuple[Blend, float]:
    """The best weights, and the mean surprise that is left."""
    names = list(found)
    scores = np.stack([_scores(found[name], multi) for name in names]).astype(np.float64)
    start = np.array([START.get(name, 0.2) for name in names])

    def surprise(weights: NDArray[np.float64]) -> float:
        return _surprise(np.tensordot(weights, scores, axes=1), targets, multi)

    def cost(weights: NDArray[np.float64]) -> float:
        return surprise(weights) * len(targets) + PULL * float(((weights - start) ** 2).sum())

    best = minimize(cost, start, bounds=[(0.0, 3.0)] * len(names), method="L-BFGS-B").x
    kept = {name: float(weight) for name, weight in zip(names, best, strict=True) if weight > NEGLIGIBLE}
    return Blend(kept or dict(zip(names, start.tolist(), strict=True)), multi), surprise(best)


def _surprise(mixed: NDArray[np.float64], targets: Floats, multi: bool) -> float:
    """Mean negative log-likelihood of the rows."""
    if multi:
        return float(np.where(targets > 0, np.logaddexp(0, -mixed), np.logaddexp(0, mixed)).sum() / len(targets))
    return float(-(log_softmax(mixed, axis=1) * targets).sum() / len(targets))


def _scores(probabilities: Floats, multi: bool) -> Floats:
    if not multi:
        return logs(probabilities)
    found: Floats = logit(np.clip(probabilities, TINY, 1 - TINY)).astype(np.float32)
    return found
