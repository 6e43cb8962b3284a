"""Reads a hostile file: what it is (`detect`), and all its rows into rows.sqlite3 (`load_rows`), in a child process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from projects.formats import Limits, Reading

Progress = Callable[[float, int], None]  # share done, rows so far


@dataclass
class LoadResult:
    """What was stored. `reading` now has the final columns and the true number of rows."""

    rows: int
    problems: dict[str, int] = field(default_factory=dict)  # problem code → rows
    first: dict[str, int] = field(default_factory=dict)  # problem code → line of the first such row
    reading: Reading = field(default_factory=Reading)


def detect(path: Path, name: str, overrides: dict[str, Any] | None = None, limits: Limits | None = None) -> Reading:
    """What the file is, from its head. Raises UserError for a file that cannot be used."""
    raise NotImplementedError


def load_rows(path: Path, name: str, reading: Reading, out: Path, progress: Progress) -> LoadResult:
    """Writes all rows into OUT: rows(n, line, cells, problem). Raises UserError for a file that cannot be used."""
    raise NotImplementedError


def detect_guarded(path: Path, name: str, overrides: dict[str, Any] | None = None) -> Reading:
    """`detect` in a child process with a memory and a time limit; its death becomes a UserError."""
    raise NotImplementedError


def load_guarded(path: Path, name: str, reading: Reading, out: Path, progress: Progress) -> LoadResult:
    """`load_rows` in such a child process. An exception from PROGRESS stops the child and passes through."""
    raise NotImplementedError
