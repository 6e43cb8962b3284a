"""How sure it must be before nobody looks: how many texts that leaves, and how many of those are right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.ml.classify.linear import Floats
from training.ml.classify.report import Covered

HALF = 0.5
"""The recommended threshold leaves out texts until half of the errors are gone."""
LEAST_COVERED = 0.5
HARDLY_WRONG, ENOUGH = 0.99, 20
"""Where so many of at least so many rows are right (up to 99 rows: all) there are no errors to leave out."""
EVEN = 0.5
"""Where there are none, what is likelier wrong than right still goes to a person, as far as that costs no row its answer."""
UNTRIED = 0.5
"""What is recommended where nothing could be tried."""
STEPS = np.round(np.arange(0.0, 1.0, 0.025), 3)


def sure_and_right(probabilities: Floats, targets: Floats, multi: bool) -> tuple[Floats, NDArray[np.bool_]]:
    """How likely each row's answer is, and whether it is right: float32 [rows] and bool [rows]."""
    if not multi:
        right = targets[np.arange(len(targets)), probabilities.argmax(axis=1)] > 0
        return probabilities.max(axis=1), right
    given = sets(probabilities)
    return sure_of_set(probabilities, given), (given == (targets > 0)).all(axis=1)


def sets(probabilities: Floats) -> NDArray[np.bool_]:
    """bool [rows, labels]: every label that is likelier than not, at least the likeliest."""
    given = np.asarray(probabilities >= 0.5)
    given[np.arange(len(given)), probabilities.argmax(axis=1)] = True
    return given


def sure_of_set(probabilities: Floats, given: NDArray[np.bool_]) -> Floats:
    """float32 [rows]: the least certain of its yes and no answers says how certain all of them are."""
    sure: Floats = np.where(given, probabilities, 1 - probabilities).min(axis=1).astype(np.float32)
    return sure


def curve(sure: Floats, right: NDArray[np.bool_], refused: NDArray[np.bool_] | None = None) -> list[Covered]:
    """At each threshold: the share of texts it is sure of, and the share of those that are right (None for none).

    REFUSED, bool [texts], are called none of the labels, however sure it is.
    """
    points = []
    for threshold in STEPS:
        kept = sure >= threshold if refused is None else (sure >= threshold) & ~refused
        accuracy = round(float(right[kept].mean()), 4) if kept.any() else None
        points.append(Covered(float(threshold), round(float(kept.mean()), 4), accuracy))
    return points


def recommended(
    probabilities: Floats, targets: Floats, multi: bool, known: NDArray[np.bool_] | bool = True
) -> float:  # fmt: skip
    """The lowest threshold above which at most half as many answers are wrong, while half of the texts stay.

    KNOWN, bool [rows], says whether TARGETS, float32 [rows, labels], hold all labels of a row.
    """
    sure, right = sure_and_right(probabilities, targets, multi)
    right = right & known
    if len(right) >= ENOUGH and right.mean() >= HARDLY_WRONG:
        return _free(sure)
    wanted = 1 - (1 - float(right.mean())) * HALF
    best = 0.0
    for point in curve(sure, right):
        if point.coverage < LEAST_COVERED or point.accuracy is None:
            break
        best = point.threshold
        # Few rows can be right by luck; what it believes of itself is the second witness.
        if min(point.accuracy, float(sure[sure >= best].mean())) >= wanted:
            break
    return best


def _free(sure: Floats) -> float:
    """The highest threshold up to an even chance that leaves all of these rows answered."""
    return float(max(step for step in STEPS if step == 0 or (step <= EVEN and (sure >= step).all())))
