"""The simple methods against their definitions."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from training.ml.recommend import linear


def taken(people: int, items: int) -> sp.csr_matrix:
    dense = (np.random.default_rng(1).random((people, items)) < 0.3).astype(np.float32)
    dense[0] = 1
    return sp.csr_matrix(dense)


def defined(matrix: sp.csr_matrix, ridge: float) -> np.ndarray:
    """EASE as the paper writes it."""
    dense = matrix.toarray().astype(np.float64)
    inverse = np.linalg.inv(dense.T @ dense + ridge * np.eye(dense.shape[1]))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return weights


def test_it_solves_ease_from_either_side():
    for people, items in ((40, 12), (12, 40)):
        matrix = taken(people, items)
        np.testing.assert_allclose(linear.ease(matrix, 5.0).toarray(), defined(matrix, 5.0), atol=1e-4)


def test_it_keeps_the_largest_weights_of_each_column():
    weights = np.random.default_rng(2).normal(size=(30, 30)).astype(np.float32)
    kept = linear.keep_largest(weights, 5).toarray()
    assert ((kept != 0).sum(axis=0) == 5).all()
    assert np.abs(kept).max(axis=0).tolist() == np.abs(weights).max(axis=0).tolist()


def test_it_limits_ease_to_the_best_known_items(monkeypatch):
    monkeypatch.setattr(linear, "MOST_DENSE", 10)
    matrix = taken(20, 30)
    table = linear.ease(matrix, 5.0)
    assert table.shape == (30, 30)
    assert len(np.unique(table.tocoo().col)) <= 10


def test_it_finds_neighbours_that_share_people():
    matrix = sp.csr_matrix(np.array([[1, 1, 0, 0]] * 5 + [[0, 0, 1, 1]] * 5, dtype=np.float32))
    table = linear.itemknn(matrix, shrink=0.0).toarray()
    np.testing.assert_allclose(table[0], [0, 1, 0, 0], atol=1e-6)


def test_it_tells_before_from_after():
    when = np.array([1.0, 2.0] * 6)
    people = np.repeat(np.arange(6), 2)
    log = linear.Log(people, np.array([0, 1] * 6), when, np.ones(12), np.arange(12))
    table = linear.transitions(log, 2).toarray()
    assert table[0, 1] > 0 and table[1, 0] == 0
