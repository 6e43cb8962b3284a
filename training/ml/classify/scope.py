"""What a classifier knows nothing about: a label for it where the data has one, else texts far from every label."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.ml.classify.linear import Floats

NAMES = re.compile(
    r"^(oos|ood|out[ _-]?of[ _-]?(scope|domain)|none( of these)?|nothing|off[ _-]?topic|无关|范围外|无意图)$", re.I
)
FARTHEST = 0.01
"""Share of validation rows that may lie farther from every label than what counts as known."""
FEW, LEEWAY = 100, 0.5
"""With fewer validation rows than this the farthest of them may be near by luck: so many spreads more are allowed."""


@dataclass(frozen=True)
class Scope:
    """Where knowledge ends."""

    label: int | None
    """The data's own label for texts that belong nowhere."""
    doubt: float
    """With such a label: below this probability a text counts as it."""
    likeness: float
    """Without: below this likeness (cosine) to the nearest label's middle a text is out of scope."""


def label_of(names: Sequence[str]) -> int | None:
    """The label that means out of scope, if there is one."""
    return next((place for place, name in enumerate(names) if NAMES.match(name.strip())), None)


def middles(vectors: Floats, targets: Floats) -> Floats:
    """float32 [labels, width]: the unit mean vector of each label's training rows."""
    sums = targets.T @ _unit(vectors)
    return _unit(sums.astype(np.float32))


def likeness(vectors: Floats, middle: Floats) -> Floats:
    """float32 [rows]: cosine to the nearest middle."""
    found: Floats = (_unit(vectors) @ middle.T).max(axis=1).astype(np.float32)
    return found


def find(names: Sequence[str], probabilities: Floats, targets: Floats, near: Floats) -> Scope:
    """Chosen on validation rows: probabilities and targets float32 [rows, labels], near float32 [rows]."""
    label = label_of(names)
    floor = _floor(near)
    if label is None:
        return Scope(None, 0.0, round(floor, 4))
    return Scope(label, _doubt(probabilities, targets, label), -1.0)


def untried(names: Sequence[str]) -> Scope:
    """Nothing is out of scope but what is labelled so, for want of rows to choose on."""
    return Scope(label_of(names), 0.0, -1.0)


def _floor(near: Floats) -> float:
    """The likeness that nearly all validation rows have. Told by their spread: one encoder's 0.8 is another's 0.3."""
    if not len(near):
        return -1.0
    leeway = LEEWAY * float(near.std()) if len(near) < FEW else 0.0
    return float(np.quantile(near, FARTHEST)) - leeway


def _doubt(probabilities: Floats, targets: Floats, label: int) -> float:
    """The doubt with the best mean of known texts right and unknown texts found; never costing 2 % of the known."""
    truth = targets.argmax(axis=1)
    known = truth != label
    if not known.any() or known.all():
        return 0.0

    def right(doubt: float) -> tuple[float, float]:
        found = predicted(probabilities, label, doubt)
        return float((found[known] == truth[known]).mean()), float((found[~known] == label).mean())

    usual, _caught = right(0.0)
    best, score = 0.0, sum(right(0.0))
    # Up to a half: what the likeliest leaves over must be more than the likeliest itself.
    for doubt in np.arange(0.1, 0.5, 0.025):
        accuracy, caught = right(float(doubt))
        if accuracy >= usual - 0.01 and accuracy + caught > score:
            best, score = float(doubt), accuracy + caught
    return round(best, 3)


def settled(probabilities: Floats, scope: Scope) -> Floats:
    """float32 [rows, labels]: where all labels are doubtful, the one for out of scope gets what the likeliest leaves over.

    Without that a text would be called out of scope with the few per cent that so rare a label has.
    """
    label = scope.label
    if label is None:
        return probabilities
    said = predicted(probabilities, label, scope.doubt)
    rows = np.flatnonzero((said == label) & (probabilities.argmax(axis=1) != label))
    if not len(rows):
        return probabilities
    found = probabilities.copy()
    over = 1 - found[rows].max(axis=1)
    found[rows] *= ((1 - over) / np.maximum(1 - found[rows, label], 1e-9))[:, None]
    found[rows, label] = over
    return found


def predicted(probabilities: Floats, label: int | None, doubt: float) -> NDArray[np.intp]:
    """The likeliest label of each row, or the one for out of scope where the likeliest is too doubtful."""
    found: NDArray[np.intp] = probabilities.argmax(axis=1)
    if label is None or doubt <= 0:
        return found
    unsure = (probabilities.max(axis=1) < doubt) & (probabilities[:, label] > 1.0 / (2 * probabilities.shape[1]))
    said: NDArray[np.intp] = np.where(unsure, label, found)
    return said


def _unit(vectors: Floats) -> Floats:
    found: Floats = (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)).astype(np.float32)
    return found
