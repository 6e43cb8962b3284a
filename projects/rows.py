"""rows.sqlite3: all rows of a file as they were read. Written once in batches, read in pages."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from projects.formats import Reading

BATCH = 2_000
STEPS = 2_000_000  # of the database's machine between two signs of life, well under a second
SCHEMA = """
CREATE TABLE rows (n INTEGER PRIMARY KEY, line INTEGER NOT NULL, cells TEXT NOT NULL, problem TEXT NOT NULL DEFAULT '');
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE marks (flag TEXT, n INTEGER, PRIMARY KEY (flag, n)) WITHOUT ROWID;
CREATE TABLE keys (n INTEGER PRIMARY KEY, question INTEGER, answer INTEGER);
CREATE TABLE combinations (bits INTEGER PRIMARY KEY, rows INTEGER);
"""


@contextmanager
def opened(path: Path, write: bool = False) -> Iterator[sqlite3.Connection]:
    """The database, for reading unless WRITE; sorting goes to disk, so that memory stays small."""
    target = str(path) if write else f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(target, uri=not write, timeout=30)) as db:
        db.execute("PRAGMA cache_size = -20000")
        db.execute("PRAGMA temp_store = FILE")
        if write:
            db.execute("PRAGMA synchronous = OFF")
        yield db


@contextmanager
def beating(db: sqlite3.Connection, tell: Callable[[], object]) -> Iterator[None]:
    """Calls TELL now and then while the database works on long statements: who is silent is taken for dead."""

    def told() -> int:
        tell()
        return 0

    db.set_progress_handler(told, STEPS)
    try:
        yield
    finally:
        db.set_progress_handler(None, 0)


class Writer:
    """Takes rows one by one and stores them in batches."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db, self.count = db, 0
        self._batch: list[tuple[int, int, str, str]] = []
        db.execute("PRAGMA journal_mode = OFF")
        db.executescript(SCHEMA)

    def add(self, line: int, cells: list[str | None], problem: str) -> None:
        self.count += 1
        self._batch.append((self.count, line, json.dumps(cells, ensure_ascii=False), problem))
        # Few long rows weigh as much as many short ones.
        if len(self._batch) >= BATCH or len(self._batch[-1][2]) > 500_000:
            self.flush()

    def flush(self) -> None:
        self.db.executemany("INSERT INTO rows VALUES (?, ?, ?, ?)", self._batch)
        self.db.commit()
        self._batch.clear()


def remember(db: sqlite3.Connection, key: str, value: Any) -> None:
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value, ensure_ascii=False)))


def recall(db: sqlite3.Connection, key: str, default: Any = None) -> Any:
    found = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return json.loads(found[0]) if found else default


def columns(db: sqlite3.Connection) -> list[str]:
    """The names of the columns, in the order of the cells."""
    return Reading.from_json(recall(db, "reading", {})).names


def page(path: Path, offset: int = 0, limit: int = 50) -> list[tuple[int, int, list[str | None], str]]:
    """(n, line, cells, problem) of the rows from OFFSET on."""
    with opened(path) as db:
        found = db.execute("SELECT n, line, cells, problem FROM rows WHERE n > ? ORDER BY n LIMIT ?", (offset, limit))
        return [(n, line, json.loads(cells), problem) for n, line, cells, problem in found]
