"""rows.sqlite3: all rows of a file as they were read. Written once in batches, read in pages."""

from __future__ import annotations

import gc
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import chain
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

from projects.formats import Reading

BATCH = 2_000
PAGE = 16_384  # bytes; writing goes a sixth faster than with the usual 4,096
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
    if not write:
        _recover(path)
    target = str(path) if write else f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(target, uri=not write, timeout=30)) as db:
        db.execute("PRAGMA cache_size = -20000")
        db.execute("PRAGMA temp_store = FILE")
        if write:
            db.execute(f"PRAGMA page_size = {PAGE}")  # of a file that is new
            db.execute("PRAGMA synchronous = OFF")
        yield db


def _recover(path: Path) -> None:
    """Takes back what a process that was killed had half written: who only reads may not, and finds no way in. What a
    process writes just now stays as it is: it holds a lock."""
    if Path(f"{path}-journal").exists():
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=30)) as db:
            db.execute("SELECT count(*) FROM sqlite_master")


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


@contextmanager
def no_circles() -> Iterator[None]:
    """Python looks less often for dead objects that hold one another. Rows hold no one, and looking takes a tenth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], 200_000), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


class Writer:
    """Takes rows one by one and stores them in batches."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db, self.count, self.bytes = db, 0, 0
        self._batch: list[tuple[int, int, str, str]] = []
        db.execute("PRAGMA journal_mode = OFF")
        db.executescript(SCHEMA)

    def add(self, line: int, cells: list[str | None], problem: str) -> None:
        self.count += 1
        text = written(cells)
        self.bytes += len(text)
        self._batch.append((self.count, line, text, problem))
        # Few long rows weigh as much as many short ones.
        if len(self._batch) >= BATCH or len(text) > 500_000:
            self.flush()

    def add_all(self, found: Iterable[tuple[int, list[str | None], str]]) -> None:
        """(line, cells, problem) of many rows."""
        self.flush()
        self._batch = [
            (n, line, written(cells), problem) for n, (line, cells, problem) in enumerate(found, self.count + 1)
        ]
        self.count += len(self._batch)
        self.bytes += sum(len(text) for _n, _line, text, _problem in self._batch)
        self.flush()

    def add_even(self, lines: Sequence[int], rows: Sequence[list[str]]) -> None:
        """Many rows in which every cell is a text and nothing is wrong."""
        self.flush()
        every = "".join(chain.from_iterable(rows))
        if every.isprintable() and '"' not in every and "\\" not in every:  # no sign of them needs an escape
            texts = [f'["{cells}"]' for cells in map('", "'.join, rows)]
        else:
            texts = [f"[{', '.join(map(encode_basestring, cells))}]" for cells in rows]
        numbers = range(self.count + 1, self.count + 1 + len(texts))
        self.db.executemany(
            "INSERT INTO rows (n, line, cells) VALUES (?, ?, ?)", zip(numbers, lines, texts, strict=True)
        )
        self.db.commit()
        self.count += len(texts)
        self.bytes += sum(map(len, texts))

    def flush(self) -> None:
        self.db.executemany("INSERT INTO rows VALUES (?, ?, ?, ?)", self._batch)
        self.db.commit()
        self._batch.clear()


def written(cells: list[str | None]) -> str:
    """The cells as they are stored: what `json.dumps(cells, ensure_ascii=False)` says, in a third of its time."""
    return f"[{', '.join(['null' if cell is None else encode_basestring(cell) for cell in cells])}]"


def parsed(stored: Iterable[str]) -> list[list[str | None]]:
    """The cells of many rows at once."""
    found: list[list[str | None]] = json.loads(f"[{','.join(stored)}]")
    return found


def remember(db: sqlite3.Connection, key: str, value: object) -> None:
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value, ensure_ascii=False)))


def recall(db: sqlite3.Connection, key: str, default: Any = None) -> Any:
    found = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return json.loads(found[0]) if found else default


def columns(db: sqlite3.Connection) -> list[str]:
    """The names of the columns, in the order of the cells."""
    return Reading.from_json(recall(db, "reading", {})).names


def last(db: sqlite3.Connection) -> int:
    """The number of the last row, and so of all rows: they are numbered without gaps. To count them reads the whole file."""
    return int(db.execute("SELECT max(n) FROM rows").fetchone()[0] or 0)


def version(path: Path) -> tuple[int, bytes]:
    """Another one after each change of the file: when it was written, and the count of changes that SQLite keeps in its head."""
    with path.open("rb") as file:
        return os.fstat(file.fileno()).st_mtime_ns, os.pread(file.fileno(), 4, 24)


def page(path: Path, offset: int = 0, limit: int = 50) -> list[tuple[int, int, list[str | None], str]]:
    """(n, line, cells, problem) of the rows from OFFSET on."""
    with opened(path) as db:
        found = db.execute("SELECT n, line, cells, problem FROM rows WHERE n > ? ORDER BY n LIMIT ?", (offset, limit))
        return [(n, line, json.loads(cells), problem) for n, line, cells, problem in found]


def sample(path: Path, many: int) -> list[list[str | None]]:
    """The cells of at most MANY rows, from all over the file; rows that were read with a problem are passed over."""
    with opened(path) as db:
        end = last(db)
        step = max(1, end // many)
        found = db.execute(
            "WITH RECURSIVE places (n) AS (SELECT ? UNION ALL SELECT n + ? FROM places WHERE n + ? <= ?)"
            " SELECT cells FROM places JOIN rows USING (n) WHERE problem = '' LIMIT ?",
            (step, step, step, end, many),
        )
        return parsed(cells for (cells,) in found)
