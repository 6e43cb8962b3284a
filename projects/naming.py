"""Names of labels by their numbers, from a small file beside the table in its archive (0 → billing)."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence

from projects.formats import Column, Reading
from projects.source import Source

BYTES = 200_000
MOST = 2_000  # labels
FILES = 20
COVERED = 0.6  # share of the names that the table uses
_ENDINGS = (".json", ".txt", ".csv", ".tsv", ".names")
_WORDS = frozenset(
    [
        "label",
        "class",
        "classe",
        "category",
        "categorie",
        "kategorie",
        "intent",
        "topic",
        "target",
        "tag",
        "标签",
        "类别",
        "分类",
    ]
)
_UNNAMED = re.compile(r"column \d{1,4}")
Names = dict[str, str]


def find(source: Source, reading: Reading, sample: Sequence[Sequence[str | None]]) -> str:
    """Notes in the reading what the numbers of a column are called; the file that says so, or ""."""
    others = [one.name for one in reading.members if one.name not in (reading.member, *reading.joined)]
    for name in [name for name in others if name.lower().endswith(_ENDINGS)][:FILES]:
        about = _words(name.rpartition("/")[2].partition(".")[0])
        known = _WORDS | about
        names, listed = _names(source.beside(name, BYTES), name, bool(_WORDS & about))
        if not 2 <= len(names) <= MOST or not all(any(map(str.isalpha, text)) for text in names.values()):
            continue
        for place, column in enumerate(reading.columns):
            if (_words(column.name) & known or _UNNAMED.fullmatch(column.name)) and (
                fits := _fitting(sample, place, names, listed)
            ):
                reading.called = {column.name: fits}
                return name
    return ""


def _words(name: str) -> set[str]:
    """The words of a name, one for each thing and for many of it."""
    words = set(re.split(r"[\W_\d]+", name.casefold()[:200])) - {""}
    return words | {word.removesuffix("s") for word in words if len(word) > 4}


def _fitting(sample: Sequence[Sequence[str | None]], place: int, names: Names, listed: bool) -> Names:
    """The names of what stands in a column, where all of it has one and most names are used."""
    held = [(row[place] or "").strip() for row in sample if place < len(row)]
    used = set(held) - {""}
    if listed and "0" not in used:  # the first of a list is number 1
        names = {str(int(number) + 1): name for number, name in names.items()} if str(len(names)) in used else {}
    fits = bool(used) and used <= names.keys() and len(used) >= COVERED * len(names) and len(used) <= 0.5 * len(held)
    return names if fits else {}


def _names(data: bytes, name: str, meant: bool) -> tuple[Names, bool]:
    """Number → name as a file holds them, and whether they only stand in their order. MEANT: its name says labels."""
    text = data.decode("utf-8-sig", "replace")
    if name.lower().endswith(".json"):
        try:
            return _of_json(json.loads(text))
        except (ValueError, RecursionError):
            return {}, False
    lines = [line for line in text.splitlines()[: MOST + 2] if line.strip()]
    mark = next((sign for sign in ("\t", ",", ";", ":", "=") if lines and all(sign in line for line in lines)), "")
    if not mark:
        return ({str(number): line.strip() for number, line in enumerate(lines)} if meant else {}), True
    try:
        rows = [[cell.strip() for cell in row[:2]] for row in csv.reader(lines, delimiter=mark)]
    except csv.Error:
        return {}, False
    pairs = [row for row in rows if len(row) == 2]
    at = 0 if sum(row[0].isdecimal() for row in pairs) >= sum(row[1].isdecimal() for row in pairs) else 1
    return {row[at]: row[1 - at] for row in pairs if row[at].isdecimal()}, False


def _of_json(held: object) -> tuple[Names, bool]:
    if isinstance(held, list) and all(isinstance(one, str) for one in held[:MOST]):
        return {str(number): name for number, name in enumerate(held[: MOST + 1])}, True
    if isinstance(held, dict):
        inside = next((held[key] for key in ("id2label", "label2id", "labels", "classes") if key in held), held)
        if isinstance(inside, list):
            return _of_json(inside) if all(isinstance(one, str) for one in inside[:MOST]) else ({}, False)
        pairs = list(inside.items())[: MOST + 1] if isinstance(inside, dict) else []
        if all(isinstance(value, int) and not isinstance(value, bool) for _key, value in pairs):
            return {str(value): str(key) for key, value in pairs}, False
        return {str(key): value for key, value in pairs if isinstance(value, str) and str(key).isdecimal()}, False
    return {}, False


def called(cells: list[str | None], columns: Sequence[Column], names: dict[str, Names]) -> list[str | None]:
    """The cells of a row with numbers replaced by their names."""
    return [
        names[column.name].get((cell or "").strip(), cell) if column.name in names else cell
        for column, cell in zip(columns, cells, strict=False)
    ] + list(cells[len(columns) :])
