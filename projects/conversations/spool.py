"""Turns put in the order of their conversations: on disk, so that files of any size and any order can be read."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from projects.conversations.turns import Turn

SCHEMA = """
CREATE TABLE turns (n INTEGER PRIMARY KEY, conversation TEXT, place REAL, speaker TEXT, text TEXT, time REAL, id TEXT,
    reply_to TEXT, line INTEGER, role TEXT, learn INTEGER, extra TEXT);
"""
BATCH = 2_000


@contextmanager
def sorted_turns(turns: Iterable[Turn], by_time: bool = False) -> Iterator[Iterator[Turn]]:
    """The turns conversation by conversation, in the order in which the conversations begin. Within one they keep the
    order of the file, or with BY_TIME that of their times (where all have one)."""
    with (
        tempfile.TemporaryDirectory(prefix="atelier-") as folder,
        closing(sqlite3.connect(Path(folder) / "turns.sqlite3")) as db,
    ):
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA cache_size = -20000")
        db.executescript(SCHEMA)
        _store(db, turns, by_time)
        yield _ordered(db)


def _store(db: sqlite3.Connection, turns: Iterable[Turn], by_time: bool) -> None:
    batch: list[tuple[object, ...]] = []

    def flush() -> None:
        db.executemany(f"INSERT INTO turns VALUES ({','.join('?' * 12)})", batch)  # noqa: S608
        batch.clear()

    timed = True
    for n, turn in enumerate(turns):
        timed = timed and turn.time is not None
        extra = json.dumps(turn.extra, ensure_ascii=False) if turn.extra else ""
        batch.append(
            (n, turn.conversation, turn.time if by_time else None, turn.speaker, turn.text, turn.time, turn.id,
             turn.reply_to, turn.line, turn.role, turn.learn, extra)
        )  # fmt: skip
        if len(batch) >= BATCH:
            flush()
    flush()
    if by_time and not timed:
        db.execute("UPDATE turns SET place = NULL")
    db.execute("CREATE TABLE begins AS SELECT conversation, min(n) AS first FROM turns GROUP BY conversation")
    db.execute("CREATE INDEX begun ON begins (conversation)")
    db.commit()


def _ordered(db: sqlite3.Connection) -> Iterator[Turn]:
    found = db.execute(
        "SELECT speaker, text, time, id, reply_to, turns.conversation, line, role, learn, extra"
        " FROM turns JOIN begins USING (conversation) ORDER BY first, place, n"
    )
    for speaker, text, time, own, reply_to, conversation, line, role, learn, extra in found:
        yield Turn(speaker, text, time, own, reply_to, conversation, line, role, bool(learn), "", _cells(extra))


def _cells(text: str) -> dict[str, str | None]:
    cells: dict[str, str | None] = json.loads(text) if text else {}
    return cells
