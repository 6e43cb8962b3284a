"""The same question with different answers, or the same text with different labels: a person says which one stays.

What was said is kept by what the texts are, not by where they stand, so that it outlives another reading of the file.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from projects import columns, rows
from projects.choices import Choices

KEPT = "kept_answers"
"""In the choices of a dataset: [question, answer] of each that is settled, as numbers of their texts."""
MOST = 1_000
"""Settled by hand in one set; whoever has more of them decides about all at once."""
SHOWN = 25
"""Of those that wait; the next come up when these are settled."""
SHOWN_SETTLED = 25
ANSWERS = 12
LINES = 4
LONGEST = 400
Pair = tuple[int, int]
Cells = list[str | None]


@dataclass(frozen=True)
class Answer:
    """One of the answers to a question."""

    n: int
    """Its first row."""
    text: str
    lines: list[int]
    more: int
    """Rows beyond those lines."""
    stays: bool = False


@dataclass(frozen=True)
class Group:
    """A question with its answers, the most frequent first."""

    text: str
    answers: list[Answer]
    more: int
    """Answers that are not shown."""


@dataclass
class Contradictions:
    """Those that wait for a person and those that are settled, with the counts of all."""

    waiting: int = 0
    settled: int = 0
    to_settle: list[Group] = field(default_factory=list)
    kept: list[Group] = field(default_factory=list)


# What was decided -------------------------------------------------------------------------------------------------
def decided(choices: Choices) -> list[Pair]:
    """(question, answer that stays), the latest last."""
    return [(int(question), int(answer)) for question, answer in choices.get(KEPT) or []]


def settled(pairs: Iterable[Pair], question: int, answer: int | None) -> list[list[int]]:
    """What is to be stored once this question keeps that answer; with None its answers contradict again."""
    left = [[one, said] for one, said in pairs if one != question]
    return left if answer is None else [*left, [question, answer]]


def together(several: Iterable[Mapping[str, object]]) -> list[list[int]]:
    """The decisions of several sets; of two about the same question the first one counts."""
    found: dict[int, int] = {}
    for choices in several:
        for question, answer in decided(choices):
            found.setdefault(question, answer)
    return [[question, answer] for question, answer in list(found.items())[:MOST]]


def of_row(path: Path, n: int) -> Pair | None:
    """The question of a row that contradicts another, and its answer as the rows are compared; None for other rows."""
    with rows.opened(path) as db:
        found = db.execute(
            "SELECT question, answer FROM keys WHERE n = ? AND answer NOT NULL AND EXISTS"
            " (SELECT 1 FROM keys AS other JOIN marks USING (n) WHERE other.question = keys.question"
            " AND flag IN ('contradicting', 'settled'))",
            (n,),
        ).fetchone()
    return (int(found[0]), int(found[1])) if found else None


# Marking the rows -------------------------------------------------------------------------------------------------
def mark(db: sqlite3.Connection, pairs: Iterable[Pair]) -> None:
    """Marks as settled the rows whose answer was not kept. No row of a settled question contradicts any more."""
    db.execute("CREATE INDEX IF NOT EXISTS keys_question ON keys (question)")
    # Whatever was settled before contradicts again, until it is settled below.
    db.execute(
        "INSERT OR IGNORE INTO marks SELECT 'contradicting', n FROM keys WHERE answer NOT NULL AND question IN"
        " (SELECT question FROM marks JOIN keys USING (n) WHERE flag = 'settled')"
    )
    db.execute("DELETE FROM marks WHERE flag = 'settled'")
    db.execute("DROP TABLE IF EXISTS temp.stays")
    db.execute("CREATE TEMP TABLE stays (question INTEGER PRIMARY KEY, answer INTEGER)")
    db.executemany("INSERT OR REPLACE INTO stays VALUES (?, ?)", list(pairs))
    # An answer that no row gives any more settles nothing.
    db.execute(
        "DELETE FROM stays WHERE NOT EXISTS (SELECT 1 FROM keys JOIN marks USING (n) WHERE flag = 'contradicting'"
        " AND keys.question = stays.question AND keys.answer = stays.answer)"
    )
    db.execute(
        "INSERT INTO marks SELECT 'settled', n FROM stays JOIN keys USING (question) WHERE keys.answer != stays.answer"
    )
    db.execute(
        "DELETE FROM marks WHERE flag = 'contradicting' AND n IN (SELECT n FROM stays JOIN keys USING (question))"
    )


def forget_order(db: sqlite3.Connection) -> None:
    """Before the rows are looked at again, which is slower with it."""
    db.execute("DROP INDEX IF EXISTS keys_question")


# Showing them -----------------------------------------------------------------------------------------------------
def shown(path: Path, answer: Callable[[Cells], str]) -> Contradictions:
    """What the page shows. ANSWER says what a row answers."""
    with rows.opened(path) as db:
        waiting, settled = _count(db, "contradicting"), _count(db, "settled")
        if not waiting and not settled:
            return Contradictions()
        places, needed = columns.remembered(rows.recall(db, "places", {})), rows.recall(db, "needed", [])
        said = _Said(places[needed[0]], answer)
        return Contradictions(
            waiting,
            settled,
            _groups(db, "contradicting", SHOWN, said),
            _groups(db, "settled", SHOWN_SETTLED, said),
        )


@dataclass(frozen=True)
class _Said:
    """How the texts of a row are read."""

    question: columns.Places
    answer: Callable[[Cells], str]


def _count(db: sqlite3.Connection, flag: str) -> int:
    ask = "SELECT count(DISTINCT question) FROM marks JOIN keys USING (n) WHERE flag = ?"
    return int(db.execute(ask, (flag,)).fetchone()[0])


_ANSWERS = """
WITH answers AS (
  SELECT question, answer, count(*) AS many, min(n) AS first FROM keys
  WHERE answer NOT NULL AND question IN (SELECT value FROM json_each(:asked)) GROUP BY question, answer
), ranked AS (
  SELECT *, row_number() OVER (PARTITION BY question ORDER BY many DESC, first) AS place,
  count(*) OVER (PARTITION BY question) AS every FROM answers
), placed AS (
  SELECT question, answer, n, row_number() OVER (PARTITION BY question, answer ORDER BY n) AS nth FROM keys
  WHERE question IN (SELECT value FROM json_each(:asked))
)
SELECT question, answer, many, first, every, json_group_array(line),
  EXISTS (SELECT 1 FROM marks WHERE flag = 'settled' AND marks.n = first)
