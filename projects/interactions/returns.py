"""What was given back: a return takes back the purchases of the same item by the same person before it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import groupby

from projects.interactions.flags import BITS

Row = tuple[str, str, int, float, int]  # person, item, row, quantity, flags


def flag(db: sqlite3.Connection) -> None:
    """Flags every purchase whose whole quantity came back, the latest one before the return first."""
    back, out = BITS["return"], BITS["guest"] | BITS["no_item"] | BITS["no_time"]
    db.execute("CREATE TEMP TABLE back (person TEXT, item TEXT, PRIMARY KEY (person, item)) WITHOUT ROWID")
    db.execute("INSERT OR IGNORE INTO back SELECT person, item FROM log WHERE bits & ? AND NOT bits & ?", (back, out))
    # Sorted by the database, on disk; a return at the moment of its purchase comes after it.
    found = db.execute(
        "SELECT person, item, n, quantity, bits FROM log JOIN back USING (person, item) WHERE NOT bits & ?"
        " ORDER BY person, item, at, bits & ?, n",
        (out, back),
    )
    db.execute("CREATE TEMP TABLE gone (n INTEGER PRIMARY KEY)")
    db.executemany("INSERT INTO gone VALUES (?)", ((n,) for n in list(_taken_back(found, back))))
    db.execute("UPDATE log SET bits = bits | ? WHERE n IN (SELECT n FROM gone)", (BITS["returned"],))
    db.execute("DROP TABLE gone")
    db.execute("DROP TABLE back")


def _taken_back(found: Iterator[Row] | sqlite3.Cursor, back: int) -> Iterator[int]:
    for _pair, lines in groupby(found, key=lambda row: row[:2]):
        bought: list[list[float]] = []  # row and what is left of its quantity
        for _person, _item, n, quantity, bits in lines:
            if not bits & back:
                bought.append([n, abs(quantity)])
                continue
            left = abs(quantity) or 1.0
            while bought and left > 0:
                taken = min(left, bought[-1][1])
                left -= taken
                bought[-1][1] -= taken
                if bought[-1][1] <= 0:
                    yield int(bought.pop()[0])
