"""Which texts belong to none of the labels, where there are too few rows to tell it by those that were put aside.

Told by how near a text is to the nearest known ones, and by how sure the untrained pool is of any label. Learned from the
training rows alone: each of them left out once is a text that belongs here. Texts that do not are made in two ways: each
row once more with all rows of its own label and some others left out, and everyday sentences about everything
(Hendrycks et al. 2019, arXiv 1812.04606).

The rows of a small file are often variants of each other, and then whatever people really write is far from all of them. So
a text must be doubtful as well: a label that is surer than for nearly all texts that belong nowhere is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from training.ml.classify.learner import Scale
from training.ml.classify.linear import Floats

FILE = "beyond.npz"
MOST_ROWS = 1000
"""With more rows there are enough put aside to see how far from every label the known texts lie."""
FEWEST_LABELS = 5
"""With fewer labels a text without its own is still about the same thing: a good review is no news to bad ones."""
NEAREST = 3
WRONGLY = 0.05
"""At most this share of the texts that belong here may be sent away."""
ALIKE = 0.01
"""Of limits that differ by less (Matthews' correlation) the strictest is taken."""
SUREST = 1e-4
CERTAIN = 0.9
"""Where there are labels enough, what is surer than this is called quite sure of a label, so not none of them."""
DOUBTED = 0.9
"""Share of the texts that belong nowhere of which the pool is less sure than what is never sent away."""
Signs = NDArray[np.float64]


@dataclass(frozen=True)
class Known:
    """Texts as an untouched encoder sees them, float32 [texts, width]."""

    vectors: Floats
    scale: Scale

    def nearness(self, vectors: Floats, without: NDArray[np.bool_] | None = None) -> list[Floats]:
        """float32 [texts] twice: how like the nearest of these others are. Plain and with each place of the vectors counting alike.

        WITHOUT, bool [texts, known], leaves some out. Reviews are told from other texts by the first, requests by the second.
        """
        pairs = ((vectors, self.vectors), (self.scale(vectors), self.scale(self.vectors)))
        return [nearness(one, known, without) for one, known in pairs]


@dataclass(frozen=True)
class Beyond:
    """The known texts, and what counts for belonging nowhere."""

    known: dict[str, Known]
    """By encoder."""
    weights: Signs
    """[1 + 2 encoders + 1]: of nothing, of both kinds of nearness by each encoder, of how sure the pool is. Above 0 it belongs nowhere."""
    certain: float = 1.0
    """From this probability on a text has its label, however far it is; 1 in models made before that was asked."""

    def far(self, vectors: Mapping[str, Floats], sure: Floats, said: Floats | None = None) -> NDArray[np.bool_]:
        """bool [texts]: VECTORS are each encoder's, SURE float32 [texts] the pool's highest probabilities.

        SAID: those of what answers, where that is not the pool.
        """
        near = [one for name, known in self.known.items() for one in known.nearness(vectors[name])]
        doubtful = (sure if said is None else said) < self.certain
        return np.asarray((signs(near, sure) @ self.weights > 0) & doubtful)

    def save(self, folder: Path) -> None:
        arrays: dict[str, Any] = {"weights": self.weights, "certain": np.array(self.certain)}
        for name, one in self.known.items():
            arrays |= {f"known_{name}": one.vectors.astype(np.float16)}
            arrays |= {f"mean_{name}": one.scale.mean, f"width_{name}": one.scale.width}
        np.savez(folder / FILE, **arrays)


def load(folder: Path) -> Beyond | None:
    """As it was saved; None for models of many rows, and of version 0.1."""
    if not (folder / FILE).exists():
        return None
    with np.load(folder / FILE, allow_pickle=False) as found:
        names = [name.removeprefix("known_") for name in found.files if name.startswith("known_")]
        known = {
            name: Known(found[f"known_{name}"].astype(np.float32), Scale(found[f"mean_{name}"], found[f"width_{name}"]))
            for name in names
        }
        return Beyond(known, found["weights"], float(found["certain"]) if "certain" in found else 1.0)


def learn(
    known: Mapping[str, Known],
    outside: Mapping[str, Floats],
    sure: Floats,
    sure_outside: Floats,
    apart: tuple[NDArray[np.intp], Floats] | None,
) -> Beyond | None:
    """KNOWN: all rows, OUTSIDE: the vectors of everyday sentences, both by encoder. SURE: the pool's highest probability

    of each row left out; APART: the groups of labels, and the same with a row's whole group left out. None where all
    everyday sentences are like the rows and no label can be left out.
    """
    itself = np.eye(len(sure), dtype=bool)
    near = [sign for one in known.values() for sign in one.nearness(one.vectors, itself)]
    away = [sign for name, one in known.items() for sign in one.nearness(outside[name])]
    # Whoever sorts texts about the weather knows such sentences.
    strange = away[0] < np.median(near[0])
    here, parts = signs(near, sure), []
    if strange.any():
        parts.append(signs([one[strange] for one in away], sure_outside[strange]))
    if apart is not None:
        group, sure_apart = apart
        same = group[:, None] == group[None, :]
        parts.append(signs([sign for one in known.values() for sign in one.nearness(one.vectors, same)], sure_apart))
    if not parts:
        return None
    every = np.vstack([here, *parts])
    nowhere = np.arange(len(every)) >= len(here)
    counts = np.concatenate([np.full(len(part), 1 / len(part)) for part in (here, *parts)])
    counts[nowhere] /= len(parts)
    middle, width = every[:, 1:].mean(axis=0), every[:, 1:].std(axis=0) + 1e-9
    model = LogisticRegression().fit((every[:, 1:] - middle) / width, nowhere, sample_weight=counts * len(here))
    slopes = model.coef_[0] / width
    raw = every[:, 1:] @ slopes
    doubts = [sure_outside] if apart is None else [sure_outside, apart[1]]
    # Of few labels one is soon sure, of whatever it is; there only the sentences themselves say how sure is too sure.
    certain = min(max(float(np.quantile(one, DOUBTED)) for one in doubts), 1.0 if apart is None else CERTAIN)
    return Beyond(dict(known), np.array([-_limit(raw, nowhere, counts), *slopes]), certain)


def _limit(scores: Signs, nowhere: NDArray[np.bool_], counts: Signs) -> float:
    """The score above which a text belongs nowhere; COUNTS of those that do and of those that do not sum to 1 each."""
    tried = []
    for share in np.linspace(0.005, WRONGLY, 19):
        limit = float(np.quantile(scores[~nowhere], 1 - share))
        sent = scores > limit
        wrongly, rightly = (float(counts[which & sent].sum()) for which in (~nowhere, nowhere))
        spread = np.sqrt(max((rightly + wrongly) * (2 - rightly - wrongly), 1e-9))
        tried.append(((rightly - wrongly) / spread, limit))
    best = max(quality for quality, _limit in tried)
    return min(limit for quality, limit in tried if quality >= best - ALIKE)


def signs(near: Sequence[Floats], sure: Floats) -> Signs:
    """float64 [texts, 1 + 2 encoders + 1]: one, nearness by each encoder, and the odds of the likeliest label."""
    clipped = np.clip(sure.astype(np.float64), SUREST, 1 - SUREST)
    found: Signs = np.column_stack([np.ones(len(sure)), *near, np.log(clipped / (1 - clipped))]).astype(np.float64)
    return found


def nearness(vectors: Floats, known: Floats, without: NDArray[np.bool_] | None = None) -> Floats:
    """float32 [texts]: mean cosine to the nearest known texts; WITHOUT, bool [texts, known], leaves some out."""
    likeness = unit(vectors) @ unit(known).T
    if without is not None:
        likeness = np.where(without, -1.0, likeness)
    count = min(NEAREST, likeness.shape[1])
    found: Floats = np.partition(likeness, -count, axis=1)[:, -count:].mean(axis=1).astype(np.float32)
    return found


def unit(vectors: Floats) -> Floats:
    """Each row at length 1."""
    found: Floats = (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)).astype(np.float32)
    return found
