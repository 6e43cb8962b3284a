"""Scores of every item for people's histories, by each member of the blend, and the blend. No torch here.

A member's scores are brought to mean 0 and deviation 1 over the items that a person has not taken, once as they are and
once with the root of their size (a few high scores then count less); the blend is a sum of both with weights of 0 or more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from training.ml.recommend.linear import Dense, Table, decay, recent
from training.ml.recommend.log import Log

Ints = NDArray[np.int64]
LAST, POOL_HALF_LIFE = 10, 5.0
WEEKS = (1.0, 4.0, 16.0, 64.0)


@dataclass(frozen=True)
class Member:
    """One way of scoring: a table, the text, or what everybody takes, with the history weighted by recency."""

    name: str
    source: str
    """ease, itemknn, transitions, words, text, lora, ridge, popularity or recent."""
    half_life: float | None = None
    """In items of the history; of `recent` in weeks."""
    apart: bool = False
    """Whether the items of one moment grow old one by one, in the order of the log, and not together."""


@dataclass(frozen=True)
class Recents:
    """Popularity of recent weeks at several times."""

    log: Log
    items: int
    nows: NDArray[np.float64]

    def of(self, weeks: float) -> Dense:
        """Times × items."""
        return np.stack([recent(self.log, self.items, now, weeks) for now in self.nows.tolist()])


@dataclass
class Batch:
    """People to recommend to."""

    histories: list[Ints]
    """Positions of items, oldest first."""
    ages: list[Ints]
    """How many items were taken after each."""
    recents: Recents | None = None
    """What many took lately, as it was at each person's time; None takes the end of the log."""

    def __len__(self) -> int:
        return len(self.histories)

    def part(self, rows: Sequence[int]) -> Batch:
        recents = replace(self.recents, nows=self.recents.nows[rows]) if self.recents else None
        return Batch([self.histories[i] for i in rows], [self.ages[i] for i in rows], recents)


def weigh(batch: Batch, items: int, half_life: float | None, apart: bool = False) -> Table:
    """People × items: how much each item of a history counts. APART: see Member."""
    rows = np.repeat(np.arange(len(batch)), [len(history) for history in batch.histories])
    columns = np.concatenate([*batch.histories, np.zeros(0, np.int64)]).astype(np.int64)
    each = [np.arange(len(history))[::-1] for history in batch.histories] if apart else batch.ages
    ages = np.concatenate([*each, np.zeros(0, np.int64)])
    return sp.csr_matrix((decay(ages, half_life), (rows, columns)), shape=(len(batch), items), dtype=np.float32)


def of_history(history: Sequence[int]) -> Batch:
    """One person, each item taken by itself."""
    items = np.asarray(history, dtype=np.int64)
    return Batch([items], [np.arange(len(items))[::-1]])


@dataclass
class Tables:
    """Everything the members score with; rows and columns are positions in the catalogue."""

    items: int
    ease: Table
    itemknn: Table
    transitions: Table
    words: Table
    """Items × terms, unit rows."""
    popularity: Dense
    recents: dict[float, Dense]
    text: Dense
    """Frozen vectors of the texts."""
    lora: Dense
    """The adapted vectors behind the item head, where histories live."""
    heads: dict[str, Dense]
    ridge: Dense
    """Item of the history × what it adds to the direction of text in which new items are sought."""
    described: Dense
    """The text features of each item, on which the ridge works."""
    anchors: Ints
    """Well-known items, from whose scores those of new items are told."""
    spread: Dense
    """Anchor × feature: what an anchor's score adds to the direction of text in which new items are sought."""
    cold: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    """Items that nobody had taken when the tables were made."""
    by_word: Table = field(init=False, repr=False, default=None)
    """Terms × items."""

    def __post_init__(self) -> None:
        self.by_word = self.words.T.tocsr()

    def scores(self, member: Member, batch: Batch) -> Dense:
        """People × items, float32."""
        if member.source == "popularity":
            return np.broadcast_to(np.log1p(self.popularity), (len(batch), self.items))
        if member.source == "recent":
            return self._recent(member.half_life or WEEKS[0], batch)
        if member.source == "lora":
            return np.asarray(self.placed(batch) @ self.lora.T)
        weights = weigh(batch, self.items, member.half_life, member.apart)
        if member.source == "words":
            return _dense((weights @ self.words) @ self.by_word)
        if member.source == "text":
            return np.asarray((weights @ self.text) @ self.text.T)
        if member.source == "ridge":
            return np.asarray((weights @ self.ridge) @ self.described.T)
        return _dense(weights @ getattr(self, member.source))

    def with_new(self, scores: Dense, batch: Batch, share: float) -> Dense:
        """People × items: items that nobody took get what their text would make of the scores of well-known ones.

        For each person a ridge regression of the anchors' scores on their texts, solved once for everybody; and a share of
        how near they lie to the history decides their order among themselves.
        """
        if not self.cold.any() or not len(self.anchors):
            return scores
        cold = np.flatnonzero(self.cold)
        direction = scores[:, self.anchors] @ self.spread
        found = np.array(scores)
        found[:, cold] = direction @ self.described[cold].T
        if share:
            known, new = (self.placed(batch) @ self.lora[some].T for some in (self.anchors, cold))
            scale = (direction @ self.described[self.anchors].T).std(axis=1, keepdims=True)
            found[:, cold] = _reordered(found[:, cold], found[:, cold] + share * scale * _against(new, known))
        return found

    def placed(self, batch: Batch) -> Dense:
        """Where each history lies among the items; zeros for an empty one."""
        found = np.zeros((len(batch), self.text.shape[1]), dtype=np.float32)
        for i, history in enumerate(batch.histories):
            last = history[-LAST:]
            if len(last):
                weights = 0.5 ** (np.arange(len(last))[::-1] / POOL_HALF_LIFE)
                found[i] = weights @ self.text[last] / weights.sum()
        return np.where(found.any(axis=1, keepdims=True), through_head(self.heads, "history", found), found)

    def _recent(self, weeks: float, batch: Batch) -> Dense:
        if batch.recents is not None:
            return np.log1p(batch.recents.of(weeks))
        return np.broadcast_to(np.log1p(self.recents[weeks]), (len(batch), self.items))


