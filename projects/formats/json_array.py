"""JSON documents: a list of records, at the top or inside, read as a stream; and small documents of other shapes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import ijson
from django.utils.translation import gettext_lazy as _

from projects import encodings
from projects.conversations.records import is_turns, named_like_turn
from projects.conversations.speakers import role_of
from projects.formats import Format, Reading, Refusal, Row, Sheet
from projects.formats._records import DEPTH, INSIDE, Utf8, depth, flatten, is_test, refused, taken_out
from projects.formats.json_lines import text_of
from projects.source import Source

LOOK = 400_000  # JSON events in which lists of records are looked for
WHOLE = 64_000_000  # bytes of a document that is not a list of records, which has to be held as a whole
LISTS = 50
TRIED = 10  # lists that are looked into to see which one is meant
INNER = "parts of "  # begins the shape of a document whose values are tables of one shape
ALIKE = 0.6  # share of fields that two lists must have in common to be one table
PART = "part"
_TURNS = (frozenset(["role", "content"]), frozenset(["from", "value"]))
TOP = "*"  # the path of documents that follow each other
_COMMENT = re.compile(r"^[ \t]{0,200}(?://|/\*|#)", re.M)
_ASKED = frozenset(
    [
        "question",
        "questions",
        "answer",
        "answers",
        "text",
        "label",
        "prompt",
        "completion",
        "title",
        "instruction",
        "response",
        "input",
        "output",
        "id",
        "name",
    ]
)


def sniff(head: bytes, name: str) -> float:
    text = text_of(head[:4096])
    if text.startswith("["):
        return 0.8 if text[1:].lstrip()[:1] in ("{", "[", "]", '"', "") or name.lower().endswith("json") else 0.0
    if text.startswith("{"):
        return 0.75 if text[1:].lstrip()[:1] in ('"', "}") or name.lower().endswith(("json", "json5", "jsonc")) else 0.0
    return 0.75 if text.startswith(("//", "/*")) and name.lower().endswith(("json", "jsonl", "json5", "jsonc")) else 0.0


def inspect(source: Source, reading: Reading) -> None:
    if depth(source.head) > DEPTH:
        raise Refusal("too_deep", limit=DEPTH)
    encodings.settle(source, reading)
    survey = _survey(source, reading)
    survey.lists |= _inside(survey)
    reading.lists = [Sheet(path, found.count, len(found.keys)) for path, found in survey.lists.items()]
    if reading.path and reading.path in survey.lists:
        return
    if survey.documents > 1 and survey.documents >= max([found.count for found in survey.lists.values()], default=0):
        reading.path, reading.lists = TOP, []
    elif survey.lists and not _by_keys(survey.lists):
        reading.path = max(survey.lists, key=lambda path: survey.lists[path].fits)
        reading.alike = _alike(survey.lists)
        # Those that fit best come first, which is the order in which they are tried and shown.
        reading.lists.sort(key=lambda one: survey.lists[one.name].fits, reverse=True)
    else:
        reading.path, reading.lists = "", []
        _other_shape(source, reading)


# Lists of records --------------------------------------------------------------------------------------------


@dataclass
class _List:
    """A list of records in a document."""

    count: int = 0
    keys: dict[str, int] = field(default_factory=dict)
    text: int = 0  # characters of its texts
    own: int = 0  # of those that stand in no list inside

    @property
    def fits(self) -> tuple[int, int]:
        """Many records with texts are the data; few short ones are categories or settings."""
        return (self.count * min(60, self.text // max(1, self.count)), self.count)


@dataclass
class _Survey:
    lists: dict[str, _List] = field(default_factory=dict)
    nested: dict[str, _List] = field(default_factory=dict)  # lists in the records of these
    documents: int = 0


def _survey(source: Source, reading: Reading) -> _Survey:
    """Where lists of records lie, as ijson names them, and how many documents follow each other."""
    found = _Survey()
    level = 0
    try:
        with source.open() as stream:
            events = ijson.parse(Utf8(stream, reading.encoding), use_float=True, multiple_values=True)
            for number, (prefix, event, value) in enumerate(events):
                level += (event in ("start_map", "start_array")) - (event in ("end_map", "end_array"))
                if level > DEPTH:
                    raise Refusal("too_deep", limit=DEPTH)
                found.documents += level == 0 and event in ("end_map", "end_array")
                _look(found, str(prefix), event, value)
                if number > LOOK or (number > LOOK // 20 and "item" in found.lists):
                    break
    except (ijson.JSONError, UnicodeError):
        if not found.lists and not found.documents:
            raise _not_strict(source, reading) from None
    return found


def _look(found: _Survey, prefix: str, event: str, value: Any) -> None:
    lists = found.lists
    if event in ("start_map", "start_array") and (prefix == "item" or prefix.endswith(".item")):
        inside = any(prefix != path and prefix.startswith(f"{path}.") for path in lists)
        if not inside and (event == "start_map" or prefix == "item") and (prefix in lists or len(lists) < LISTS):
            lists.setdefault(prefix, _List()).count += 1
        elif inside and event == "start_map" and (prefix in found.nested or len(found.nested) < LISTS):
            found.nested.setdefault(prefix, _List()).count += 1
    elif event == "string":
        path = next((path for path in lists if prefix.startswith(f"{path}.")), "")
        inner = max((path for path in found.nested if prefix.startswith(f"{path}.")), key=len, default="")
        for at, one in ((path, lists), (inner, found.nested)):
            if at:
                _count(one[at], prefix[len(at) + 1 :].partition(".")[0], value)
        if path and not inner:
            lists[path].own += min(len(value), 500)


def _count(one: _List, key: str, value: str) -> None:
    one.text += min(len(value), 500)
    if len(one.keys) < 200:
        one.keys[key] = one.keys.get(key, 0) + 1


def _inside(survey: _Survey) -> dict[str, _List]:
    """Lists inside the records of others that hold the texts, such as the questions of each category: many for each
    record, with more to say than it says itself, and no turns of a conversation."""
    found = {}
    for path, one in survey.nested.items():
        outer = survey.lists[_outer(path, survey.lists)]
        says_more = one.text / one.count > outer.own / outer.count
        if one.count >= INSIDE * outer.count and says_more and not named_like_turn(one.keys):
            found[path] = one
    return found


def _outer(path: str, paths: Iterable[str]) -> str:
    """The list in whose records another one lies; "" for one that lies in none."""
    return min((one for one in paths if path.startswith(f"{one}.")), key=len, default="")


def _alike(lists: Mapping[str, _List]) -> list[list[str]]:
    """The lists with the same fields, such as {"train": […], "test": […]}: parts of one table."""
    groups: list[list[str]] = []
    for path, one in lists.items():
        for group in groups:
            first = lists[group[0]]
            same = len(first.keys.keys() & one.keys.keys()) >= ALIKE * len(first.keys.keys() | one.keys.keys())
            if first.keys and same and path.count(".") == group[0].count("."):
                group.append(path)
                break
        else:
            groups.append([path])
    return [group for group in groups if len(group) > 1]


def _part(path: str, paths: Sequence[str]) -> str:
    """What a list is called among others: where its path is not theirs."""
    every = [one.removesuffix(".item").split(".") for one in paths]
    own = path.removesuffix(".item").split(".")
    apart = [name for place, name in enumerate(own) if len({one[place] for one in every}) > 1]
    return ".".join(apart) or path


def _by_keys(lists: Mapping[str, _List]) -> bool:
    """Whether the lists are conversations by number or name, such as {"conversations": {"0": […], "1": […]}}."""
    parents = {path.removesuffix(".item").rpartition(".")[0] for path in lists}
    by_number = all(path.removesuffix(".item").rpartition(".")[2].isdecimal() for path in lists)
    of_turns = all(any(one.keys.keys() >= turn for turn in _TURNS) for one in lists.values())
    return len(lists) > 1 and len(parents) == 1 and (by_number or of_turns)


def _not_strict(source: Source, reading: Reading) -> Refusal:
    """Why a document cannot be parsed at all: comments, or signs that JSON does not have."""
    text = source.head.decode(reading.encoding, "replace")
    if comment := _COMMENT.search(text):
        return Refusal("json_comments", line=text.count("\n", 0, comment.start()) + 1)
    return Refusal("json_not_strict")


def _objects(source: Source, reading: Reading) -> Iterator[object]:
    for path in reading.parts:
        with source.open() as stream:
            text = Utf8(stream, reading.encoding)
            outer = _outer(path, [one.name for one in reading.lists]) or path
            found = ijson.items(text, "" if path == TOP else outer, use_float=True, multiple_values=True)
            if outer != path:
                found = taken_out(found, outer, path[len(outer) + 1 :].split("."))
            if len(reading.parts) == 1:
                yield from found
                continue
            part = _part(path, reading.parts)
            for record in found:
                yield {**record, PART: record.get(PART, part)} if isinstance(record, dict) else record


# Documents of other shapes -----------------------------------------------------------------------------------


def _other_shape(source: Source, reading: Reading) -> None:
    document = _whole(source, reading)
    if isinstance(document, list) and document and all(isinstance(one, str | int | float) for one in document[:20]):
        reading.shape = "values"
    elif isinstance(document, dict):
        reading.shape = _shape(document)
        if reading.shape.startswith("parts"):
            reading.note("parts_joined", names=", ".join(str(name)[:30] for name in list(document)[:8]))
    if not reading.shape:
        raise Refusal("no_records")


def _whole(source: Source, reading: Reading) -> object:
    if source.size > WHOLE:
        raise Refusal("json_large", limit=WHOLE // 1_000_000)
    with source.open() as stream:
        data = stream.read(WHOLE + 1)
    if len(data) > WHOLE:
        raise Refusal("json_large", limit=WHOLE // 1_000_000)
    text = data.decode(reading.encoding, "replace").lstrip("\ufeff")
    try:
        return json.loads(text, strict=False)
    except RecursionError:
        raise Refusal("too_deep", limit=DEPTH) from None
    except ValueError as error:
        fault = _not_strict(source, reading)
        if fault.code == "json_not_strict":
            raise Refusal("json_broken", line=getattr(error, "lineno", 1)) from error
        raise fault from error


def _shape(document: Mapping[str, object]) -> str:
    """How the values of an object make a table: split, columns, index, answers or one record."""
    values = list(document.values())
    if isinstance(document.get("columns"), list) and isinstance(document.get("data"), list):
        return "split"
    if len(values) > 1 and all(isinstance(value, list) and is_turns(value) for value in values[:20]):
        return "turns"
    if _parts_of_lists(values) or _lists_of_texts(values):
        return "parts"
    inner = {_shape(value) if isinstance(value, Mapping) else "" for value in values}
    if len(values) > 1 and len(inner) == 1 and inner <= {"columns", "split", "answers"}:
        return f"{INNER}{next(iter(inner))}"
    columns = [value for value in values if isinstance(value, list)]
    if len(columns) >= 2 and len(columns) >= 0.5 * len(values) and len({len(one) for one in columns}) == 1:
        return "columns"
    maps = [value for value in values if isinstance(value, Mapping)]
    if len(document) == 1 and len(maps) == 1 and _answers(maps[0]):
        return "answers"  # an object that only wraps another one, such as {"faq": {question: answer}}
    if len(maps) == len(values) and values:
        first = list(maps[0])
        return "columns" if all(key.isdecimal() for key in first) or len(first) > 2 * len(values) else "index"
    if _answers(document):
        return "answers"
    return "record" if any(isinstance(value, str) for value in values) else ""


def _parts_of_lists(values: list[object]) -> bool:
    """Whether each value is a list of short lists of one length, such as {"train": [[text, label], …], "test": …}."""
    lists = [value for value in values if isinstance(value, list) and value]
    if not lists or len(lists) < 0.6 * len(values):
        return False
    some = [row for one in lists for row in one[:20]]
    widths = {len(row) if isinstance(row, list) else 0 for row in some}
    plain = all(isinstance(cell, str | int | float | None) for row in some if isinstance(row, list) for cell in row)
    if len(widths) != 1 or not 2 <= next(iter(widths)) <= 20 or not plain:
        return False
    # Two texts side by side can be what two people say; then the second hardly comes again.
    seconds = [str(row[1]) for row in some]
    return not is_turns(lists[0], "conversations") or len(set(seconds)) <= 0.5 * len(seconds)


def _lists_of_texts(values: list[object]) -> bool:
    """Texts under their names, such as {"greeting": ["hello", "hi"], "goodbye": ["bye"]}, not columns of one length."""
    lists = [value for value in values if isinstance(value, list) and value]
    texts = all(isinstance(one, str) for value in lists for one in value[:20])
    return len(lists) > 1 and len(lists) == len(values) and texts and len({len(one) for one in lists}) > 1


def _answers(document: Mapping[str, object]) -> bool:
    """Whether keys are questions and values their answers."""
    if len(document) < 3 or any(str(key).strip().casefold() in _ASKED or role_of(str(key)) for key in document):
        return False
    texts = sum(
        isinstance(value, str) or (isinstance(value, list) and bool(value) and isinstance(value[0], str))
        for value in document.values()
    )
    long = sum(len(key) >= 6 or not key.isascii() for key in document)
    return texts >= 0.9 * len(document) and long >= 0.6 * len(document)


def _records(document: Any, shape: str) -> Iterator[Any]:
    """The records of a document of such a shape."""
    if shape == "values":
        yield from ({"text": value} for value in document)
    elif shape == "record":
        yield document
    elif shape == "split":
        names = [str(name) for name in document["columns"]]
        for row in document["data"]:
            yield dict(zip(names, row, strict=False)) if isinstance(row, list) else row
    elif shape.startswith(INNER):
        for part, inside in document.items():
            for record in _records(inside, shape.removeprefix(INNER)):
                yield {**record, PART: part} if isinstance(record, Mapping) else record
    elif shape == "parts":
        for part, rows_of in document.items():
            for row in rows_of if isinstance(rows_of, list) else []:
                cells = row if isinstance(row, list) else [row]
                yield {**{f"column {at}": cell for at, cell in enumerate(cells, 1)}, "part": part}
    elif shape == "answers":
        if len(document) == 1:
            document = next(iter(document.values()))
        for question, answer in document.items():
            yield {"question": question, "answer": answer[0] if isinstance(answer, list) and answer else answer}
    elif shape == "turns":
        yield from ({"key": key, "messages": turns} for key, turns in document.items())
    elif shape == "index":
        for key, record in document.items():
            yield {"key": key, **record}
    else:
        yield from _by_columns(document)


def _by_columns(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    lists = {
        name: list(column.values()) if isinstance(column, Mapping) else column for name, column in document.items()
    }
    columns = {name: column for name, column in lists.items() if isinstance(column, list)}
    if all(isinstance(column, Mapping) for column in document.values()):
        # By their keys, because a column may leave a row out.
        for place in dict.fromkeys(key for column in document.values() for key in column):
            yield {name: column.get(place) for name, column in document.items()}
        return
    for place in range(max(map(len, columns.values()), default=0)):
        yield {name: column[place] if place < len(column) else None for name, column in columns.items()}


# Rows --------------------------------------------------------------------------------------------------------


def rows(source: Source, reading: Reading) -> Iterator[Row]:
    if reading.shape:
        for number, record in enumerate(_records(_whole(source, reading), reading.shape), 1):
            yield _row(number, record)
        return
    number = 0
    header: list[str] | None = None
    try:
        for number, record in enumerate(_objects(source, reading), 1):
            if isinstance(record, list) and not is_turns(record):
                if header is None and record and all(isinstance(cell, str) for cell in record):
                    header = record
                    continue
                if header is not None:
                    record = dict(zip(header, record, strict=False))
            yield _row(number, record)
    except ijson.JSONError:
        # A parser cannot go on behind a fault, so what comes after is not seen: say so, on a row of its own.
        reading.warn("json_stops", record=number + 1)
        yield Row(number + 1, {}, "json_stops")
    except RecursionError:
        raise Refusal("too_deep", limit=DEPTH)


def tables(source: Source, reading: Reading) -> Iterator[tuple[str, Iterator[Row]]]:
    """The lists in the document, each with its records."""
    if len(reading.lists) > 1 and not reading.shape:
        # Of lists that are one table, one stands for all.
        further = {path for group in reading.alike for path in group[1:]}
        for one in [one for one in reading.lists if one.name not in further][:TRIED]:
            yield one.name, rows(source, replace(reading, path=one.name, warnings=[], notes=[]))


def finish(source: Source, reading: Reading) -> None:
    if len(reading.lists) > 1 and not reading.shape:
        parts = [one for one in reading.lists if one.name in reading.parts]
        if len(parts) > 1:
            names = {one.name: _part(one.name, reading.parts)[:60] for one in parts}
            reading.note("lists_joined", count=len(parts), names=[f"{names[one.name]} ({one.rows})" for one in parts])
            if tests := [names[one.name] for one in parts if is_test(names[one.name])]:
                reading.note("own_test", names=tests)
        around = {one.name for one in reading.lists if any(path.startswith(f"{one.name}.") for path in reading.parts)}
        if around:
            reading.note("records_inside", path=reading.path[:100])
        read = around | set(reading.parts)
        others = [f"{one.name[:60]} ({one.rows})" for one in reading.lists if one.name not in read]
        if others:
            path = " + ".join(one.name[:60] for one in parts[:6])
            reading.note("several_lists", count=len(reading.lists), path=path, others=others[:6])


def _row(number: int, record: object) -> Row:
    if isinstance(record, list) and is_turns(record):
        record = {"messages": record}
    if not isinstance(record, dict):
        return Row(number, {"": str(record)[:2_000]}, "not_an_object")
    return Row(number, dict(flatten(record)), "not_accepted" if refused(record) else "")


FORMAT = Format(
    "json", _("JSON"), ("json",), sniff, inspect, rows, keyed=True, tables=tables, chosen="path", finish=finish
)
