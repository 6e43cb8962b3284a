"""A process of its own for what a person brought: it knows no secrets, and has limits of memory and time."""

from __future__ import annotations

import errno
import os
import resource
from pathlib import Path

# What such a process may know of this one: no secrets.
ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")
HOME = Path(__file__).resolve().parent.parent
SLOWEST = 50_000
"""Bytes a second below which work on a file is given up, besides the time that every file gets."""

NO_ROOM = ("failed to map segment", "cannot allocate memory", "can't start new thread", "out of memory")


def environment(**more: str) -> dict[str, str]:
    return {name: os.environ[name] for name in ENVIRONMENT if name in os.environ} | more


def more_seconds(path: Path) -> int:
    """A big file may take longer than a small one."""
    try:
        return path.stat().st_size // SLOWEST
    except OSError:
        return 0


def limit(memory: int, seconds: int, *, behind: bool = True) -> None:
    """Sets the limits of this process; BEHIND lets others go before it."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (memory, hard))
    # Also when the parent was killed and nobody stops this process any more.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds + 1, seconds + 5))
    os.nice(5 if behind else 0)


def out_of_memory(error: Exception) -> bool:
    """Whether this says that the limit of memory was met. Not everything that does is a MemoryError: a library that is
    loaded late finds no room for its code, and a thread none for its stack."""
    if isinstance(error, MemoryError) or getattr(error, "errno", 0) == errno.ENOMEM:
        return True
    said = str(error).lower()
    return isinstance(error, ImportError | OSError | RuntimeError) and any(sign in said for sign in NO_ROOM)