FROM ranked JOIN placed USING (question, answer) JOIN rows USING (n)
WHERE place <= :answers AND nth <= :lines GROUP BY question, answer ORDER BY question, place
"""


def _groups(db: sqlite3.Connection, flag: str, most: int, said: _Said) -> list[Group]:
    """The questions with this flag in the order in which they stand in the file."""
    order = [
        question
        for question, _first in db.execute(
            "SELECT question, min(n) AS first FROM marks JOIN keys USING (n) WHERE flag = ?"
            " GROUP BY question ORDER BY first LIMIT ?",
            (flag, most),
        )
    ]
    asked = {"asked": json.dumps(order), "answers": ANSWERS, "lines": LINES}
    answers: dict[int, list[Answer]] = {question: [] for question in order}
    every: dict[int, int] = {}
    for question, _answer, many, first, different, lines, gone in db.execute(_ANSWERS, asked).fetchall():
        text = said.answer(_cells(db, first))[:LONGEST]
        at = sorted(json.loads(lines))
        stays = flag == "settled" and not gone
        answers[question].append(Answer(first, text, at, many - len(at), stays))
        every[question] = different
    return [_group(db, answers[question], every[question], said) for question in order if answers[question]]


def _group(db: sqlite3.Connection, answers: Sequence[Answer], every: int, said: _Said) -> Group:
    first = min(one.n for one in answers)
    text = columns.text(_cells(db, first), said.question).strip()[:LONGEST]
    return Group(text, sorted(answers, key=lambda one: not one.stays), every - len(answers))


def _cells(db: sqlite3.Connection, n: int) -> Cells:
    cells: Cells = json.loads(db.execute("SELECT cells FROM rows WHERE n = ?", (n,)).fetchone()[0])
    return cells
