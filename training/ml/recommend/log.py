"""Who took what when: a dataset folder as arrays, each person and item once, at the first time. No torch here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.ml.recommend.picks import Item

INTERACTIONS, ITEMS, TEST = "interactions.jsonl", "items.jsonl", "test_interactions.jsonl"
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Log:
    """Interactions in the order of time; people and items are positions. Without times the order of the file counts."""

    person: Ints
    item: Ints
    when: Floats
    """Seconds since 1970; NaN where unknown."""
    weight: Floats
    moment: Ints
    """What a person took at once (a basket, or one time stamp) shares a number; numbers rise with time."""

    def __len__(self) -> int:
        return len(self.person)

    def part(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Log:
        """Some of the interactions, by mask or positions."""
        return Log(self.person[chosen], self.item[chosen], self.when[chosen], self.weight[chosen], self.moment[chosen])

    def among(self, other: Log) -> NDArray[np.bool_]:
        """Which interactions the other log holds too."""
        base = 1 + max(self.item.max(initial=0), other.item.max(initial=0))
        return np.isin(self.person * base + self.item, other.person * base + other.item)


@dataclass(frozen=True)
class Data:
    """A dataset folder."""

    people: list[str]
    items: list[Item]
    log: Log
    test: Log | None
    """What the owner gave as a test; None when the end of each history is to be held out."""


def read_data(folder: Path) -> Data:
    """The folder's interactions and items; items that only the log knows are known by their id."""
    lines = _timed(list(_lines(folder / INTERACTIONS)))
    tests = list(_lines(folder / TEST)) if (folder / TEST).exists() else []
    items = {str(line["item"]): Item.from_json(line) for line in _lines(folder / ITEMS)}
    for line in [*lines, *tests]:
        items.setdefault(str(line["item"]), Item(str(line["item"]), str(line["item"])))
    people = list(dict.fromkeys(str(line["person"]) for line in [*lines, *tests]))
    where = ({key: i for i, key in enumerate(people)}, {key: i for i, key in enumerate(items)})
    log = _log(lines, *where)
    given = _log(tests, *where) if tests else None
    test = given.part(~given.among(log)) if given else None  # only what a person did not take before
    return Data(people, list(items.values()), log, test)


def _lines(file: Path) -> Iterator[dict[str, object]]:
    if not file.exists() and file.name == ITEMS:
        return
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def _timed(lines: list[dict[str, object]]) -> list[dict[str, object]]:
    """One time for everything, such as the day of an export, is none: then the order of the file counts."""
    if len({line.get("when") for line in lines} - {None}) > 1:
        return lines
    return [line | {"when": None} for line in lines]


def _log(lines: list[dict[str, object]], people: dict[str, int], items: dict[str, int]) -> Log:
    person = np.array([people[str(line["person"])] for line in lines], dtype=np.int64)
    item = np.array([items[str(line["item"])] for line in lines], dtype=np.int64)
    when = np.array([_number(line.get("when"), np.nan) for line in lines])
    weight = np.array([_number(line.get("weight"), 1.0) for line in lines])
    keys = [_moment(line, i) for i, line in enumerate(lines)]
    numbers: dict[tuple[object, ...], int] = {}
    moment = np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)
    began = np.full(len(numbers), np.inf)
    np.minimum.at(began, moment, np.nan_to_num(when, nan=-np.inf))
    order = np.lexsort((np.arange(len(lines)), moment, began[moment]))
    _, first = np.unique(person[order] * max(len(items), 1) + item[order], return_index=True)
    kept = order[np.sort(first)]
    moment = np.argsort(np.lexsort((np.arange(len(began)), began)))[moment]
    return Log(person, item, when, weight, moment).part(kept[weight[kept] > 0])


def _moment(line: dict[str, object], position: int) -> tuple[object, ...]:
    """One basket, or one time stamp of one person; without either every line is a moment of its own."""
    if line.get("basket") is not None:
        return ("basket", str(line["person"]), str(line["basket"]))
    return ("when", str(line["person"]), line["when"]) if line.get("when") is not None else ("line", position)


def _number(value: object, otherwise: float) -> float:
    return otherwise if value is None else float(value) if isinstance(value, int | float) else float(str(value))


def histories(log: Log, people: Iterable[int] | None = None) -> dict[int, Ints]:
    """Positions in the log for each person, oldest first."""
    order = np.argsort(log.person, kind="stable")
    found, starts = np.unique(log.person[order], return_index=True)
    parts = dict(zip(found.tolist(), np.split(order, starts[1:]), strict=True)) if len(order) else {}
    empty = np.zeros(0, dtype=np.int64)
    return parts if people is None else {person: parts.get(person, empty) for person in people}
