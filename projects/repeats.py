"""Which rows say the same and which contradict one another: eight bytes for each text, sorted in memory at once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
NONE = -1  # no answer; real ones are 0 and above


@dataclass(frozen=True)
class Keys:
    """The numbers of question and answer of every row that has them, in the order of the rows."""

    n: Numbers
    question: Numbers
    answer: Numbers

    @classmethod
    def of(cls, db: sqlite3.Connection) -> Keys:
        found = db.execute(f"SELECT n, question, coalesce(answer, {NONE}) FROM keys ORDER BY n")  # noqa: S608
        n, question, answer = _columns(found, 3)
        return cls(n, question, answer)

    def repeated(self) -> tuple[Numbers, Numbers]:
        """The rows whose texts stand further up, and those whose question stands elsewhere with another answer."""
        told = np.flatnonzero(self.answer != NONE)
        question, answer = self.question[told], self.answer[told]
        order = np.lexsort((answer, question))  # rows that are alike stay in their order
        question, answer = question[order], answer[order]
        same_question = question[1:] == question[:-1]
        same = same_question & (answer[1:] == answer[:-1])
        group = np.concatenate(([0], np.cumsum(~same_question))) if len(order) else np.empty(0, np.int64)
        torn = np.zeros(int(group[-1]) + 1 if len(order) else 0, bool)
        torn[group[1:][same_question & ~same]] = True
        rows = self.n[told][order]
        return np.sort(rows[1:][same]), np.sort(rows[torn[group]])

    def answers(self, most: int) -> tuple[int, list[tuple[int, int]]]:
        """How many different answers there are; and the MOST frequent of them: the first row that gives it, how many do."""
        told = np.flatnonzero(self.answer != NONE)
        _answers, first, many = np.unique(self.answer[told], return_index=True, return_counts=True)
        rows = self.n[told[first]]
        # The more rows, the higher; of as many, the one further up. Only those that are wanted become objects.
        rank = (many << 32) - rows
        top = np.argpartition(rank, -most)[-most:] if len(rank) > most else np.arange(len(rank))
        top = top[np.argsort(-rank[top])]
        return len(first), list(zip(rows[top].tolist(), many[top].tolist(), strict=True))

    def kept(self, db: sqlite3.Connection, drop: list[str], pinned: Collection[int] = ()) -> Keys:
        """Without the rows that have one of these flags, and without PINNED questions."""
        marks = f"SELECT n, 0 FROM marks WHERE flag IN ({','.join('?' * len(drop))})"  # noqa: S608
        gone = np.zeros(int(self.n[-1]) + 1 if len(self.n) else 0, bool)
        dropped = _columns(db.execute(marks, drop), 2)[0]
        gone[dropped[dropped < len(gone)]] = True
        stay = ~gone[self.n]
        if pinned:
            stay &= ~np.isin(self.question, np.fromiter(pinned, np.int64))
        return Keys(self.n[stay], self.question[stay], self.answer[stay])


def _columns(found: sqlite3.Cursor, many: int) -> tuple[Numbers, ...]:
    """The columns of a result, without a Python object for each number that stays."""
    flat = np.fromiter(chain.from_iterable(found), np.int64).reshape(-1, many)
    return tuple(np.ascontiguousarray(flat[:, place]) for place in range(many))


def mark(db: sqlite3.Connection) -> Keys:
    """Marks duplicates, and the same question with different answers; rows whose answer is NULL take no part."""
    keys = Keys.of(db)
    for flag, rows in zip(("duplicate", "contradicting"), keys.repeated(), strict=True):
        db.executemany("INSERT OR IGNORE INTO marks VALUES (?, ?)", ((flag, n) for n in rows.tolist()))
    return keys


def copies(db: sqlite3.Connection, numbers: Collection[int]) -> dict[int, int]:
    """Which of these rows say the same as one further up: row → the line of the first that says it."""
    first = (
        "SELECT line FROM keys AS other JOIN rows USING (n) WHERE other.question = keys.question"
        " AND other.answer = keys.answer AND other.n < keys.n ORDER BY other.n LIMIT 1"
    )
    asked = (
        f"SELECT keys.n, ({first}) FROM keys JOIN marks USING (n)"  # noqa: S608
        " WHERE flag = 'duplicate' AND keys.n IN (SELECT value FROM json_each(?))"
    )
    return {n: line for n, line in db.execute(asked, (json.dumps(list(numbers)),)) if line is not None}
