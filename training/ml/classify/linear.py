"""Logistic regression on features, kept as plain arrays: no pickles, and nothing but numpy to answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import expit, softmax
from sklearn.linear_model import LogisticRegression

Floats = NDArray[np.float32]
TINY = 1e-7


@dataclass(frozen=True)
class Linear:
    """weights float32 [labels, features], bias float32 [labels]."""

    weights: Floats
    bias: Floats
    multi: bool

    def probabilities(self, features: csr_matrix | Floats) -> Floats:
        """float32 [rows, labels]; rows sum to 1 unless a text may have several labels."""
        scores = np.asarray(features @ self.weights.T + self.bias, dtype=np.float64)
        found: Floats = (expit(scores) if self.multi else softmax(scores, axis=1)).astype(np.float32)
        return found


def fit(features: csr_matrix | Floats, targets: Floats, multi: bool, strength: float) -> Linear:
    """Logistic regression with inverse regularisation STRENGTH (scikit-learn's C)."""
    if multi:
        parts = [_one(features, targets[:, place], strength) for place in range(targets.shape[1])]
        return Linear(np.vstack([w for w, _b in parts]), np.array([b for _w, b in parts], dtype=np.float32), True)
    model = LogisticRegression(C=strength, max_iter=300, tol=1e-3).fit(features, targets.argmax(axis=1))
    weights, bias = _spread(model, targets.shape[1])
    return Linear(weights, bias, False)


def _spread(model: LogisticRegression, count: int) -> tuple[Floats, Floats]:
    """The weights at each label's own place; a label without a row keeps a score that never wins."""
    weights = np.zeros((count, model.coef_.shape[1]), dtype=np.float32)
    bias = np.full(count, -30.0, dtype=np.float32)
    if len(model.classes_) == 2:  # scikit-learn keeps one row for two classes
        first, second = model.classes_
        weights[first], weights[second] = -model.coef_[0] / 2, model.coef_[0] / 2
        bias[first], bias[second] = -model.intercept_[0] / 2, model.intercept_[0] / 2
        return weights, bias
    weights[model.classes_], bias[model.classes_] = model.coef_, model.intercept_
    return weights, bias


def _one(features: csr_matrix | Floats, wanted: Floats, strength: float) -> tuple[Floats, float]:
    if wanted.min() == wanted.max():
        return np.zeros(features.shape[1], dtype=np.float32), 30.0 if wanted[0] else -30.0
    model = LogisticRegression(C=strength, max_iter=300, class_weight="balanced").fit(features, wanted)
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])


def logs(probabilities: Floats) -> Floats:
    """Natural logarithms, with a floor so that nothing is impossible."""
    found: Floats = np.log(np.clip(probabilities, TINY, 1.0)).astype(np.float32)
    return found
