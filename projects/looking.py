"""Goes over all rows of a file, to look at them or to write them down; where there are many, a second process takes the
later half of them.

    echo REQUEST | python -m projects.looking

What the second process cannot do, because it was ended or the machine has no room, is done by the first."""

from __future__ import annotations

import importlib
import json
import logging
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any, Protocol

from projects import guarded, rows
from projects.formats import Limits

Message = dict[str, Any]
"""JSON between the two processes that work on one file."""

logger = logging.getLogger(__name__)
Progress = Callable[[float, int], None]
Batch = Sequence[tuple[int, list[str | None], str]]
TOLD = 0.5  # seconds after which the second process says how far it is
MANY = 100_000  # rows from which on a second process is worth its start
TABLES = ("marks", "keys", "found", "labelled", "cells")
SCHEMA = """
CREATE TABLE marks (flag TEXT, n INTEGER);
CREATE TABLE keys (n INTEGER PRIMARY KEY, question INTEGER, answer INTEGER);
CREATE TABLE found (value TEXT, n INTEGER, side INTEGER, kind TEXT DEFAULT '', shown TEXT DEFAULT '');
CREATE TABLE labelled (n INTEGER PRIMARY KEY, cell INTEGER NOT NULL);
CREATE TABLE cells (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
"""


class Look(Protocol):
    """Looks at rows, stores what it finds in the tables, and counts."""

    def store(self, db: sqlite3.Connection, batch: Batch) -> None: ...

    def asked(self) -> Message:
        """What another process needs to look in the same way, as plain JSON."""

    def counted(self) -> Message: ...

    def join(self, counted: Message) -> None:
        """Adds what another process counted."""


def walk(path: Path, db: sqlite3.Connection, look: Look, total: int, progress: Progress) -> None:
    """Shows every row to LOOK; PROGRESS goes from 0 to 1."""
    if not in_halves(total):
        _over(look, db, db, (0, total), progress)
        return
    db.commit()  # both processes only read this file now, and write into files of their own
    middle, parts = total // 2, [path.with_name(f"{path.name}.{name}") for name in ("first", "second")]
    request = {"verb": "look", "path": str(path), "part": str(parts[1]), "span": (middle, total)}
    try:
        with second(path, {**request, "module": type(look).__module__, "asked": look.asked()}) as other:
            _look(path, parts[0], look, (0, middle), other.beside(total, lambda share, n: progress(0.95 * share, n)))
            counted = other.end()
        if counted is None:
            _look(path, parts[1], look, (middle, total), lambda share, n: progress(0.95, n))
        else:
            look.join(counted)
        for part in parts:
            _take_over(db, part)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
    progress(1.0, total)


def in_halves(total: int) -> bool:
    """Whether there are so many rows that a second process takes some of them."""
    return total >= MANY and len(os.sched_getaffinity(0)) > 1


def _over(
    look: Look, source: sqlite3.Connection, out: sqlite3.Connection, span: tuple[int, int], progress: Progress
) -> None:
    first, last = span
    with rows.no_circles():
        for batch in batches(source, first, last):
            look.store(out, batch)
            progress((batch[-1][0] - first) / max(1, last - first), batch[-1][0])


def batches(db: sqlite3.Connection, after: int = 0, last: int | None = None, many: int = rows.BATCH) -> Iterator[Batch]:
    """Rows with their numbers and problems, a batch at a time, so that other statements can run in between."""
    most = sys.maxsize if last is None else last
    while batch := db.execute(
        "SELECT n, cells, problem FROM rows WHERE n > ? AND n <= ? ORDER BY n LIMIT ?", (after, most, many)
    ).fetchall():
        after = batch[-1][0]
        numbers, cells, problems = zip(*batch, strict=True)
        yield list(zip(numbers, rows.parsed(cells), problems, strict=True))


def _look(path: Path, part: Path, look: Look, span: tuple[int, int], progress: Progress) -> None:
    """Looks at some rows and writes what is found into a file of its own."""
    part.unlink(missing_ok=True)
    with rows.opened(path) as source, rows.opened(part, write=True) as out:
        out.execute("PRAGMA journal_mode = OFF")
        out.executescript(SCHEMA)
        _over(look, source, out, span, progress)
        out.commit()


