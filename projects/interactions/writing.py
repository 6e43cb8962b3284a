"""Writes a checked log down for learning: interactions in the order of time, items, and what was left out."""

from __future__ import annotations

import csv
import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from projects import rows
from projects.interactions import catalogue, figures
from projects.interactions.examining import titles
from projects.interactions.flags import chosen, dropping, reason
from projects.splitting import harmless

Progress = Callable[[float, int], None]


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
    understood: Mapping[str, Any]
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
        self.counts, self.facts = Counts(), dict[str, Any]()
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
        with (self.out / name).open("w", encoding="utf-8") as file:
            for person, item, at, weight, basket in found:
                said = {"person": self._person(person), "item": item, "when": at, "weight": weight, "basket": basket}
                line = json.dumps(said, ensure_ascii=False) + "\n"
                file.write(line)
                self.hash.update(line.encode())
                count += 1
                if count % rows.BATCH == 0:
                    self.told(0.6 * count / max(1, total), count)
        return count

    def _person(self, person: str) -> str:
        """An e-mail address does not go into a model: a made-up name does, the same for the same person."""
        if not self.mask or "@" not in person:
            return person
        return "person-" + hashlib.sha256(person.casefold().encode()).hexdigest()[:12]

    def left_out(self, db: sqlite3.Connection) -> None:
        # With a byte-order mark, spreadsheet programs read it as UTF-8.
        with (self.out / "dropped.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["row", "reason", *map(harmless, rows.columns(db))])
            found = db.execute(
                "SELECT line, cells, bits FROM log JOIN rows USING (n) WHERE bits & ? ORDER BY n", (self.drop,)
            )
            for line, cells, bits in found:
                why = reason(bits, self.drop)
                writer.writerow([line, why, *(harmless(cell) for cell in json.loads(cells))])
                self.counts.dropped += 1
                self.counts.reasons[why] = self.counts.reasons.get(why, 0) + 1
        self.told(0.8, self.counts.rows)

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
                "CREATE TEMP TABLE shelf (item TEXT PRIMARY KEY, title, text, category, price, picture, link, available)"
            )
        found = db.execute(
            "SELECT wanted.item, coalesce(shelf.title, said.value), text, coalesce(category, sort.value),"  # noqa: S608
            " coalesce(price, cost.value), picture, link, available FROM wanted LEFT JOIN shelf USING (item)"
            f" LEFT JOIN ({titles(db)}) AS said USING (item) LEFT JOIN ({titles(db, 'category')}) AS sort USING (item)"
            f" LEFT JOIN ({titles(db, 'price')}) AS cost USING (item) ORDER BY wanted.item"
        )
        with (self.out / "items.jsonl").open("w", encoding="utf-8") as file:
            for one in found:
                line = catalogue.as_line(one)
                file.write(line)
                self.hash.update(line.encode())
                self.counts.items += 1
        self.told(0.95, self.counts.rows)

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
