"""What JSON and Parquet share: records flattened into named cells."""

from __future__ import annotations

import codecs
import datetime as dt
import decimal
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any

from projects.conversations.records import is_turns, named_like_turn, unwrapped
from projects.encodings import repaired
from projects.formats import Refusal

Record = Mapping[str, Any]
"""An object of JSON as somebody brought it."""

DEPTH = 64
INSIDE = 3  # records in a list inside for each record around it, from which on it is the table
DEEP = 5  # objects in objects that become dotted names; what is deeper stays JSON
CELLS = 2_000  # of one record
_TESTS = frozenset(
    [
        "test", "tests", "testing", "testset", "eval", "evaluation", "dev", "val", "valid", "validation", "holdout",
        "测试", "测试集", "验证", "验证集", "評価", "検証",
    ]
)  # fmt: skip
_DEEP = re.compile(rb"(?:[\[{][^\[\]{}]{0,40}){%d}" % (2 * DEPTH))  # one opening bracket after the other


class Utf8:
    """The document as UTF-8 bytes, whatever it is written in, because that is what the parser reads."""

    def __init__(self, stream: IO[bytes], encoding: str) -> None:
        self.stream, self.decoder = stream, codecs.getincrementaldecoder(encoding)("replace")

    def read(self, size: int = 65_536) -> bytes:
        if not size:
            return b""
        while data := self.stream.read(max(size, 1024)):
            # The parser notes the way to each value, so that a hundred thousand levels would take all memory.
            if _DEEP.search(data):
                raise Refusal("too_deep", limit=DEPTH)
            if text := self.decoder.decode(data).replace("\ufeff", ""):
                return text.encode("utf-8", "replace")
        return b""


def flatten(record: Record) -> dict[str, str | None]:
    """Named cells: an object inside becomes outer.inner, a list becomes JSON text, and the first object of a list of
    objects stands beside it as outer[0].inner."""
    if set(record) <= {"node", "cursor"} and isinstance(record.get("node"), Mapping):
        record = record["node"]  # an edge of GraphQL
    record = unwrapped(record)
    cells: dict[str, str | None] = {}
    _into(cells, "", record, 0)
    for name, chosen in _annotated(record):
        cells.setdefault(name, as_text(chosen[0] if len(chosen) == 1 else chosen))
    return cells


def refused(record: Mapping[str, object]) -> bool:
    """Whether the person who looked at a record said that its label is not right, or said nothing (Prodigy)."""
    return "_input_hash" in record and record.get("answer") in ("reject", "ignore")


def _annotated(record: Record) -> Iterator[tuple[str, list[Any]]]:
    """What a person chose for a record in an annotation tool: the name of the question, and the choices."""
    if "_input_hash" in record and isinstance(record.get("accept"), list):  # Prodigy
        yield "label", record["accept"]
    for key in ("annotations", "completions"):  # Label Studio
        given = record.get(key)
        some = given if isinstance(given, list) else []
        first = next((one for one in some if isinstance(one, Mapping) and not one.get("was_cancelled")), {})
        results = first.get("result")
        for one in results[:20] if isinstance(results, list) else []:
            value = one.get("value") if isinstance(one, Mapping) else None
            if not isinstance(value, Mapping):
                continue
            chosen = value.get("choices", value.get("rating"))
            if chosen:
                yield str(one.get("from_name") or "label"), chosen if isinstance(chosen, list) else [chosen]


def _into(cells: dict[str, str | None], outer: str, record: Mapping[str, object], level: int) -> None:
    for key, value in record.items():
        name = f"{outer}.{key}" if outer else str(key)
        if len(cells) >= CELLS:
            return
        if isinstance(value, Mapping) and value and level < DEEP and not _tree(value):
            _into(cells, name, value, level + 1)
            continue
        cells.setdefault(name, as_text(value))
        if isinstance(value, list) and value and isinstance(value[0], Mapping) and not level and not is_turns(value):
            for inner, cell in list(value[0].items())[:20]:
                if isinstance(cell, str | int | float) and not isinstance(cell, bool):
                    cells.setdefault(f"{name}[0].{inner}", as_text(cell))


def _tree(value: Mapping[str, object]) -> bool:
    """A conversation kept as a tree of messages stays in one cell."""
    first = next(iter(value.values()), None)
    return isinstance(first, Mapping) and "parent" in first and ("message" in first or "children" in first)


def as_text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return value if value.isascii() else repaired(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, int | decimal.Decimal):
        return str(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list | tuple | Mapping):
        return repaired(json.dumps(value, ensure_ascii=False, default=str)) if value else None
    return str(value)


def taken_out(found: Iterable[Any], outer: str, way: Sequence[str]) -> Iterator[Any]:
    """The records inside others, each with what stands above it."""
    name = outer.removesuffix(".item").rpartition(".")[2]

    def within(value: Any, way: Sequence[str], above: dict[str, Any]) -> Iterator[Any]:
        if not isinstance(value, Mapping if way and way[0] != "item" else list) and way:
            return
        if not way:
            if isinstance(value, Mapping):
                yield {**value, **{key if key not in value else f"{name}.{key}": one for key, one in above.items()}}
        elif way[0] == "item":
            for one in value:
                yield from within(one, way[1:], above)
        else:
            own = {key: one for key, one in value.items() if not _holds_records(one)}
            yield from within(value.get(way[0]), way[1:], {**above, **own})

    for record in found:
        yield from within(record, way, {})


def _holds_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def list_inside(records: Sequence[Record]) -> str:
    """The key under which each record holds a list of records that says more than it does itself; "" for none."""
    found: dict[str, list[Record]] = {}
    own = 0
    for record in records:
        for key, value in record.items():
            if _holds_records(value):
                found.setdefault(key, []).extend(one for one in value if isinstance(one, Mapping))
            else:
                own += _said(value)
    for key, inner in found.items():
        said = sum(_said(cell) for one in inner for cell in one.values())
        turns = named_like_turn(inner[0])
        if len(inner) >= INSIDE * len(records) and said / len(inner) > own / len(records) and not turns:
            return key
    return ""


def _said(value: object) -> int:
    return min(len(value), 500) if isinstance(value, str) else 0


def is_test(name: str) -> bool:
    """Whether rows under this name were kept to test with."""
    return not _TESTS.isdisjoint(re.split(r"[\W_]+", name.casefold()))


def depth(head: bytes) -> int:
    """How deep JSON brackets nest in the head, strings left out."""
    level = deepest = 0
    inside = escaped = False
    for byte in head[:65_536]:
        if inside:
            if escaped:
                escaped = False
            elif byte == 92:
                escaped = True
            elif byte == 34:
                inside = False
        elif byte == 34:
            inside = True
        elif byte in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif byte in b"]}":
            level -= 1
    return deepest
