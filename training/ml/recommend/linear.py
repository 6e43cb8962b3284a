"""The strong simple methods, as sparse tables from an item of the history to the items it speaks for. No torch here.

EASE: Steck 2019, "Embarrassingly shallow autoencoders for sparse data" (arXiv 1905.03375). Item-kNN: cosine with
shrinkage (Deshpande, Karypis 2004). Factors: Hu, Koren, Volinsky 2008, "Collaborative filtering for implicit feedback".
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from training.ml.recommend.log import Log, histories

Table: TypeAlias = csr_matrix
"""A scipy CSR matrix, float32, history item × target item."""
Dense = NDArray[np.float32]
MOST_DENSE = 8000
"""So many items, the best-known ones, get an exact EASE; rarer ones are reached by item-kNN and text."""
NEIGHBOURS = 100
KEPT = 400
REACH = 8
"""Moments over which a transition still counts."""
LONGEST = 400
WEEK = 7 * 86400.0
FORGOTTEN = 40
"""After so many half-lives nothing counts any more."""


def ages(log: Log) -> NDArray[np.int64]:
    """How many items the person took after each interaction; what was taken at once has one age."""
    found = np.zeros(len(log), dtype=np.int64)
    for rows in histories(log).values():
        found[rows] = _ages(log.moment[rows])
    return found


def _ages(moments: NDArray[np.int64]) -> NDArray[np.int64]:
    last = np.r_[np.flatnonzero(moments[1:] != moments[:-1]), len(moments) - 1]
    return np.asarray(len(moments) - 1 - last[np.searchsorted(last, np.arange(len(moments)))], dtype=np.int64)


def decay(age: NDArray[np.int64] | NDArray[np.float64], half_life: float | None) -> Dense:
    """Weight of a thing that old; without a half-life everything counts alike."""
    return np.ones(np.shape(age), np.float32) if half_life is None else (0.5 ** (age / half_life)).astype(np.float32)


def matrix(log: Log, shape: tuple[int, int], half_life: float | None = None) -> Table:
    """People × items, 1 where taken, less the longer ago."""
    weights = decay(ages(log), half_life)
    return sp.csr_matrix((weights, (log.person, log.item)), shape=shape, dtype=np.float32)


def popularity(log: Log, items: int) -> Dense:
    """How many people took each item."""
    return np.bincount(log.item, minlength=items).astype(np.float32)


def recent(log: Log, items: int, now: float, weeks: float) -> Dense:
    """How many people took each item before now, each counting half after so many weeks; none where times are unknown."""
    if not np.isfinite(now):
        return np.zeros(items, dtype=np.float32)
    # A mask, no binary search: a log is in the order in which baskets began, and lines of one may lie far apart.
    chosen = (log.when < now) & (log.when >= now - FORGOTTEN * weeks * WEEK)
    age = (now - log.when[chosen]) / WEEK
    return np.bincount(log.item[chosen], 0.5 ** (age / weeks), items).astype(np.float32)


def ease(taken: Table, strength: float, exponent: float = 0.0) -> Table:
    """Item × item weights that predict each item from the others; the inverse is of people when they are fewer.

    taken: people × items. strength: the ridge. exponent: how much a person with many items counts less.
    """
    known = _best_known(taken)
    each = np.maximum(np.asarray((taken > 0).sum(axis=1)).ravel(), 1).astype(np.float64)
    scaled = sp.csr_matrix(sp.diags_array(each**-exponent) @ taken[:, known])
    scaled = scaled[np.flatnonzero(np.diff(scaled.indptr))].astype(np.float32)
    ridge = strength * float(scaled.power(2).sum()) / max(taken.nnz, 1)
    inverse = _inverse(scaled, ridge)
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return _spread(keep_largest(weights.astype(np.float32), KEPT), known, taken.shape[1])


def _best_known(taken: Table) -> NDArray[np.int64]:
    counts = np.bincount(taken.indices, minlength=taken.shape[1])
    order = np.argsort(-counts, kind="stable")[: min(MOST_DENSE, int((counts > 0).sum()))]
    return np.sort(order)


def _inverse(taken: Table, ridge: float) -> NDArray[np.floating]:
    """(X'X + ridge I)^-1, by Woodbury's identity when there are fewer people than items."""
    people, items = taken.shape
    if people < items:
        small = (taken @ taken.T).toarray().astype(np.float64)
        small[np.diag_indices(people)] += ridge
        dense = taken.toarray()
        found = -(dense.T @ (np.linalg.inv(small).astype(np.float32) @ dense)) / ridge
        found[np.diag_indices(items)] += 1 / ridge
        return np.asarray(found)
    gram = (taken.T @ taken).toarray().astype(np.float32 if items > MOST_DENSE // 2 else np.float64)
    gram[np.diag_indices(items)] += ridge
    return np.asarray(np.linalg.inv(gram))


def _spread(table: Table, known: NDArray[np.int64], items: int) -> Table:
    found = table.tocoo()
    return sp.csr_matrix((found.data, (known[found.row], known[found.col])), shape=(items, items), dtype=np.float32)


def keep_largest(weights: Dense, most: int) -> Table:
    """Of every column the largest so many by size, as a sparse table."""
    items = len(weights)
    if most >= items:
        return sp.csr_matrix(weights)
    rows, columns = np.zeros((most, items), np.int64), np.broadcast_to(np.arange(items), (most, items))
    for start in range(0, items, 1024):
        part = np.abs(weights[:, start : start + 1024])
        rows[:, start : start + 1024] = np.argpartition(-part, most - 1, axis=0)[:most]
    values = weights[rows, columns]
    return sp.csr_matrix((values.ravel(), (rows.ravel(), columns.ravel())), shape=weights.shape, dtype=np.float32)


def itemknn(taken: Table, shrink: float = 50.0, share: float = 0.5, most: int = NEIGHBOURS) -> Table:
    """Cosine of the people who took both, less for few people; of every item its nearest so many."""
    taken = (taken > 0).astype(np.float32)
    counts = np.maximum(np.asarray(taken.sum(axis=0)).ravel(), 1)
    columns = taken.tocsc()
    parts = []
    for start in range(0, taken.shape[1], 2048):
        both = (taken.T @ columns[:, start : start + 2048]).tocoo()
        target = both.col + start
        likeness = both.data / (counts[both.row] ** share * counts[target] ** (1 - share) + shrink)
        likeness[both.row == target] = 0
        block = sp.csc_matrix((likeness, (both.row, both.col)), shape=both.shape, dtype=np.float32)
        parts.append(largest_of_columns(block, most))
    return sp.csr_matrix(sp.hstack(parts), dtype=np.float32)


def largest_of_columns(table: Table, most: int) -> Table:
    """Of every column of a sparse table the largest values, so many at most; zeros go."""
    kept = np.zeros(len(table.data), dtype=bool)
    for start, end in zip(table.indptr[:-1], table.indptr[1:], strict=True):
        part = table.data[start:end]
        kept[start + (np.argpartition(-part, most - 1)[:most] if len(part) > most else np.arange(len(part)))] = True
    table.data[~kept] = 0
    table.eliminate_zeros()
    return table


def transitions(log: Log, items: int) -> Table:
    """How often an item was followed by another in a later moment, soon counting more, well-known items less."""
    rows, columns, values = [], [], []
    for positions in histories(log).values():
        positions = positions[-LONGEST:]
        moments = log.moment[positions]
        place = np.cumsum(np.r_[0, moments[1:] != moments[:-1]])
        gap = place[None, :] - place[:, None]
        before, after = np.nonzero((gap > 0) & (gap <= REACH))
        rows.append(log.item[positions][before])
        columns.append(log.item[positions][after])
        values.append(0.5 ** ((gap[before, after] - 1) / 3) / np.sqrt(len(positions)))
    if not rows:
        return sp.csr_matrix((items, items), dtype=np.float32)
    where = (np.concatenate(rows), np.concatenate(columns))
    found = sp.csr_matrix((np.concatenate(values), where), shape=(items, items), dtype=np.float32)
    leaving, coming = np.asarray(found.sum(axis=1)).ravel(), np.asarray(found.sum(axis=0)).ravel()
    scaled = sp.diags_array(1 / (np.sqrt(leaving) + 1)) @ found @ sp.diags_array(1 / np.sqrt(coming + 5))
    return sp.csr_matrix(largest_of_columns(sp.csc_matrix(scaled, dtype=np.float32), KEPT))


def factors(taken: Table, width: int = 48, rounds: int = 5, ridge: float = 5.0, seed: int = 0) -> Dense:
    """Item vectors whose products with a person's vector tell what the person takes; the confidence of a 1 is 2."""
    chance = np.random.default_rng(seed)
    vectors = chance.normal(0, 0.1, (taken.shape[1], width))
    by_item = sp.csr_matrix(taken.T)
    for _ in range(rounds):
        vectors = _solve(_solve(vectors, taken, ridge), by_item, ridge)
    return vectors.astype(np.float32)


def _solve(vectors: NDArray[np.float64], taken: Table, ridge: float) -> NDArray[np.float64]:
    """Vectors of the rows, given those of the columns; the weight of a 1 is added to the confidence of 1."""
    gram = vectors.T @ vectors + ridge * np.eye(vectors.shape[1])
    found = np.zeros((taken.shape[0], vectors.shape[1]))
    for row in np.flatnonzero(np.diff(taken.indptr)):
        start, end = taken.indptr[row], taken.indptr[row + 1]
        part, weight = vectors[taken.indices[start:end]], taken.data[start:end]
        found[row] = np.linalg.solve(gram + (part.T * weight) @ part, part.T @ (1 + weight))
    return found


def fold_in(vectors: Dense, weights: Table, ridge: float = 5.0) -> Dense:
    """Vectors of people out of their weighted histories."""
    return _solve(vectors.astype(np.float64), weights, ridge).astype(np.float32)
