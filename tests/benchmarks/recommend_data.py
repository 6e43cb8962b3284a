"""The public logs of the recommendation benchmarks as dataset folders."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.data import shared_data

LIKED = 4.0
FEWEST = 5


def movielens(folder: Path) -> Path:
    """Ratings of four stars and more, by people who gave at least five of them; titles and genres of every film."""
    source = shared_data("movielens_latest_small")
    with (source / "ratings.csv").open(encoding="utf-8") as file:
        liked = [row for row in csv.DictReader(file) if float(row["rating"]) >= LIKED]
    lines = [
        {
            "person": row["userId"],
            "item": row["movieId"],
            "when": float(row["timestamp"]),
            "weight": 1.0,
            "basket": None,
        }
        for row in sorted(liked, key=lambda row: int(row["timestamp"]))
    ]
    with (source / "movies.csv").open(encoding="utf-8") as file:
        items = [
            {"item": row["movieId"], "title": row["title"], "text": row["genres"].replace("|", ", "), "category": None}
            for row in csv.DictReader(file)
        ]
    return write(folder, lines, items)


def online_retail(folder: Path) -> Path:
    """What customers bought: no returns, no cancellations, no guests, only products; the commonest spelling as title."""
    with gzip.open(shared_data("online_retail") / "online_retail.csv.gz", "rt", encoding="utf-8") as file:
        bought = [row for row in csv.DictReader(file) if _is_purchase(row)]
    lines = [
        {
            "person": str(int(float(row["CustomerID"]))),
            "item": row["StockCode"],
            "when": datetime.fromisoformat(row["InvoiceDate"]).replace(tzinfo=UTC).timestamp(),
            "weight": 1.0,
            "basket": row["InvoiceNo"],
        }
        for row in bought
    ]
    lines.sort(key=lambda line: line["when"])
    return write(folder, lines, _products(bought))


SETS = {"online_retail": online_retail, "movielens_latest_small": movielens}


def write(folder: Path, lines: list[dict[str, Any]], items: list[dict[str, Any]]) -> Path:
    """A dataset folder of people with enough different items."""
    folder.mkdir(parents=True, exist_ok=True)
    different = Counter(person for person, _ in {(line["person"], line["item"]) for line in lines})
    kept = [line for line in lines if different[line["person"]] >= FEWEST]
    _write(folder / "interactions.jsonl", kept)
    _write(folder / "items.jsonl", items)
    return folder


def last_item_apart(folder: Path) -> None:
    """Everybody's last new item into a test file, as if the owner had brought one."""
    lines = [json.loads(line) for line in (folder / "interactions.jsonl").read_text(encoding="utf-8").splitlines()]
    last: dict[str, int] = {}
    had: set[tuple[str, str]] = set()
    for place, line in enumerate(lines):
        if (line["person"], line["item"]) not in had:
            had.add((line["person"], line["item"]))
            last[line["person"]] = place
    aside = {(lines[place]["person"], lines[place]["item"]) for place in last.values()}
    _write(folder / "test_interactions.jsonl", [lines[place] for place in sorted(last.values())])
    _write(folder / "interactions.jsonl", [one for one in lines if (one["person"], one["item"]) not in aside])


def _is_purchase(row: dict[str, str]) -> bool:
    counted = float(row["Quantity"]) > 0 and not row["InvoiceNo"].startswith("C")
    return counted and bool(row["CustomerID"].strip()) and row["StockCode"][:5].isdigit()


def _products(bought: list[dict[str, str]]) -> list[dict[str, Any]]:
    names: dict[str, Counter[str]] = defaultdict(Counter)
    prices: dict[str, list[float]] = defaultdict(list)
    for row in bought:
        names[row["StockCode"]][" ".join(row["Description"].split()).capitalize()] += 1
        prices[row["StockCode"]].append(float(row["UnitPrice"]))
    return [
        {
            "item": code,
            "title": max(found, key=found.__getitem__) or code,
            "text": "",
            "category": None,
            "price": sorted(prices[code])[len(prices[code]) // 2],
        }
        for code, found in names.items()
    ]


def _write(file: Path, lines: Iterable[dict[str, Any]]) -> None:
    with file.open("w", encoding="utf-8") as out:
        for line in lines:
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
