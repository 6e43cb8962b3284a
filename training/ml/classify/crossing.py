"""What the simple methods say of rows that they did not learn from: each row is left out once (cross-validation)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from training.ml.classify import linear, words
from training.ml.classify.linear import Floats

FOLDS = 5
MOST_CROSSED = 3000
"""Rows up to which everything simple is learned several times over."""


def crossed(
    texts: Sequence[str],
    targets: Floats,
    multi: bool,
    features: Mapping[str, tuple[Floats, float]],
    fold: NDArray[np.intp],
) -> dict[str, Floats] | None:
    """float32 [rows, labels] by each method; FEATURES are scaled vectors and the strength of the regression on them.

    FOLD, int [rows], says with which others a row is left out. None where a single label would stay.
    """
    if any(int((targets[fold != part].sum(axis=0) > 0).sum()) < 2 for part in range(FOLDS)):
        return None
    found = {name: np.zeros_like(targets) for name in ("tfidf", *features)}
    for part in range(FOLDS):
        rest, out = np.flatnonzero(fold != part), np.flatnonzero(fold == part)
        if not len(out):
            continue
        counted = words.fit([texts[int(i)] for i in rest], targets[rest], multi)
        found["tfidf"][out] = counted.probabilities([texts[int(i)] for i in out])
        for name, (vectors, strength) in features.items():
            learned = linear.fit(vectors[rest], targets[rest], multi, strength)
            found[name][out] = learned.probabilities(vectors[out])
    return found


def folds(targets: Floats, seed: int) -> NDArray[np.intp]:
    """int [rows]: in which part a row is left out; the rows of a label are spread over the parts."""
    order = np.random.default_rng(seed).permutation(len(targets))
    order = order[np.argsort(targets[order].argmax(axis=1), kind="stable")]
    found = np.zeros(len(targets), dtype=np.intp)
    found[order] = np.arange(len(targets)) % FOLDS
    return found


def label_folds(targets: Floats, seed: int) -> NDArray[np.intp]:
    """int [rows]: the same, but rows of one label are left out together, with those of some others."""
    labels = targets.shape[1]
    group = np.empty(labels, dtype=np.intp)
    group[np.random.default_rng(seed).permutation(labels)] = np.arange(labels) % FOLDS
    found: NDArray[np.intp] = group[targets.argmax(axis=1)]
    return found
