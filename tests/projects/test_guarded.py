"""The process of its own that reads what a person brought: what it says when its memory is at an end."""

from __future__ import annotations

import errno

import pytest

from projects import guarded


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        ImportError("/usr/lib/_csv.so: failed to map segment from shared object"),
        ImportError("libarrow.so: cannot allocate memory in static TLS block"),
        RuntimeError("can't start new thread"),
    ],
)
def test_it_knows_each_way_in_which_memory_runs_out(error):
    assert guarded.out_of_memory(error)


@pytest.mark.parametrize(
    "error",
    [
        ImportError("No module named 'python_calamine'"),
        OSError(errno.ENOSPC, "No space left on device"),
        ValueError("the cell says: out of memory"),
    ],
)
def test_it_does_not_blame_memory_for_anything_else(error):
    assert not guarded.out_of_memory(error)
