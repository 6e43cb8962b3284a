"""The table of items beside a log: which column is what, how well it fits the log, and its lines as items."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from projects import headers, looking, mapping, money, quality, rows
from projects.formats import Column, Reading
from projects.interactions.examining import clean_id
from projects.interactions.itemroles import ROLES
from projects.interactions.understanding import DEAREST, cell_of
from projects.mapping import Guess
from projects.values import missing, number

SAMPLE = 5_000  # ids that are compared with the log
LONGEST = 2_000  # characters of the text of an item
NOT_AVAILABLE = {
    "0", "false", "no", "n", "f", "off", "none", "out", "out of stock", "sold out", "soldout", "unavailable", "inactive",
    "discontinued", "not available", "draft", "archived", "否", "无", "无货", "缺货", "下架", "已下架", "售罄", "停售", "不可用",
}  # fmt: skip
_URL = re.compile(r"https?://[^\s<>\"']+", re.I)
_NOTHING = re.compile(r"\(?(?:no|none|not) (?:genres?|categor\w+|description)s?(?: listed)?\)?", re.I)


@dataclass(frozen=True)
class Fit:
    """How well the table fits the log."""

    known: int  # items of the log that stand in the table
    taken: int  # items of the log
    only_table: int  # items that nobody took yet


def guess(db: Path, log: Path, reading: Reading) -> dict[str, Guess]:
    """The best column for each role. The item is the column whose cells are the log's ids, whatever its name."""
    looked = mapping.look(reading.columns, reading.sample)
    # Here the item is what counts up and never repeats, and no list.
    found = mapping.choose(reading.columns, [replace(one, several=False, counts_up=False) for one in looked], ROLES)
    best, share = _most_alike(db, log, reading)
    if best and found["item"].column != best:
        for name, one in found.items():
            if one.column == best:
                found[name] = Guess(None)
        found["item"] = Guess(best, share, "same_ids", {"column": best})
    if found["title"].column is None and (name := _first_text(found, reading)):
        found["title"] = Guess(name, 0.2, "reads_like")
    return found


def _first_text(found: Mapping[str, Guess], reading: Reading) -> str:
    """The first column of short texts that plays no role: what people put beside a number is its name."""
    taken = {one.column for one in found.values()}
    for column in reading.columns:
        short = [one for one in column.examples if len(one) <= 120 and not _URL.match(one)]
        if column.kind == "text" and column.name not in taken and short and short == column.examples:
            return column.name
    return ""


def _most_alike(db: Path, log: Path, reading: Reading) -> tuple[str, float]:
    """The column that has most of the log's ids, if it has many, and its share."""
    with rows.opened(log) as one:
        taken = {item for (item,) in one.execute("SELECT DISTINCT item FROM log WHERE item != '' LIMIT ?", (SAMPLE,))}
    shares = [0] * len(reading.columns)
    with rows.opened(db) as other:
        seen: list[set[str]] = [set() for _column in reading.columns]
        for batch in looking.batches(other):
            for _n, cells, _problem in batch:
                for place in range(min(len(cells), len(shares))):
                    value = clean_id(cell_of(cells, place))
                    if value in taken and value not in seen[place]:
                        seen[place].add(value)
        shares = [len(values) for values in seen]
    most = max(shares, default=0)
    if not taken or most < 0.2 * len(taken):
        return "", 0.0
    return reading.columns[shares.index(most)].name, round(most / len(taken), 3)


def load(db: sqlite3.Connection, table: Path, columns: Mapping[str, str | None]) -> None:
    """The table's items into `shelf`, a temporary table of DB; an id that stands twice is taken from its first line."""
    db.execute(
        "CREATE TEMP TABLE shelf (item TEXT PRIMARY KEY, title TEXT, text TEXT, category TEXT, price REAL, picture TEXT,"
        " link TEXT, available INTEGER, currency TEXT) WITHOUT ROWID"
    )
    with rows.opened(table) as source:
        for many in _batched(_items(source, columns)):
            db.executemany("INSERT OR IGNORE INTO shelf VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", many)
    _without_zeros(db)


def _without_zeros(db: sqlite3.Connection) -> None:
    """Gives the table's items the log's ids where only zeros at the beginning differ: a spreadsheet makes 7 of 007."""
    bare = "SELECT ltrim(item, '0') AS bare, {what} FROM {table} WHERE item != '' AND NOT item GLOB '*[^0-9]*' {more}"
    unknown = bare.format(what="min(item) AS wanted", table="by_item", more="AND item NOT IN (SELECT item FROM shelf)")
    spare = bare.format(what="min(item) AS held", table="shelf", more="AND item NOT IN (SELECT item FROM by_item)")
    pairs = db.execute(
        f"SELECT wanted, held FROM ({unknown} GROUP BY bare HAVING count(DISTINCT item) = 1)"  # noqa: S608
        f" JOIN ({spare} GROUP BY bare HAVING count(*) = 1) USING (bare)"
    ).fetchall()
    db.executemany("UPDATE shelf SET item = ? WHERE item = ?", pairs)