def _against(values: Dense, usual: Dense) -> Dense:
    """Values in deviations of the usual ones, row by row."""
    deviation = usual.std(axis=1, keepdims=True)
    return np.asarray((values - usual.mean(axis=1, keepdims=True)) / np.where(deviation > 1e-9, deviation, 1))


def _reordered(values: Dense, order: Dense) -> Dense:
    """The same values row by row, dealt out in another order.

    Nearness to the history tells new items apart, but it must not lift them above the others: with its own size it once
    filled the lists with films that nobody had seen.
    """
    found = np.empty_like(values)
    np.put_along_axis(found, np.argsort(order, axis=1, kind="stable"), np.sort(values, axis=1), axis=1)
    return found


def _dense(product: Table) -> Dense:
    return np.asarray(product.toarray() if sp.issparse(product) else product, dtype=np.float32)


def through_head(heads: Mapping[str, Dense], name: str, vectors: Dense) -> Dense:
    """A head of the adapter in numpy: unit rows. See encoder.Heads."""
    inner = vectors @ heads[f"{name}.0.weight"].T + heads[f"{name}.0.bias"]
    inner = 0.5 * inner * (1 + _erf(inner / np.sqrt(2)))
    found = vectors + inner @ heads[f"{name}.2.weight"].T + heads[f"{name}.2.bias"]
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12), dtype=np.float32)


def _erf(x: Dense) -> Dense:
    from scipy.special import erf

    return np.asarray(erf(x))


def seen(batch: Batch, items: int) -> NDArray[np.bool_]:
    """People × items: what each has taken."""
    found = np.zeros((len(batch), items), dtype=bool)
    for i, history in enumerate(batch.histories):
        found[i, history] = True
    return found


@dataclass(frozen=True)
class Yardstick:
    """Mean and deviation of a member's scores for each person, over the items the person has not taken."""

    mean: Dense
    deviation: Dense

    @classmethod
    def of(cls, scores: Dense, taken: NDArray[np.bool_]) -> Yardstick:
        free = np.maximum((~taken).sum(axis=1, keepdims=True), 1)
        kept = np.where(taken, 0, scores)
        mean = kept.sum(axis=1, keepdims=True) / free
        square = np.where(taken, 0, np.square(scores - mean)).sum(axis=1, keepdims=True) / free
        return cls(mean, np.sqrt(square))

    def measure(self, scores: Dense) -> Dense:
        """Zero where a member tells nothing apart."""
        safe = np.where(self.deviation > 1e-9, self.deviation, 1)
        return np.where(self.deviation > 1e-9, (scores - self.mean) / safe, 0).astype(np.float32)


def both(measured: Dense) -> tuple[Dense, Dense]:
    """A member's measured scores, and the same with the root of their size."""
    return measured, np.sign(measured) * np.sqrt(np.abs(measured))