def _take_over(db: sqlite3.Connection, part: Path) -> None:
    db.commit()
    db.execute("ATTACH ? AS part", (str(part),))
    there = {name for (name,) in db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")}
    for table in TABLES:
        if table in there:
            db.execute(f"INSERT OR IGNORE INTO main.{table} SELECT * FROM part.{table}")  # noqa: S608
    db.commit()
    db.execute("DETACH part")


# The second process ---------------------------------------------------------------------------------------


class Second:
    """The second process, and how far both are."""

    def __init__(self, child: subprocess.Popen[str], log: IO[bytes]) -> None:
        self.child, self.log = child, log
        self.shares = [0.0, 0.0]  # of the first, of the second
        self._tell: Callable[[], None] = lambda: None
        self._said: Message | None = None
        self._ears = threading.Thread(target=self._listen, daemon=True)
        self._ears.start()

    def beside(self, total: int, progress: Progress) -> Progress:
        """The progress of the first process, at one half of TOTAL rows, as one of both."""

        def tell() -> None:
            share = sum(self.shares) / 2
            progress(share, round(share * total))

        def told(share: float, _n: int) -> None:
            self.shares[0] = share
            tell()

        self._tell = tell
        return told

    def end(self) -> Message | None:
        """What it counted; None where it did not come to its end."""
        while self._ears.is_alive():
            self._ears.join(TOLD)
            self._tell()
        self.child.wait()
        if self.child.returncode or self._said is None:
            self.log.seek(0)
            said = self.log.read()[-500:].decode("utf-8", "replace")
            logger.warning(
                "The second process ended with %s; the first takes its rows: %s", self.child.returncode, said
            )
            return None
        return self._said

    def _listen(self) -> None:
        assert self.child.stdout is not None
        with suppress(ValueError):  # it was ended in the middle of a word, or nobody listens any more
            for line in self.child.stdout:
                message = json.loads(line)
                if "counted" in message:
                    self._said = message["counted"]
                else:
                    self.shares[1] = message["share"]


@contextmanager
def second(path: Path, request: Message) -> Iterator[Second]:
    """A second process at work on REQUEST; it does not outlive the block."""
    # Its complaints go to a file: nobody reads them while it works, and a full pipe would hold it up for ever.
    with tempfile.TemporaryFile() as log:
        child = _begin({**request, "limits": asdict(_limits(path))}, log)
        timer = threading.Timer(_limits(path).seconds, child.kill)
        timer.start()
        try:
            yield Second(child, log)
        finally:
            timer.cancel()
            child.kill()
            child.wait()
            if child.stdout:
                child.stdout.close()


def _begin(request: Message, log: IO[bytes]) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-m", "projects.looking"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        cwd=guarded.HOME,
        env=guarded.environment(),
    )
    assert child.stdin is not None
    try:
        with closing(child.stdin) as stdin:
            stdin.write(json.dumps(request))
    except BrokenPipeError:
        logger.warning("The second process ended at its start.")
    child.stdin = None
    return child


def _limits(path: Path) -> Limits:
    """How far the second process may go: a bigger file gets more time."""
    limits = Limits()
    return replace(limits, seconds=limits.seconds + guarded.more_seconds(path))


def _child() -> None:
    request = json.load(sys.stdin)
    limits = Limits(**request["limits"])
    # It is not behind the first, which waits for it.
    guarded.limit(limits.memory, limits.seconds, behind=False)
    parent = os.getppid()

    told = time.monotonic()

    def alone(share: float, _n: int) -> None:
        nonlocal told
        if os.getppid() != parent:  # nobody waits any more
            sys.exit(1)
        if time.monotonic() - told >= TOLD:
            told = time.monotonic()
            print(json.dumps({"share": share}), flush=True)

    module = importlib.import_module(request["module"])
    if request["verb"] == "write":
        counted = module.write_half(request, alone)
    else:
        look: Look = module.look_of(request["asked"])
        _look(Path(request["path"]), Path(request["part"]), look, tuple(request["span"]), alone)
        counted = look.counted()
    print(json.dumps({"counted": counted}))


if __name__ == "__main__":
    _child()
