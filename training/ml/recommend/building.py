"""Tables out of a log and the texts' vectors. No torch here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.ml.recommend import linear
from training.ml.recommend.linear import Dense, Table
from training.ml.recommend.log import Log
from training.ml.recommend.scoring import WEEKS, Tables

RIDGE, SPREAD = 30.0, 1.0
MOST_ANCHORS = 4000
DIRECTIONS = 256


@dataclass(frozen=True)
class Choices:
    """What was chosen on the validation part."""

    strength: float = 300.0
    exponent: float = 0.0
    shrink: float = 50.0
    share: float = 0.5
    ease_half_life: float | None = 10.0
    ease_apart: bool = False
    """Whether items that were taken at once grow old one by one (see scoring.Member)."""
    itemknn_half_life: float | None = 10.0
    content_half_life: float | None = 10.0
    weeks: float = 4.0


@dataclass(frozen=True)
class Described:
    """What is known of every item from its text."""

    words: Table
    text: Dense
    """Frozen vectors."""
    lora: Dense
    """Adapted vectors behind the item head."""
    sentence: Dense
    """Adapted vectors where sentences live."""
    heads: dict[str, Dense]
    projection: Dense
    """Terms × directions: the texts' words in few numbers."""

    @property
    def features(self) -> Dense:
        """What new items are told by: meaning and words, items × features."""
        return features_of(self.sentence, self.words, self.projection)


def features_of(sentence: Dense, words: Table, projection: Dense) -> Dense:
    return np.hstack([sentence, np.asarray(words @ projection, dtype=np.float32)])


def project(words: Table) -> Dense:
    """The directions in which the texts' words differ most (latent semantic analysis), rounded as they are stored."""
    from sklearn.utils.extmath import randomized_svd

    count = min(DIRECTIONS, *(size - 1 for size in words.shape))
    if count < 1:
        return np.zeros((words.shape[1], 1), dtype=np.float32)
    _, _, found = randomized_svd(words, n_components=count, n_iter=4, random_state=0)
    return np.asarray(found.T.astype(np.float16), dtype=np.float32)


def solved(features: Dense, strength: float) -> Dense:
    """(F'F + strength I)^-1 F': least squares from what is known of so many items to their text."""
    wide = features.astype(np.float64)
    return np.asarray(np.linalg.solve(wide.T @ wide + strength * np.eye(wide.shape[1]), wide.T), dtype=np.float32)


def build(log: Log, people: int, described: Described, choices: Choices, ease: Table | None = None) -> Tables:
    """Everything learned from a log; items without interactions are reached by their text."""
    items = len(described.text)
    taken = linear.matrix(log, (people, items))
    table = ease if ease is not None else linear.ease(taken, choices.strength, choices.exponent)
    popularity = linear.popularity(log, items)
    anchors = np.sort(np.argsort(-popularity, kind="stable")[: min(MOST_ANCHORS, int((popularity > 0).sum()))])
    return Tables(
        items=items,
        ease=table,
        itemknn=linear.itemknn(taken, choices.shrink, choices.share),
        transitions=linear.transitions(log, items),
        words=described.words,
        popularity=popularity,
        recents={weeks: linear.recent(log, items, _end(log), weeks) for weeks in WEEKS},
        text=described.text,
        lora=described.lora,
        heads=described.heads,
        ridge=ridge_of(table, described.features, popularity > 0),
        described=described.features,
        anchors=anchors,
        spread=solved(described.features[anchors], SPREAD).T,
        cold=popularity == 0,
    )


def ridge_of(table: Table, features: Dense, known: NDArray[np.bool_], strength: float = RIDGE) -> Dense:
    """Item of the history × feature: least squares from an item's text to its column of the table, over known items."""
    return np.asarray(table[:, np.flatnonzero(known)] @ solved(features[known], strength).T, dtype=np.float32)


def _end(log: Log) -> float:
    """A moment after the last interaction; 0 without times."""
    known = log.when[np.isfinite(log.when)]
    return float(known.max()) + 1 if len(known) else 0.0
