"""The counts of a dataset are read as any version stored them."""

from __future__ import annotations

import pytest

from projects.counts import Counts
from projects.models import Dataset


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ({}, Counts()),
        ({"rows": 40, "started": 1.5e9}, Counts(rows=40, started=1.5e9)),
        ({"kept": 30, "train": 24, "validation": 3, "test": 3}, Counts(kept=30, train=24, validation=3, test=3)),
        ({"kept": 30, "of a version that never was": {}}, Counts(kept=30)),
    ],
)
def test_it_reads_what_was_stored(stored, read):
    assert Dataset(counts=stored).amounts == read


def test_what_was_not_counted_is_not_nought():
    """A training is refused for want of rows, and not because an earlier version did not count them."""
    assert (Counts().train, Counts().test, Counts().people, Counts().taken) == (None,) * 4
