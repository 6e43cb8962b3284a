"""What was given back: a return takes back the purchases of the same item by the same person before it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import groupby

import numpy as np

from projects.interactions.flags import BITS
from projects.interactions.ledger import Ledger, names

Row = tuple[int, int, float, bool]  # person and item, line, quantity, whether it is a return


def flag(db: sqlite3.Connection, ledger: Ledger) -> None:
    """Flags every purchase whose whole quantity came back, the latest one before the return first."""
    back, out = BITS["return"], BITS["guest"] | BITS["no_item"] | BITS["no_time"]
    sound = np.flatnonzero((ledger.bits & out) == 0)
    pairs, returned = ledger.pairs(sound), (ledger.bits[sound] & back) != 0
    both = np.isin(pairs, pairs[returned])
    sound, pairs, returned = sound[both], pairs[both], returned[both]
    # A return at the moment of its purchase comes after it.
    order = np.lexsort((sound, returned, ledger.at[sound], pairs))
    places = sound[order]
    quantities = map(float, names(db, "quantity", places))
    rows = zip(pairs[order].tolist(), places.tolist(), quantities, returned[order].tolist(), strict=True)
    ledger.mark(np.fromiter(_taken_back(rows), np.int64), BITS["returned"])


def _taken_back(found: Iterator[Row]) -> Iterator[int]:
    for _pair, lines in groupby(found, key=lambda row: row[0]):
        bought: list[list[float]] = []  # line and what is left of its quantity
        for _same, line, quantity, back in lines:
            if not back:
                bought.append([line, abs(quantity)])
                continue
            left = abs(quantity) or 1.0
            while bought and left > 0:
                taken = min(left, bought[-1][1])
                left -= taken
                bought[-1][1] -= taken
                if bought[-1][1] <= 0:
                    yield int(bought.pop()[0])
