"""Writes a checked log down for learning: interactions in the order of time, items, and what was left out."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import chain
from json.encoder import encode_basestring as quoted
from pathlib import Path
from typing import Any

from projects import money, rows
from projects.cells import Table
from projects.formats import Reading
from projects.interactions import catalogue, figures
from projects.interactions.examining import titles
from projects.interactions.flags import chosen, dropping, reason
from projects.interactions.understood import Understood

Progress = Callable[[float, int], None]
Line = tuple[Any, ...]  # person, item, moment, weight, basket


@dataclass
class Counts:
    """What was written. `train` and `test` are there for pages that show sides: the split by time comes later."""

    rows: int = 0
    kept: int = 0
    dropped: int = 0
    train: int = 0
    validation: int = 0
    test: int = 0
    people: int = 0
    items: int = 0  # of the whole catalogue
    taken: int = 0  # items that somebody took
    interactions: int = 0
    reasons: dict[str, int] = field(default_factory=dict)  # flag → rows dropped for it (the first reason counts)
    sha256: str = ""


@dataclass(frozen=True)
class Source:
    """A checked log and the choices made about it; the table of items where there is one."""

    log: Path
    choices: Mapping[str, str]
    mapping: Mapping[str, str | None]
    understood: Understood
    table: Path | None = None
    columns: Mapping[str, str | None] = field(default_factory=dict)


def write(source: Source, out: Path, progress: Progress, test: Source | None = None) -> Counts:
    """interactions.jsonl, items.jsonl, dropped.csv, dataset.json and with TEST test_interactions.jsonl into OUT."""
    out.mkdir(parents=True, exist_ok=True)
    work = _Work(source, out, progress)
    with rows.opened(source.log) as db, rows.beating(db, lambda: progress(work.done, work.counts.rows)):
        db.execute("CREATE TEMP TABLE wanted (item TEXT PRIMARY KEY) WITHOUT ROWID")
        work.interactions(db)
        work.left_out(db)
        if test is not None and test.log.resolve() != source.log.resolve():
            work.test(db, test)
        work.items(db)
        work.count(db)
    facts = {
        **asdict(work.counts), **work.facts, "family": "recommend", "mapping": dict(source.mapping),
        "choices": {**dict(source.choices), **chosen(source.choices)},
        "items_mapping": dict(source.columns),
        "weights": {kind: about["weight"] for kind, about in source.understood.get("kinds", {}).items()},
        "liked_from": source.understood.get("weight", {}).get("liked"),
    }  # fmt: skip
    (out / "dataset.json").write_text(json.dumps(facts, ensure_ascii=False, indent=2), encoding="utf-8")
    return work.counts


class _Work:
    def __init__(self, source: Source, out: Path, progress: Progress) -> None:
        self.source, self.out, self.progress = source, out, progress
        self.drop = dropping(source.choices)
        self.mask = chosen(source.choices)["personal"] == "mask"
        self.counts, self.facts = Counts(), dict[str, object]()
        self.hash = hashlib.sha256()
        self.done = 0.0

    def told(self, share: float, count: int) -> None:
        self.done = share
        self.progress(share, count)

    def interactions(self, db: sqlite3.Connection) -> None:
        total = db.execute("SELECT count(*) FROM log").fetchone()[0]
        self.counts.rows = total
        self.counts.interactions = self._lines(db, "interactions.jsonl", self.drop, total)
        self.counts.kept = self.counts.train = self.counts.interactions
        db.execute("INSERT INTO wanted SELECT DISTINCT item FROM by_item WHERE bits & ? = 0", (self.drop,))

    def _lines(self, db: sqlite3.Connection, name: str, drop: int, total: int) -> int:
        """One line for each that stays, in the order of time, then of the file."""
        found = db.execute(
            "SELECT person, item, at, weight, basket FROM log WHERE bits & ? = 0 ORDER BY at, n", (drop,)
        )
        count = 0
        with (self.out / name).open("wb") as file:
            while some := found.fetchmany(rows.BATCH):
                data = (self._plainly(some) or "".join([self._line(*one) for one in some])).encode()
                file.write(data)
                self.hash.update(data)
                count += len(some)
                self.told(0.9 * count / max(1, total), count)
        return count

    def _plainly(self, lines: list[Line]) -> str:
        """The same at once for many of which none needs a careful look; "" where one does."""
        persons, items, moments, _weights, baskets = zip(*lines, strict=True)
        columns = [persons, items]
        when, basket = ("null" if None in one else shown for one, shown in ((moments, "%r"), (baskets, '"%s"')))
        if when == "null":
            if any(moment is not None for moment in moments):
                return ""
            lines = [(person, item, weight, order) for person, item, _at, weight, order in lines]
        if basket == "null":
            if any(baskets):
                return ""
            lines = [line[:-1] for line in lines]
        else:
            columns.append(baskets)
        every = "".join(chain.from_iterable(columns))
        if not every.isprintable() or '"' in every or "\\" in every or "@" in every:
            return ""
        line = f'{{"person": "%s", "item": "%s", "when": {when}, "weight": %r, "basket": {basket}}}\n'
        return "".join(map(line.__mod__, lines))

    def _line(self, person: str, item: str, at: float | None, weight: float, basket: str | None) -> str:
        """What `json.dumps` says of these, in a fifth of its time."""
        when, order = "null" if at is None else repr(at), "null" if basket is None else quoted(basket)
        who = self._person(person) if "@" in person else person
        return f'{{"person": {quoted(who)}, "item": {quoted(item)}, "when": {when}, "weight": {weight!r}, "basket": {order}}}\n'

    def _person(self, person: str) -> str:
        """An e-mail address does not go into a model: a made-up name does, the same for the same person."""
        if not self.mask or "@" not in person:
            return person
        return "person-" + hashlib.sha256(person.casefold().encode()).hexdigest()[:12]

    def left_out(self, db: sqlite3.Connection) -> None:
        # With a byte-order mark, spreadsheet programs read it as UTF-8.
        with (self.out / "dropped.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = Table(file)
            writer.add(["row", "reason", *rows.columns(db)])
            found = db.execute(
                "SELECT line, cells, bits FROM log JOIN rows USING (n) WHERE bits & ? ORDER BY n", (self.drop,)
            )
            for line, cells, bits in found:
                why = reason(bits, self.drop)
                writer.add([line, why, *json.loads(cells)])
                self.counts.dropped += 1
                self.counts.reasons[why] = self.counts.reasons.get(why, 0) + 1
        self.told(0.94, self.counts.rows)

    def test(self, db: sqlite3.Connection, test: Source) -> None:
        """The lines of the test file, under the choices made for it."""
        drop = dropping(test.choices)
        with rows.opened(test.log) as other:
            self.counts.test = self._lines(other, "test_interactions.jsonl", drop, 0)
            found = other.execute("SELECT DISTINCT item FROM by_item WHERE bits & ? = 0", (drop,))
            db.executemany("INSERT OR IGNORE INTO wanted VALUES (?)", found)

    def items(self, db: sqlite3.Connection) -> None:
        """Every item that occurs, and those of the table that nobody took yet."""
        if self.source.table is not None:
            catalogue.load(db, self.source.table, self.source.columns)
            db.execute("INSERT OR IGNORE INTO wanted SELECT item FROM shelf")
        else:
            db.execute(
                "CREATE TEMP TABLE shelf (item TEXT PRIMARY KEY, title, text, category, price, picture, link, available,"
                " currency)"
            )
        named = self._currency(db)
        found = db.execute(
            "SELECT wanted.item, coalesce(shelf.title, said.value), text, coalesce(category, sort.value),"  # noqa: S608
            " coalesce(price, cost.value), picture, link, available, CASE WHEN price IS NULL THEN ? ELSE currency END FROM wanted LEFT JOIN shelf USING (item)"
            f" LEFT JOIN ({titles(db)}) AS said USING (item) LEFT JOIN ({titles(db, 'category')}) AS sort USING (item)"
            f" LEFT JOIN ({titles(db, 'price')}) AS cost USING (item) ORDER BY wanted.item",
            (named,),
        )
        with (self.out / "items.jsonl").open("w", encoding="utf-8") as file:
            for one in found:
                line = catalogue.as_line(one)
                file.write(line)
                self.hash.update(line.encode())
                self.counts.items += 1
        self.told(0.98, self.counts.rows)

    def _currency(self, db: sqlite3.Connection) -> str:
        """The money of the prices in the log, as its column tells."""
        reading = Reading.from_json(rows.recall(db, "reading", {}))
        name = self.source.mapping.get("price")
        return next((money.of_column(one.header, one.examples) for one in reading.columns if one.name == name), "")

    def count(self, db: sqlite3.Connection) -> None:
        told = figures.counted(db, self.drop)
        self.counts.people, self.counts.taken = told.people, told.items
        self.counts.sha256 = self.hash.hexdigest()
        first, last = db.execute("SELECT min(at), max(at) FROM log WHERE bits & ? = 0", (self.drop,)).fetchone()
        dated = first is not None and self.source.understood.get("when", {}).get("kind") != "steps"
        self.facts = {
            "from": _iso(first) if dated else None,
            "to": _iso(last) if dated else None,
            "density": round(told.density, 6),
            "baskets": told.baskets,
        }


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()
