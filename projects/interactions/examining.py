"""Looks at every line of a log: who, what, when, how much it says, and what is wrong with it."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from projects import dates, quality, rows
from projects.interactions import figures, returns
from projects.interactions.flags import BITS, names_of
from projects.interactions.understanding import DEAREST, MOST_WEIGHT, Understanding, cell_of, figure, understand
from projects.values import missing, number

Progress = Callable[[float, int], None]
LONGEST = 200  # characters of an id
HELD = 100_000  # different titles counted in memory before they go to the database
SCHEMA = """
DROP TABLE IF EXISTS log;
DROP TABLE IF EXISTS said;
CREATE TABLE log (n INTEGER PRIMARY KEY, person TEXT NOT NULL, item TEXT NOT NULL, at REAL, weight REAL NOT NULL,
  quantity REAL NOT NULL, basket TEXT, bits INTEGER NOT NULL);
CREATE TABLE said (item TEXT, role TEXT, value TEXT, many INTEGER, PRIMARY KEY (item, role, value)) WITHOUT ROWID;
"""
GUESTS = {"guest", "anonymous", "anon", "unknown", "-1", "游客", "匿名", "访客", "未登录"}
_WHOLE = re.compile(r"(\d+)\.0+")
# Lines of an invoice that are no goods, by their title.
_FEES = re.compile(
    r"(?:dotcom )?postage|carriage|manual|discounts?|samples?|(?:bank|amazon|handling|service) (?:charges?|fees?)|amazonfee"
    r"|adjust(?:ment)?(?: .*)?|adjust bad debt|shipping(?: .*)?|delivery(?: (?:fee|cost|charge)s?)?|vouchers?|surcharge|rounding|deposit|tips?"
    r"|cruk commission|next day carriage|运费|邮费|快递费|手续费|服务费|折扣|优惠券?|补差价|差价|包装费",
    re.I,
)
_BROKEN = sum(BITS[name] for name in ("no_item", "guest", "no_time", "return", "returned", "kind_out"))
_BROKEN |= sum(
    BITS[name]
    for name in quality.FLAGS
    if name in BITS and quality.FLAGS[name].default == "drop" and name != "duplicate"
)


@dataclass(frozen=True)
class Line:
    """One row of the file as a line of the log."""

    person: str
    item: str
    at: float | None
    weight: float
    quantity: float
    basket: str | None
    bits: int


def examine(
    db: Path, mapping: Mapping[str, str | None], choices: Mapping[str, str], progress: Progress
) -> dict[str, Any]:
    """Flags every row and counts; what was understood and what was found, as plain JSON."""
    with rows.opened(db, write=True) as connection:
        names = rows.columns(connection)
        columns = {role: str(column) for role, column in mapping.items() if column}
        places = {role: names.index(column) for role, column in columns.items()}
        total = connection.execute("SELECT count(*) FROM rows").fetchone()[0]
        connection.execute("PRAGMA journal_mode = TRUNCATE")
        connection.executescript(SCHEMA)
        understood = understand(connection, places, columns, choices)
        progress(0.2, 0)
        _walk(connection, _Reader(connection, places, understood), total, progress)
        with rows.beating(connection, lambda: progress(0.7, total)):
            _settle(connection, understood)
        with rows.beating(connection, lambda: progress(0.9, total)):
            report = figures.settle(connection, understood.to_json(), total)
        rows.remember(connection, "rows", total)
        rows.remember(connection, "places", places)
        connection.commit()
    progress(1.0, total)
    return report


class _Reader:
    """Makes a line of a row."""

    def __init__(self, db: sqlite3.Connection, places: Mapping[str, int], understood: Understanding) -> None:
        self.places, self.understood = places, understood
        self.form = str(understood.when.get("kind", "none"))
        reading = rows.recall(db, "reading", {})
        self.decimals = [column.get("decimal") or "." for column in reading.get("columns", [])]

    def line(self, cells: list[str | None], problem: str) -> Line:
        person, item = clean_id(self._text(cells, "person")), clean_id(self._text(cells, "item"))
        bits = BITS.get(problem, 0)
        bits |= BITS["guest"] if not person or person.casefold() in GUESTS else 0
        bits |= BITS["no_item"] if not item else 0
        bits |= BITS["personal"] if "@" in person else 0
        at = dates.parse(self._text(cells, "when"), self.form)
        bits |= BITS["no_time"] if "when" in self.places and at is None and self.form != "none" else 0
        basket = self._text(cells, "basket")[:LONGEST] or None
        quantity = self._number(cells, "quantity")
        weight, more = self._weight(cells)
        bits |= more | self._back(quantity, basket)
        return Line(person, item, at, weight, 1.0 if quantity is None else quantity, basket, bits)

    def said(self, cells: list[str | None], line: Line) -> list[tuple[str, str, str]]:
        """What the log itself says about the item."""
        if not line.item or line.bits & BITS["return"]:
            return []
        found = []
        for role in ("title", "category"):
            if role in self.places and not missing(text := self._text(cells, role)):
                found.append((line.item, role, text[:500]))
        if "price" in self.places and (price := self._number(cells, "price")) is not None and 0 < price < DEAREST:
            found.append((line.item, "price", repr(price)))
        return found

    def _text(self, cells: list[str | None], role: str) -> str:
        return cell_of(cells, self.places[role]) if role in self.places else ""

    def _number(self, cells: list[str | None], role: str) -> float | None:
        text = self._text(cells, role)
        return number(text, self.decimals[self.places[role]]) if text else None

    def _weight(self, cells: list[str | None]) -> tuple[float, int]:
        """How much the line says, and the flags for saying nothing good."""
        weight, bits = 1.0, 0
        about = self.understood.weight
        value = figure(self._text(cells, "weight")) if about else None
        value = None if value == 0 and about.get("unrated") else value
        if value is not None and about["kind"] in ("stars", "thumbs"):
            bits |= BITS["not_liked"] if value < about["liked"] else 0
            weight = max(value, 0.0) / (about["liked"] or 1.0)
        elif value is not None:
            bits |= BITS["not_liked"] if value <= 0 else 0
            weight = max(value, 0.0)
        if kinds := self.understood.kinds:
            kind = kinds.get(self._text(cells, "kind")[:100], {"weight": 1.0, "means": "other"})
            weight *= kind["weight"]
            bits |= BITS["return"] if kind["means"] == "return" else BITS["kind_out"] if not kind["weight"] else 0
        return round(min(weight, MOST_WEIGHT), 4), bits

    def _back(self, quantity: float | None, basket: str | None) -> int:
        letters = self.understood.letters
        cancelled = bool(letters and basket and basket[: len(letters)].upper() == letters)
        return BITS["return"] if cancelled or (quantity is not None and quantity <= 0) else 0


def clean_id(text: str) -> str:
    """An id as a text; 17850.0 is what a spreadsheet made of 17850."""
    if missing(text):
        return ""
    whole = _WHOLE.fullmatch(text)
    return (whole[1] if whole else text)[:LONGEST]


def _walk(db: sqlite3.Connection, reader: _Reader, total: int, progress: Progress) -> None:
    said: Counter[tuple[str, str, str]] = Counter()
    for batch in quality.batches(db):
        lines = []
        for n, cells, problem in batch:
            line = reader.line(cells, problem)
            lines.append((n, *vars(line).values()))
            said.update(reader.said(cells, line))
        db.executemany("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?)", lines)
        if len(said) > HELD:
            _say(db, said)
        progress(0.2 + 0.5 * batch[-1][0] / max(1, total), batch[-1][0])
    _say(db, said)


def _say(db: sqlite3.Connection, said: Counter[tuple[str, str, str]]) -> None:
    db.executemany(
        "INSERT INTO said VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET many = many + excluded.many",
        [(*what, many) for what, many in said.items()],
    )
    said.clear()


def _settle(db: sqlite3.Connection, understood: Understanding) -> None:
    """The flags that need all rows at once."""
    _flag_fees(db)
    if understood.signed or understood.letters or any(k["means"] == "return" for k in understood.kinds.values()):
        returns.flag(db)
    _flag_doubles(db)


def titles(db: sqlite3.Connection, role: str = "title") -> str:
    """SQL of (item, value): what the log says most often about each item."""
    return (
        "SELECT item, value FROM (SELECT item, value, row_number() OVER (PARTITION BY item ORDER BY many DESC, value)"  # noqa: S608
        f" AS place FROM said WHERE role = '{role}') WHERE place = 1"
    )


def _flag_fees(db: sqlite3.Connection) -> None:
    """Codes without a digit where codes have digits, and lines that are called postage, fee or discount."""
    total, with_digits = db.execute(
        "SELECT count(*), coalesce(sum(item GLOB '*[0-9]*'), 0) FROM (SELECT DISTINCT item FROM log WHERE item != '')"
    ).fetchone()
    db.execute("CREATE TEMP TABLE fees (item TEXT PRIMARY KEY)")
    if total >= 20 and with_digits >= 0.95 * total:
        db.execute("INSERT INTO fees SELECT DISTINCT item FROM log WHERE item != '' AND NOT item GLOB '*[0-9]*'")
    named = [(item,) for item, title in db.execute(titles(db)) if _FEES.fullmatch(title.strip())]
    db.executemany("INSERT OR IGNORE INTO fees VALUES (?)", named)
    db.execute("UPDATE log SET bits = bits | ? WHERE item IN (SELECT item FROM fees)", (BITS["not_product"],))
    db.execute("DROP TABLE fees")


def _flag_doubles(db: sqlite3.Connection) -> None:
    """The same person, item and moment: the line that says most stays."""
    db.execute(
        "UPDATE log SET bits = bits | ? WHERE n IN (SELECT n FROM (SELECT n, row_number() OVER"
        " (PARTITION BY person, item, at, CASE WHEN at IS NULL THEN basket END ORDER BY weight DESC, n) AS place"
        " FROM log WHERE bits & ? = 0) WHERE place > 1)",
        (BITS["duplicate"], _BROKEN),
    )


def behind(db: Path, flag: str, offset: int = 0, limit: int = 50) -> list[quality.BadRow]:
    """A page of the rows that carry the flag."""
    with rows.opened(db) as connection:
        found = connection.execute(
            "SELECT n, line, cells, problem, bits FROM log JOIN rows USING (n) WHERE bits & ? ORDER BY n LIMIT ? OFFSET ?",
            (BITS[flag], limit, offset),
        ).fetchall()
    return [
        quality.BadRow(n, line, json.loads(cells), problem, names_of(bits)) for n, line, cells, problem, bits in found
    ]