def fit(log: Path, table: Path, columns: Mapping[str, str | None], drop: int) -> Fit:
    """How many of the log's items the table knows, and how many only the table has."""
    with rows.opened(log) as db:
        load(db, table, columns)
        taken = f"SELECT DISTINCT item FROM by_item WHERE bits & {drop:d} = 0"  # noqa: S608
        count = db.execute(f"SELECT count(*) FROM ({taken})").fetchone()[0]  # noqa: S608
        known = db.execute(f"SELECT count(*) FROM ({taken}) WHERE item IN (SELECT item FROM shelf)").fetchone()[0]  # noqa: S608
        every = db.execute("SELECT count(*) FROM shelf").fetchone()[0]
    return Fit(known, count, every - known)


def _items(source: sqlite3.Connection, columns: Mapping[str, str | None]) -> Iterator[tuple[Any, ...]]:
    reading = Reading.from_json(rows.recall(source, "reading", {}))
    names = reading.names
    places = {role: names.index(column) for role, column in columns.items() if column and column in names}
    spare = [
        (place, f"{column.header}: " if _is_attribute(column) else "")
        for place, column in enumerate(reading.columns)
        if place not in places.values()
        and column.kind == "text"
        and not _links(column.examples)
        and len(column.examples) > 1  # what all have in common tells none apart
    ]
    prices = reading.columns[places["price"]] if "price" in places else Column("")
    decimal, currency = prices.decimal or ".", money.of_column(prices.header, prices.examples)
    for batch in looking.batches(source):
        for _n, cells, problem in batch:
            item = clean_id(cell_of(cells, places["item"])) if "item" in places else ""
            if item and problem not in headers.OUTSIDE:
                yield (*_item(item, cells, places, spare, decimal), _money(cells, places) or currency or None)


def _money(cells: list[str | None], places: Mapping[str, int]) -> str:
    """The money that the cell of the price itself names."""
    return money.of_cell(cell_of(cells, places["price"])) if "price" in places else ""


def _item(
    item: str, cells: list[str | None], places: Mapping[str, int], spare: Sequence[tuple[int, str]], decimal: str
) -> tuple[object, ...]:
    said = {role: _said(cell_of(cells, place)) for role, place in places.items()}
    more = ((name, _said(cell_of(cells, place))) for place, name in spare)
    texts = [said.get("text", ""), *(f"{name}{text}" for name, text in more if text)]
    text = ". ".join(part.rstrip(".") for part in dict.fromkeys(texts) if part)[:LONGEST]
    price = number(said["price"], decimal) if said.get("price") else None
    return (
        item,
        said.get("title", "")[:500] or None,
        text,
        said.get("category", "")[:200] or None,
        price if price is not None and 0 <= price < DEAREST else None,
        _link(said.get("picture", "")),
        _link(said.get("link", "")),
        available(said.get("available", "")),
    )


def _is_attribute(column: Column) -> bool:
    """Whether its cells are a word or three, which say nothing without the column's name: Level: beginner."""
    return bool(column.header) and all(len(text.split()) <= 3 and len(text) <= 30 for text in column.examples)


def _said(text: str) -> str:
    """The words of a cell: no tags, commas between what bars separated."""
    if missing(text) or _NOTHING.fullmatch(text):
        return ""
    bare = quality.without_markup(text) if "<" in text or "&" in text else text
    return ", ".join(part.strip() for part in bare.split("|") if part.strip())


def _links(examples: Sequence[str]) -> bool:
    return bool(examples) and all(_URL.match(example) for example in examples)


def _link(text: str) -> str | None:
    found = _URL.match(text)
    return found[0][:2_000] if found else None


def available(text: str) -> bool:
    """Whether a cell says that one can have the item; nothing said means yes."""
    plain = text.strip().casefold()
    if not plain or plain in NOT_AVAILABLE:
        return not plain
    value = number(plain)
    return value is None or value > 0


def _batched(found: Iterator[tuple[object, ...]]) -> Iterator[list[tuple[object, ...]]]:
    batch: list[tuple[object, ...]] = []
    for one in found:
        batch.append(one)
        if len(batch) >= rows.BATCH:
            yield batch
            batch = []
    yield batch


def preview(db: Path, columns: Mapping[str, str | None], limit: int) -> list[dict[str, object]]:
    """A few items as they will be shown, of different categories where there are some."""
    names = ("item", "title", "text", "category", "price", "picture", "link", "available", "currency")
    with rows.opened(db) as source:
        found = [dict(zip(names, one, strict=True)) for one in islice(_items(source, columns), 500)]
    first = {item["category"]: item for item in reversed(found)}
    shown = [item for item in found if first[item["category"]] is item]
    kept = (shown + [item for item in found if item not in shown])[:limit]
    return [{**item, "costs": money.shown(item["price"], 2, item["currency"] or "")} for item in kept]


def as_line(found: Sequence[Any]) -> str:
    """A line of items.jsonl from (item, title, text, category, price, picture, link, available, currency)."""
    item, title, text, category, price, picture, link, there, currency = found
    said = {
        "item": item,
        "title": title or item,
        "text": text or "",
        "category": category,
        "price": None if price is None else float(price),
        "picture": picture,
        "link": link,
        "available": True if there is None else bool(there),
        "currency": currency or None if price is not None else None,
    }
    return json.dumps(said, ensure_ascii=False) + "\n"
