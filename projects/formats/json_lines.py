"""JSON Lines: one JSON object on each line; lines that are not are kept and reported."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from projects import encodings
from projects.conversations.records import is_turns
from projects.formats import Format, Reading, Row
from projects.formats._records import flatten, list_inside, refused, taken_out
from projects.source import Source


class Twice(ValueError):
    """A key that stands twice in one object: which value is meant cannot be told."""


class NotANumber(ValueError):
    """NaN or Infinity, which JSON does not have."""


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise Twice
    return record


def _constant(name: str) -> None:
    raise NotANumber(name)


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant, strict=False)


def sniff(head: bytes, name: str) -> float:
    """Several lines that start with { and end with } (or with a comma after it), or one short file of a single such
    line; or several lines that are lists of their own."""
    text = text_of(head)
    if text.startswith("["):
        return _lists(text, len(head))
    if not text.startswith("{"):
        return 0.0
    lines = [line.strip() for line in text.split("\n")[:20]]
    whole = [line for line in lines if line]
    if len(whole) > 1 and len(head) >= 262_144:
        whole.pop()
    objects = sum(line.startswith("{") and line.endswith(("}", "},")) for line in whole)
    if objects < max(1, 0.5 * len(whole)):
        return 0.0
    # {"data": [...]} on one line is a document; JSON Lines of one line is named so.
    return 0.9 if len(whole) > 1 or name.lower().endswith(("jsonl", "ndjson")) else 0.7


def _lists(text: str, size: int) -> float:
    lines = [bare for line in text.split("\n")[:20] if (bare := line.strip())]
    if len(lines) > 2 and size >= 262_144:
        lines.pop()
    complete = sum(line.startswith("[") and line.endswith(("]", "],")) and len(line) > 4 for line in lines)
    return 0.9 if len(lines) > 1 and complete >= 0.8 * len(lines) else 0.0


def text_of(head: bytes) -> str:
    encoding, _how = (
        encodings.find([head]) if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in head[:64] else ("", "")
    )
    return head.decode(encoding or "utf-8", "replace").lstrip("\ufeff \t\r\n")


def inspect(source: Source, reading: Reading) -> None:
    encodings.settle(source, reading)
    records = _head_records(source, reading)
    held = Counter(key for record in records for key, value in record.items() if isinstance(value, str))
    reading.path = reading.path or list_inside(records)
    if reading.path:
        reading.note("records_inside", path=reading.path[:100])
    reading.text_keys = [key for key, many in held.items() if many >= 0.8 * len(records)]


def _head_records(source: Source, reading: Reading) -> list[dict[str, object]]:
    records = []
    for line in source.head.decode(reading.encoding, "replace").removeprefix("\ufeff").split("\n")[:200]:
        try:
            record = _DECODER.decode(line.strip().rstrip(","))
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict):
            records.append(record)
    return records


def rows(source: Source, reading: Reading) -> Iterator[Row]:
    with source.open() as stream:
        for number, line in enumerate(encodings.lines(stream, reading.encoding, source.limits.line), 1):
            bare = line.strip().rstrip(",")
            if bare and bare not in ("[", "]"):
                row = _row(number, bare, reading)
                yield from _inside(row, bare, reading) if reading.path and not row.problem else [row]


def _inside(row: Row, line: str, reading: Reading) -> Iterator[Row]:
    """The records in a list of the record, each a row, or the record where it has none."""
    found = list(taken_out([_DECODER.decode(line)], "", [reading.path, "item"]))
    for one in found:
        yield Row(row.line, dict(flatten(one)))
    if not found:
        yield row


def _row(number: int, line: str, reading: Reading) -> Row:
    damaged = not line.isascii() and encodings.bad(line)
    if damaged:
        line = encodings.repaired(line)
    try:
        record = _DECODER.decode(line)
    except (Twice, NotANumber) as fault:
        return _salvaged(number, line, "key_twice" if isinstance(fault, Twice) else "not_json_number")
    except RecursionError:
        return Row(number, {}, "too_deep")
    except ValueError:
        return Row(number, {"": line[:2_000]}, "not_json")
    if isinstance(record, list) and is_turns(record, "messages"):
        record = {"messages": record}
    if not isinstance(record, dict):
        return Row(number, {"": line[:2_000]}, "not_an_object")
    try:
        cells = flatten(record)
    except RecursionError:
        return Row(number, {}, "too_deep")
    problem = "bad_bytes" if damaged else "odd_type" if _odd(record, reading) else ""
    problem = problem or ("not_accepted" if refused(record) else "")
    return Row(number, dict(cells), problem)


def _salvaged(number: int, line: str, problem: str) -> Row:
    """What a lenient reader makes of a line with a key twice (the last counts) or NaN (nothing)."""
    try:
        record = json.loads(line, strict=False, parse_constant=lambda _name: None)
        if not isinstance(record, dict):
            return Row(number, {"": line[:2_000]}, "not_json")
        return Row(number, dict(flatten(record)), problem)
    except (ValueError, AttributeError, RecursionError):
        return Row(number, {"": line[:2_000]}, "not_json")


def _odd(record: Mapping[str, object], reading: Reading) -> bool:
    """Whether a key that holds text in the sample holds something else here."""
    texts = reading.text_keys
    return any(key in texts and value is not None and not isinstance(value, str) for key, value in record.items())


FORMAT = Format("jsonl", _("JSON Lines"), ("jsonl", "ndjson", "json"), sniff, inspect, rows, keyed=True)
