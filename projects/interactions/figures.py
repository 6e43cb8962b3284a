"""The numbers of a log under the choices of now: people, items, time, baskets, what is thin. Sums over small tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from projects import rows
from projects.interactions import ledger as ledgers
from projects.interactions.flags import BITS, FLAGS, dropping
from projects.interactions.ledger import Ledger

DAY = 86_400
FEW = 5  # interactions; with fewer, a person's taste is a guess
TOP = 10
BARS = 60
SCHEMA = """
DELETE FROM combinations;
DROP TABLE IF EXISTS by_person; DROP TABLE IF EXISTS by_item; DROP TABLE IF EXISTS by_day; DROP TABLE IF EXISTS by_basket;
DROP TABLE IF EXISTS by_pair;
CREATE TABLE by_person (person INTEGER, bits INTEGER, rows INTEGER);
CREATE TABLE by_item (item TEXT, bits INTEGER, rows INTEGER);
CREATE TABLE by_day (day INTEGER, bits INTEGER, rows INTEGER);
CREATE TABLE by_pair (bits INTEGER, pairs INTEGER);
CREATE TABLE by_basket (bits INTEGER, baskets INTEGER);
"""


@dataclass
class Figures:
    """What is left of a log."""

    rows: int = 0
    kept: int = 0
    dropped: int = 0
    people: int = 0
    items: int = 0
    pairs: int = 0
    baskets: int = 0
    begin: int | None = None  # seconds since 1970, to the day
    end: int | None = None
    thin_people: int = 0  # people with fewer than FEW
    once_items: int = 0  # items taken once
    median: int = 0  # interactions of the person in the middle
    top: list[tuple[str, int]] = field(default_factory=list)  # (item, times)

    @property
    def density(self) -> float:
        """The share of all pairs of a person and an item that occurs."""
        return min(1.0, self.pairs / (self.people * self.items)) if self.people and self.items else 0.0

    @property
    def days(self) -> int:
        return 0 if self.begin is None or self.end is None else (self.end - self.begin) // DAY + 1


def settle(db: sqlite3.Connection, understood: Mapping[str, object], ledger: Ledger) -> dict[str, object]:
    """Makes the small tables; the report to store."""
    db.executescript(SCHEMA)
    db.executemany("INSERT INTO by_person VALUES (?, ?, ?)", ledgers.counted(ledger.person, ledger.bits))
    items, first = np.unique(ledger.item, return_index=True)
    called = dict(zip(items.tolist(), ledgers.names(db, "item", first), strict=True))
    del items, first
    db.executemany(
        "INSERT INTO by_item VALUES (?, ?, ?)",
        ((called[one], bits, many) for one, bits, many in ledgers.counted(ledger.item, ledger.bits)),
    )
    dated = ledger.at != ledgers.NEVER
    days = np.trunc(ledger.at[dated] / DAY).astype(np.int64)
    db.executemany("INSERT INTO by_day VALUES (?, ?, ?)", ledgers.counted(days, ledger.bits[dated]))
    db.executemany("INSERT INTO by_pair VALUES (?, ?)", _each(ledgers.least(ledger.pairs(), ledger.bits)))
    told = ledger.basket != ledgers.NOBODY
    baskets = ledgers.least(ledger.basket[told], ledger.bits[told])
    db.executemany("INSERT INTO by_basket VALUES (?, ?)", _each(baskets))
    found = _each(ledger.bits)
    db.executemany("INSERT INTO combinations VALUES (?, ?)", found)
    flags = {name: sum(many for bits, many in found if bits & BITS[name]) for name in FLAGS}
    return {
        "family": "recommend",
        "rows": ledger.count,
        "understood": understood,
        "flags": {name: many for name, many in flags.items() if many},
    }


def _each(bits: NDArray[np.int32]) -> list[tuple[int, int]]:
    """Each combination of flags, and how many have it."""
    found, many = np.unique(bits, return_counts=True)
    return list(zip(found.tolist(), many.tolist(), strict=True))


def kept(db: Path, choices: Mapping[str, str]) -> int:
    """How many rows stay."""
    with rows.opened(db) as connection:
        return _kept(connection, dropping(choices))


def _kept(db: sqlite3.Connection, drop: int) -> int:
    found = db.execute("SELECT coalesce(sum(rows), 0) FROM combinations WHERE bits & ? = 0", (drop,)).fetchone()
    return int(found[0])


def figures(db: Path, choices: Mapping[str, str]) -> Figures:
    """All numbers under these choices; no row is read."""
    drop = dropping(choices)
    with rows.opened(db) as connection:
        return counted(connection, drop)


def counted(db: sqlite3.Connection, drop: int) -> Figures:
    total = (
        int(rows.recall(db, "rows", 0)) or db.execute("SELECT coalesce(sum(rows), 0) FROM combinations").fetchone()[0]
    )
    found = Figures(rows=total, kept=_kept(db, drop))
    found.dropped = total - found.kept
    found.people, found.thin_people, found.median = _people(db, drop)
    # A pair, and a basket, is judged by its line with the fewest flags.
    found.pairs = db.execute("SELECT coalesce(sum(pairs), 0) FROM by_pair WHERE bits & ? = 0", (drop,)).fetchone()[0]
    baskets = "SELECT coalesce(sum(baskets), 0) FROM by_basket WHERE bits & ? = 0"
    found.baskets = db.execute(baskets, (drop,)).fetchone()[0]
    per_item = f"SELECT item, sum(rows) AS many FROM by_item WHERE bits & {drop:d} = 0 GROUP BY item"  # noqa: S608
    found.items, found.once_items = db.execute(
        f"SELECT count(*), coalesce(sum(many = 1), 0) FROM ({per_item})"  # noqa: S608
    ).fetchone()
    found.top = db.execute(f"{per_item} ORDER BY many DESC, item LIMIT {TOP}").fetchall()
    first, last = db.execute("SELECT min(day), max(day) FROM by_day WHERE bits & ? = 0", (drop,)).fetchone()
    if first is not None:
        found.begin, found.end = first * DAY, last * DAY
    return found


def _people(db: sqlite3.Connection, drop: int) -> tuple[int, int, int]:
    per_person = f"SELECT sum(rows) AS many FROM by_person WHERE bits & {drop:d} = 0 GROUP BY person"  # noqa: S608
    people, thin = db.execute(
        f"SELECT count(*), coalesce(sum(many < {FEW}), 0) FROM ({per_person})"  # noqa: S608
    ).fetchone()
    middle = db.execute(f"{per_person} ORDER BY many LIMIT 1 OFFSET {people // 2}").fetchone() if people else None
    return people, thin, int(middle[0]) if middle else 0


def last_day(db: Path, choices: Mapping[str, str]) -> int:
    """The day of the last interaction that counts."""
    with rows.opened(db) as connection:
        found = connection.execute("SELECT max(day) FROM by_day WHERE bits & ? = 0", (dropping(choices),)).fetchone()
    return int(found[0] or 0) * DAY


def over_time(db: Path, choices: Mapping[str, str]) -> list[tuple[int, int, int]]:
    """(first day, days, interactions) in equal steps of days, weeks or months of four weeks, at most BARS of them."""
    with rows.opened(db) as connection:
        found = connection.execute(
            "SELECT day, sum(rows) FROM by_day WHERE bits & ? = 0 GROUP BY day ORDER BY day", (dropping(choices),)
        ).fetchall()
    if not found:
        return []
    first, span = found[0][0], found[-1][0] - found[0][0] + 1
    step = next((days for days in (1, 7, 28, 91, 364) if span <= days * BARS), span // BARS + 1)
    bars = [0] * ((span - 1) // step + 1)
    for day, many in found:
        bars[(day - first) // step] += many
    return [((first + place * step) * DAY, step, many) for place, many in enumerate(bars)]
