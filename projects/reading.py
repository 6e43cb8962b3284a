"""Reads a hostile file: what it is (`detect`), and all its rows into rows.sqlite3 (`load_rows`), in a child process."""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from projects import (
    baskets,
    choosing,
    foreign,
    guarded,
    headers,
    joining,
    language,
    naming,
    regions,
    repairing,
    rows,
    values,
)
from projects.choosing import Sought
from projects.conversations import tables as talking
from projects.conversations.reading import ANSWER, EARLIER, HEAD_TURNS, QUESTION, understand
from projects.conversations.reading import rows as exchanges
from projects.conversations.turns import Turn
from projects.formats import Column, Format, Limits, Reading, Refusal, Region, Row, formats, pick
from projects.formats._records import depth
from projects.formats.spreadsheet import office
from projects.source import Source
from projects.storing import NUMBERED, SAMPLE, Store, fit

if TYPE_CHECKING:
    from projects.refusals import ReadingError

logger = logging.getLogger(__name__)
Progress = Callable[[float, int], None]  # share done, rows so far
HEAD_ROWS = 5_000  # rows looked at by detect
TEXTS_IN_FILES = 5  # files of an archive that are a text each
MEMBERS = 20  # files of an archive that are tried
SHOWN = 20
CLIP = 500
DETECT_SECONDS = 300
OVERRIDES = (
    "encoding",
    "delimiter",
    "quote",
    "member",
    "sheet",
    "table",
    "rest_is_text",
    "without_hidden",
    "all_sheets",
    "all_tables",
    "repair",
    "header_row",
    "path",
    "team",
    "as_table",
    "as_written",
)
BASKETS, NAMED_BASKETS = "baskets", "named_baskets"  # shapes


# A library that crashes on a file: segmentation fault, abort, bus error, illegal instruction, bad arithmetic.
CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE)


class ReaderFailed(Exception):
    """The reader could not do its work because of us: a library is missing, it has a mistake, or it was killed."""


@dataclass
class LoadResult:
    """What was stored. `reading` now has the final columns and the true number of rows."""

    rows: int
    problems: dict[str, int] = field(default_factory=dict)  # problem code → rows
    first: dict[str, int] = field(default_factory=dict)  # problem code → line of the first such row
    reading: Reading = field(default_factory=Reading)


def detect(
    path: Path,
    name: str,
    overrides: Mapping[str, object] | None = None,
    limits: Limits | None = None,
    roles: Sequence[Sought] = (),
) -> Reading:
    """What the file is, from its head. Raises UserError for a file that cannot be used.

    ROLES: what is looked for, where the file has several tables."""
    try:
        return _detect(Source(path, name, limits), overrides or {}, roles)
    except Refusal as refusal:
        raise explain(refusal.code, refusal.facts) from refusal


def load_rows(
    path: Path, name: str, reading: Reading, out: Path, progress: Progress, limits: Limits | None = None
) -> LoadResult:
    """Writes all rows into OUT: rows(n, line, cells, problem). Raises UserError for a file that cannot be used."""
    try:
        return _load(Source(path, name, limits), reading, out, progress)
    except Refusal as refusal:
        out.unlink(missing_ok=True)
        raise explain(refusal.code, refusal.facts) from refusal


def detect_guarded(
    path: Path,
    name: str,
    overrides: Mapping[str, object] | None = None,
    limits: Limits | None = None,
    roles: Sequence[Sought] = (),
) -> Reading:
    """`detect` in a child process with a memory and a time limit; its death becomes a UserError."""
    sought = [astuple(role) for role in roles]
    request = {"path": str(path), "name": name, "overrides": dict(overrides or {}), "roles": sought}
    limits = limits or Limits()
    limits = replace(limits, seconds=min(limits.seconds, DETECT_SECONDS) + guarded.more_seconds(path))
    return Reading.from_json(_guarded("detect", request, limits, None))


def load_guarded(
    path: Path, name: str, reading: Reading, out: Path, progress: Progress, limits: Limits | None = None
) -> LoadResult:
    """`load_rows` in such a child process. An exception from PROGRESS stops the child and passes through."""
    request = {"path": str(path), "name": name, "reading": reading.to_json(), "out": str(out)}
    result = _guarded("load", request, _for_all_of(path, limits), progress)
    result["reading"] = Reading.from_json(result["reading"])
    return LoadResult(**result)


def read(
    path: Path,
    name: str,
    overrides: Mapping[str, object],
    out: Path,
    progress: Progress,
    limits: Limits | None = None,
    roles: Sequence[Sought] = (),
) -> LoadResult:
    """What the file is (`detect`), and all its rows (`load_rows`)."""
    return load_rows(path, name, detect(path, name, overrides, limits, roles), out, progress, limits)


def read_guarded(
    path: Path,
    name: str,
    overrides: Mapping[str, object],
    out: Path,
    progress: Progress,
    limits: Limits | None = None,
    roles: Sequence[Sought] = (),
) -> LoadResult:
    """`read` in one child process: to start one takes longer than to read a small file."""
    sought = [astuple(role) for role in roles]
    request = {"path": str(path), "name": name, "overrides": dict(overrides), "out": str(out), "roles": sought}
    result = _guarded("read", request, _for_all_of(path, limits), progress)
    result["reading"] = Reading.from_json(result["reading"])
    return LoadResult(**result)


def _for_all_of(path: Path, limits: Limits | None) -> Limits:
    """Limits for reading a file to its end."""
    limits = limits or Limits()
    return replace(limits, seconds=limits.seconds + guarded.more_seconds(path))


def explain(code: str, facts: dict[str, object] | None = None) -> ReadingError:
    """Why a file is not read, in words; the child that reads it needs none and starts without them."""
    from projects import refusals

    return refusals.explain(code, facts)


# What the file is -----------------------------------------------------------------------------------------


def _detect(source: Source, overrides: Mapping[str, Any], roles: Sequence[Sought] = ()) -> Reading:
    reading = Reading()
    for key in OVERRIDES:
        if key in overrides and overrides[key] is not None and key != "header_row":
            setattr(reading, key, overrides[key])
    if not source.size:
        raise Refusal("empty_file")
    form, source = _unwrap(source, reading, roles)
    assert form.inspect is not None
    reading.format = form.slug
    try:
        form.inspect(source, reading)
        if roles and form.tables is not None and not overrides.get(form.chosen):
            _choose(form, source, reading, roles)
        if reading.members and not overrides.get("member"):
            joining.join(form, source, reading, partial(_recognise, as_table=reading.as_table))
            if reading.joined and reading.talk is not None:
                understand(_turns_of(form, source, reading), reading, reading.talk.form)
        head = list(islice(_rows_of(form, source, reading, HEAD_TURNS), HEAD_ROWS + 1))
    except LookupError as error:
        raise Refusal("no_encoding", encoding=reading.encoding) from error
    many = len(reading.members) if not overrides.get("member") and not reading.joined else 0
    if many >= TEXTS_IN_FILES and form.any_text and len(head) <= 3:
        raise Refusal("texts_in_files", count=many)
    whole = len(head) <= HEAD_ROWS and (reading.talk is None or reading.talk.turns < HEAD_TURNS)
    if form.turns and not head:
        raise Refusal("no_exchange", format=reading.format)
    if not form.keyed and not reading.as_table and any(role.name == baskets.ITEM for role in roles):
        head = _baskets(head, reading)
    if form.keyed or reading.shape:
        _keyed(head, reading, source.limits)
    else:
        head = _region(head, reading, roles, source.limits)
        _grid(head, reading, overrides.get("header_row"), source.limits)
    head = _conversations(head, reading)
    _describe(head, reading, source.limits)
    if form.finish is not None:
        form.finish(source, reading)
    if reading.members and not overrides.get("member") and any(role.name == "label" for role in roles):
        _call(head, source, reading)
    if form.label is not None and not overrides.get(form.chosen) and _lacks_labels(reading, roles):
        _label(form, source, reading)
    _count(head, reading, whole and not reading.all_sheets)
    _see_ending(source.name, form, reading)
    if reading.repair and reading.talk is None and not form.keyed:
        _mend_names(reading)
    return reading


def _choose(form: Format, source: Source, reading: Reading, roles: Sequence[Sought]) -> None:
    """Takes the table of the file that has what is looked for."""
    assert form.tables is not None
    sizes = {one.name: one.rows or 0 for one in (*reading.sheets, *reading.lists)}
    tables = (
        (name, partial(_trial, form, found, reading, source.limits, roles))
        for name, found in form.tables(source, reading)
    )
    if name := choosing.best(tables, roles, sizes):
        setattr(reading, form.chosen, name)


def _call(head: list[Row], source: Source, reading: Reading) -> None:
    """Calls the labels of a table by the names that a file beside it gives their numbers."""
    body = [fit(row, reading, source.limits)[0] for row in _body(iter(head), reading) if not row.problem]
    file = naming.find(source, reading, body) if reading.talk is None else ""
    if not file:
        return
    describe(reading, [naming.called(cells, reading.columns, reading.called) for cells in body[:SAMPLE]])
    column, names = next(iter(reading.called.items()))
    reading.note(
        "labels_called", column=column, file=file[:80], names=[f"{key}: {name[:40]}" for key, name in names.items()][:6]
    )
    for one in [one for one in reading.warnings if one.code == "members_left"]:
        left = one.facts["names"]
        assert isinstance(left, list)
        one.facts["names"] = [name for name in left if name != file[:80]]
        if not one.facts["names"]:
            reading.warnings.remove(one)


def _lacks_labels(reading: Reading, roles: Sequence[Sought]) -> bool:
    """Whether labels are looked for, and no column of the table holds them."""
    labels = [role for role in roles if role.name == "label"]
    return bool(labels) and reading.talk is None and not reading.joined and not choosing.plays(reading, labels)


def _label(form: Format, source: Source, reading: Reading) -> None:
    """Reads the tables of a file as one where each is named by the label of its texts."""
    assert form.label is not None
    if not (some := form.label(source, reading)):
        return
    reading.warnings = [one for one in reading.warnings if one.code not in ("several_sheets", "one_column", "few_rows")]
    reading.offers = [one for one in reading.offers if one != "all_sheets"]
    describe(reading, [fit(row, reading, source.limits)[0] for row in some][:SAMPLE])
    reading.note("sheets_are_labels", count=len(reading.labelled), sheets=reading.labelled[:6])


def _trial(
    form: Format, found: Iterator[Row], reading: Reading, limits: Limits, roles: Sequence[Sought]
) -> tuple[list[Column], list[list[str | None]]]:
    """Columns and cells of the first rows of a table, as they would be read."""
    own = replace(reading, notes=[], warnings=[], offers=[], columns=[], talk=None, rows=None)
    head = list(islice(found, choosing.LOOK))
    if form.keyed:
        _keyed(head, own, limits)
    else:
        head = _region(head, own, roles, limits)
        _grid(head, own, None, limits)
    head = _conversations(head, own)
    _describe(head, own, limits)
    return own.columns, [fit(row, own, limits)[0] for row in _body(iter(head), own)]


def _region(head: list[Row], reading: Reading, roles: Sequence[Sought], limits: Limits) -> list[Row]:
    """The head of one of the tables on the sheet: the one that a person picked, or that has what is looked for."""
    if reading.table == regions.WHOLE or reading.joined:
        return head
    reading.regions = regions.find([list(row.cells) for row in head], cut=len(head) > HEAD_ROWS)
    if not reading.regions:
        reading.table = ""
        return head
    if reading.region is None:
        reading.table = _table(head, reading, roles, limits)
    if reading.region is None:  # only all of them together have it
        reading.table, reading.regions = "", []
        return head
    read = reading.read_regions
    if reading.beside and not reading.all_tables:
        reading.offers.append("all_tables")
    if len(read) > 1:
        reading.note("tables_together", count=len(read))
    others = [f"{one.name}: {', '.join(one.names)} ({one.rows})" for one in reading.regions if one not in read]
    if others:
        reading.warn("tables_on_sheet", count=len(reading.regions), table=reading.table, others=others)
    return list(regions.within(iter(head), read))


def _table(head: list[Row], reading: Reading, roles: Sequence[Sought], limits: Limits) -> str:
    """Which of the tables of a sheet is meant; "" where what is looked for stands in several that lie side by side."""

    def trial(region: Region | None) -> tuple[list[Column], list[list[str | None]]]:
        own = replace(reading, notes=[], warnings=[], offers=[], columns=[], rows=None, table="")
        rows = list(islice(regions.within(iter(head), [region]), choosing.LOOK)) if region else head[: choosing.LOOK]
        _grid(rows, own, None, limits)
        _describe(rows, own, limits)
        return own.columns, [fit(row, own, limits)[0] for row in _body(iter(rows), own)]

    sizes = {one.name: one.rows for one in reading.regions}
    tables = [(one.name, partial(trial, one)) for one in reading.regions]
    best = choosing.best(tables, roles, sizes) if roles else ""
    if len({one.left for one in reading.regions}) > 1 and choosing.lacks(
        dict(tables).get(best), partial(trial, None), roles
    ):
        return ""
    largest = max(reading.regions, key=lambda one: one.rows * min(20, len(one.names) or 1))
    return best or largest.name


def _member(names: list[str], source: Source, recognise: joining.Recognise, roles: Sequence[Sought]) -> str:
    """The file of an archive to read: a conversation, else the table that has what is looked for, else the largest."""
    first = joining.first_of(names, source, recognise)
    opened = [(name, source.inside("zip", name, name)) for name in names[:MEMBERS]]

    def trial(inside: Source) -> tuple[list[Column], list[list[str | None]]]:
        form = recognise(inside)
        if form.inspect is None or form.rows is None:
            raise Refusal("nested_archive", name=inside.name[:100])
        own = Reading(format=form.slug)
        form.inspect(inside, own)
        return _trial(form, form.rows(inside, own), own, inside.limits, roles)

    leading = recognise(source.inside("zip", first, first))
    if not roles or leading.turns or leading.leads:
        return first
    # The largest first, which is the one to take among equals.
    order = sorted(opened, key=lambda one: one[0] != first)
    return choosing.best([(name, partial(trial, inside)) for name, inside in order], roles, {}) or first


def _rows_of(form: Format, source: Source, reading: Reading, most: int | None = None) -> Iterator[Row]:
    """The rows of a file: as they stand, or one for each exchange of a conversation; of all files that are joined."""
    parts = [source.inside("zip", name, name) for name in reading.joined] or [source]
    if form.turns is not None:
        return exchanges(islice(_turns_of(form, source, reading), most), reading)
    assert form.rows is not None
    found = form.rows(parts[0], reading) if len(parts) == 1 else joining.rows(form, parts, reading)
    if reading.region is not None:
        found = regions.within(found, reading.read_regions)
    if reading.repair and form.keyed:
        found = repairing.keys_mended(found)
    return baskets.rows(found, reading.shape == NAMED_BASKETS) if reading.shape in (BASKETS, NAMED_BASKETS) else found


def _baskets(head: list[Row], reading: Reading) -> list[Row]:
    """The products in the head of a file of baskets, or the head as it is."""
    if not baskets.recognise(head):
        return head
    named = baskets.named(head)
    reading.shape = NAMED_BASKETS if named else BASKETS
    reading.note("named_baskets" if named else "baskets")
    return list(baskets.rows(head, named))


def _turns_of(form: Format, source: Source, reading: Reading) -> Iterator[Turn]:
    """The turns of a conversation, of all files that are joined."""
    assert form.turns is not None
    for part in [source.inside("zip", name, name) for name in reading.joined] or [source]:
        yield from form.turns(part, reading)


def _conversations(head: list[Row], reading: Reading) -> list[Row]:
    """The head of a table, or the exchanges where it holds conversations."""
    body = list(_body(iter(head), reading))
    if reading.talk is not None or not talking.recognise(body, reading):
        return head
    found = list(talking.reshaped(body, reading))
    keys = dict.fromkeys(
        key for row in found if isinstance(row.cells, dict) and row.problem not in NUMBERED for key in row.cells
    )
    if not any(isinstance(row.cells, dict) and row.cells.get(QUESTION) for row in found):
        if reading.team:  # said by a person, who hears that these answer nobody
            raise Refusal("no_exchange", format=reading.format)
        reading.talk = None
        return head
    assert reading.talk is not None
    reading.note(
        "conversations",
        columns=[value for part, value in reading.talk.parts.items() if part not in ("form", "flag")][:SHOWN],
    )
    reading.talk.header_row, reading.header_row, reading.above = reading.header_row + reading.under, 0, []
    reading.under = 0
    order = [key for key in (QUESTION, ANSWER) if key in keys] + [
        key for key in keys if key not in (QUESTION, ANSWER, EARLIER)
    ]
    order += [EARLIER] if EARLIER in keys else []
    reading.columns = [Column(name, key) for name, key in zip(headers.names(order, len(order)), order, strict=True)]
    reading.rows = None
    return found


def _unwrap(source: Source, reading: Reading, roles: Sequence[Sought] = ()) -> tuple[Format, Source]:
    """The format of what is inside: one wrapping is taken off, a second one is refused."""
    recognise = partial(_recognise, as_table=reading.as_table)
    form = recognise(source)
    if form.members is None:
        return form, source
    members = form.members(source)
    reading.packed = form.slug
    if form.several:
        reading.members = members
    names = [member.name for member in members]
    if what := foreign.of_names(names):
        raise Refusal(what)
    if not reading.member or not form.several:
        reading.member = _member(names, source, recognise, roles) if len(names) > 1 else names[0]
    elif reading.member not in names:
        raise Refusal("no_such_member", member=reading.member)
    inside = source.inside(form.slug, reading.member, reading.member)
    inner = recognise(inside)
    if inner.members is not None:
        raise Refusal("nested_archive", name=reading.member[:100])
    return inner, inside


def _recognise(source: Source, as_table: bool = False) -> Format:
    """What the content is; AS_TABLE: but no conversation, because a person says so."""
    head = source.head
    if not head:
        raise Refusal("empty_file")
    foreign.refuse(head)
    if office(head) == "document":
        raise Refusal("document")
    form = pick(head, source.name, turns=not as_table)
    if (form is None or form.any_text) and head[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(b"<?xml"):
        raise Refusal("xml")
    if form is not None and form.any_text and (other := foreign.text(head)):
        raise Refusal(other)
    if form is None:
        # Thousands of opening brackets are JSON to nobody else.
        raise Refusal("too_deep", limit=64) if depth(head) > 64 else Refusal("unknown_format")
    return form


def _keyed(head: list[Row], reading: Reading, limits: Limits) -> None:
    """Columns of records: their keys, in the order in which they turn up."""
    keys: dict[str, None] = {}
    for row in head:
        if row.problem not in NUMBERED and isinstance(row.cells, dict):
            keys.update(dict.fromkeys(row.cells))
    if not keys:
        raise Refusal("no_records")
    if len(keys) > limits.columns:
        raise Refusal("too_many_columns", count=len(keys), limit=limits.columns)
    found = list(keys)
    reading.header_row = 0
    reading.columns = [Column(name, key) for name, key in zip(headers.names(found, len(found)), found, strict=True)]


def _grid(head: list[Row], reading: Reading, chosen: int | None, limits: Limits) -> None:
    """The header row, and a name for each column."""
    grid = [list(row.cells) for row in head[:200]]
    if (wide := headers.width(grid)) > limits.columns:
        raise Refusal("too_many_columns", count=wide, limit=limits.columns)
    if not any(headers.full(cells) for cells in grid):
        raise Refusal("no_data")
    if len(head) == 1 and headers.full(grid[0]) == 1:
        raise Refusal("too_little")
    place = headers.find(grid) if chosen is None else max(0, min(int(chosen) - reading.top, len(grid)))
    reading.header_row = place
    reading.above = [[_clip(cell) for cell in cells] for cells in grid[:10]]
    count = headers.width(grid[place:]) if place < len(grid) else 0
    header = grid[place - 1] if place else []
    reading.under = headers.below(grid, place) if chosen is None else 0
    reading.heads = (
        [names for cells in grid[place - 1 : place + reading.under] if (names := headers.as_head(cells))]
        if place
        else []
    )
    if reading.under:
        second = grid[place]
        reading.note(
            "second_header",
            row=reading.top + place + 1,
            cells=", ".join(cell[:40] for cell in second if cell and cell.strip())[:200],
        )
        header = headers.joined(header, second) if not headers.imported(second) else header
    if place:
        count = max(len(header), count if headers.full(header) < len(header) else 0) or count
        if above := sum(bool(headers.full(cells)) for cells in grid[: place - 1]):
            reading.note("title_rows", count=above)
    else:
        reading.note("no_header")
    unique = headers.names(header, count)
    if place and len({(cell or "").strip().casefold() for cell in header}) < len(header):
        reading.note("headers_alike")
    reading.columns = [Column(name, _at(header, spot) or "") for spot, name in enumerate(unique)]


def _mend_names(reading: Reading) -> None:
    """Names of columns, as the cells below them will be; those of records are mended as they come."""
    names = [repairing.mended(column.name) for column in reading.columns]
    for column, name in zip(reading.columns, headers.names(names, len(names)), strict=True):
        column.name = name
        column.header = repairing.mended(column.header)


def _at(cells: list[str | None], place: int) -> str | None:
    return cells[place] if place < len(cells) else None


def _describe(head: list[Row], reading: Reading, limits: Limits) -> None:
    if len(reading.columns) > limits.columns:
        raise Refusal("too_many_columns", count=len(reading.columns), limit=limits.columns)
    fitted = [fit(row, reading, limits) for row in _body(iter(head), reading)]
    good = [cells for cells, problem in fitted if not problem or problem == "too_few_cells"]
    describe(reading, good[:SAMPLE])
    if reading.format == "csv":
        _see_ragged(head, reading, limits)
    if len(reading.columns) == 1:
        reading.warn("one_column")
    if len(reading.columns) > 100:
        reading.note("many_columns", count=len(reading.columns))


def describe(reading: Reading, sample: list[list[str | None]]) -> None:
    """Kinds and examples of the columns, the language, and the preview, from sampled rows."""
    for place, column in enumerate(reading.columns):
        values.describe(column, [_at(cells, place) for cells in sample])
    reading.sample = [[_clip(_at(cells, place)) for place in range(len(reading.columns))] for cells in sample[:SHOWN]]
    texts = [place for place, column in enumerate(reading.columns) if column.kind == "text"]
    joined = (" ".join(_at(cells, place) or "" for place in texts) for cells in sample[:200])
    reading.language = next(iter(language.shares(joined)), "")
    _note_columns(reading)


def _note_columns(reading: Reading) -> None:
    reading.notes = [
        one for one in reading.notes if one.code not in ("missing_words", "decimal_comma", "day_first", "month_first")
    ]
    reading.warnings = [one for one in reading.warnings if one.code != "odd_cells"]
    words = dict.fromkeys(word for column in reading.columns for word in column.missing)
    if words:
        reading.note("missing_words", words=list(words)[:8])
    for code, which in (
        ("decimal_comma", [one.name for one in reading.columns if one.decimal == ","]),
        ("day_first", [one.name for one in reading.columns if one.date_order == "dmy"]),
        ("month_first", [one.name for one in reading.columns if one.date_order == "mdy"]),
    ):
        if which:
            reading.note(code, columns=which[:5])
    for column in [one for one in reading.columns if one.odd][:5]:
        reading.warn("odd_cells", column=column.name, count=column.odd)


def _see_ragged(head: list[Row], reading: Reading, limits: Limits) -> None:
    """Counts ragged rows; where it is the text that has commas, offers to take the rest of the line as text."""
    lines = [row for row in _body(iter(head), reading) if fit(row, reading, limits)[1].startswith("too_")]
    if not lines:
        return
    reading.warn("ragged", count=len(lines), line=lines[0].line)
    many = sum(len(row.cells) > len(reading.columns) for row in lines)
    if many >= 0.05 * len(head) and len(reading.columns) >= 2 and reading.columns[-1].kind in ("text", "empty"):
        reading.warn("rest_is_text")
        reading.offers.append("rest_is_text")


def _count(head: list[Row], reading: Reading, whole: bool) -> None:
    if reading.rows is None and whole:
        reading.rows = sum(1 for _row in _body(iter(head), reading))
    if reading.rows == 0:
        reading.warn("no_rows")
    elif reading.rows is not None and reading.rows < 30:
        reading.warn("few_rows", count=reading.rows)


def _see_ending(name: str, form: Format, reading: Reading) -> None:
    ending = name.rpartition(".")[2].lower()
    if ending not in form.extensions and any(ending in other.extensions for other in formats()):
        reading.note("other_ending", ending=ending)


def _body(found: Iterator[Row], reading: Reading, left: Counter[str] | None = None) -> Iterator[Row]:
    """The rows below the header. Empty ones and the header once more are left out, and counted in LEFT."""
    left = Counter() if left is None else left
    for number, row in enumerate(found, 1):
        if number <= reading.header_row + reading.under:
            continue
        if not row.problem and not any(cell and not cell.isspace() for cell in _listed(row)):
            left["empty"] += 1
        elif reading.heads and isinstance(row.cells, list) and headers.again(row.cells, reading.heads):
            left["again"] += 1
        else:
            yield row


def _listed(row: Row) -> list[str | None]:
    return list(row.cells.values()) if isinstance(row.cells, dict) else row.cells


def _clip(cell: str | None) -> str | None:
    return cell[:CLIP] if cell else cell


# All its rows ---------------------------------------------------------------------------------------------


def _load(source: Source, reading: Reading, out: Path, progress: Progress) -> LoadResult:
    form, source = _unwrap(source, reading)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.unlink(missing_ok=True)
    result = LoadResult(0, reading=reading)
    with rows.opened(out, write=True) as db, rows.no_circles():
        writer = rows.Writer(db)
        store = Store(writer, reading, source.limits, source.size)
        _store(form, source, store, progress)
        writer.flush()
        if store.repaired:
            reading.note("repaired", count=store.repaired)
        result.rows, result.problems, result.first = store.total, dict(store.problems), store.first
        _finish(writer, result, store.sample)
    progress(1.0, result.rows)
    return result


def _store(form: Format, source: Source, store: Store, progress: Progress) -> None:
    reading = store.reading
    plain = reading.talk is None and not reading.joined and not reading.shape and reading.region is None
    if form.batches is not None and plain:
        for batch in form.batches(source, reading):
            store.add_batch(batch)
            progress(source.share, store.total)
        store.note_left_out()
        return
    for row in _body_of(form, source, reading):
        store.add(row)
        if store.total % rows.BATCH == 0:
            progress(source.share, store.total)


def _body_of(form: Format, source: Source, reading: Reading) -> Iterator[Row]:
    """The rows to store: those of the table, or the exchanges of the conversations in it."""
    found = _rows_of(form, source, reading)
    if reading.talk is not None and reading.talk.parts:
        return talking.reshaped(_counting(found, replace(reading, header_row=reading.talk.header_row)), reading)
    return _counting(found, reading)


def _counting(found: Iterator[Row], reading: Reading) -> Iterator[Row]:
    """The body, with what was left out of it noted at its end."""
    left: Counter[str] = Counter()
    yield from _body(found, reading, left)
    if left["empty"]:
        reading.note("empty_rows", count=left["empty"])
    if left["again"]:
        reading.note("header_again", count=left["again"])


def _finish(writer: rows.Writer, result: LoadResult, sample: list[list[str | None]]) -> None:
    reading = result.reading
    if not result.rows:
        raise Refusal("no_rows")
    damaged = result.problems.get("bad_bytes", 0)
    if damaged >= 10 and damaged > 0.9 * result.rows:
        raise Refusal("no_encoding", encoding=reading.encoding)
    if damaged >= 10 and damaged > 0.2 * result.rows:
        raise Refusal("mixed_encodings", line=result.first["bad_bytes"])
    if reading.format in ("csv", "spreadsheet", "html") and reading.talk is None and len(reading.columns) > 1:
        _flag_tail(writer, result)
        _flag_others(writer, result)
    reading.rows = result.rows
    if sample:
        describe(reading, sample)
        _see_damage(reading, sample)
    rows.remember(writer.db, "reading", reading.to_json())
    rows.remember(writer.db, "rows", result.rows)
    writer.db.commit()


def _see_damage(reading: Reading, sample: list[list[str | None]]) -> None:
    """Offers to mend text that was spoiled before it came here."""
    damage = repairing.look([*sample, reading.names])
    if damage.lost:
        reading.warn("signs_lost", count=damage.lost)
    for kind in damage.curable:
        before, after = damage.examples[kind]
        facts = {} if kind == "unseen" else {"before": before, "after": after}
        # What nobody sees is worth a note, not a warning.
        (reading.note if kind == "unseen" else reading.warn)(f"spoiled_{kind}", count=damage.cells[kind], **facts)
    if damage.curable and not reading.repair:
        reading.offers.append("repair")


def _flag_tail(writer: rows.Writer, result: LoadResult) -> None:
    """Totals and notes below the table are kept, but flagged, so that nobody learns from them."""
    last = writer.db.execute("SELECT n, line, cells, problem FROM rows ORDER BY n DESC LIMIT 30").fetchall()
    for (n, line, text, before), above in zip(last, [*(row[1] for row in last[1:]), 0], strict=True):
        what = headers.tail(json.loads(text), len(result.reading.columns), line - above > 1)
        if not what:
            return
        writer.db.execute("UPDATE rows SET problem = ? WHERE n = ?", (what, n))
        result.problems[what] = result.problems.get(what, 0) + 1
        result.first[what] = line
        if before:
            result.problems[before] -= 1
            result.problems = {code: many for code, many in result.problems.items() if many}


def _flag_others(writer: rows.Writer, result: LoadResult) -> None:
    """Rows of a table further down, with columns of its own, are kept and flagged too."""
    for line, many in regions.flag(writer.db, [column.header for column in result.reading.columns]):
        result.problems["other_table"] = result.problems.get("other_table", 0) + many
        result.first.setdefault("other_table", line)
        result.reading.warn("table_below", line=line, count=many)


# The child process ----------------------------------------------------------------------------------------


def _guarded(verb: str, request: Mapping[str, object], limits: Limits, progress: Progress | None) -> dict[str, Any]:
    request = {**request, "verb": verb, "limits": asdict(limits)}
    # What the child puts aside lies in a folder of ours, so that nothing stays when it is killed.
    with tempfile.TemporaryFile() as log, tempfile.TemporaryDirectory(prefix="atelier-read-") as room:
        child = subprocess.Popen(
            [sys.executable, "-m", "projects.reading"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=guarded.HOME,
            env=guarded.environment(TMPDIR=room),
        )
        timer = threading.Timer(limits.seconds, child.kill)
        timer.start()
        try:
            answer = _listen(child, request, progress)
            if answer is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(5)  # its own end says more than ours would
        finally:
            expired = not timer.is_alive()
            timer.cancel()
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe:
                    pipe.close()
        if answer is None:
            log.seek(max(0, log.tell() - 2_000))
            _mourn(child.returncode, log.read().decode("utf-8", "replace"), expired, limits)
    logger.info("The reader needed %s kB to %s a file", answer.get("peak", 0), verb)
    if "ours" in answer:
        raise ReaderFailed(f"the reader failed to {verb} a file: {answer['ours']}")
    if "refused" in answer:
        raise explain(answer["refused"], answer["facts"])
    found: dict[str, Any] = answer["result"]
    return found


def _mourn(status: int, said: str, expired: bool, limits: Limits) -> NoReturn:
    """Why a reader died without a word. A crash inside a library is the file's doing, everything else is not."""
    logger.error("The reader died with %s: %s", status, said)
    if expired or status == -signal.SIGXCPU:
        raise explain("too_slow", {"minutes": max(1, limits.seconds // 60)})
    # calamine and Arrow abort where Python would raise MemoryError.
    if any(sign in said.lower() for sign in ("memory", "bad_alloc")):
        raise explain("out_of_memory", {"limit": limits.memory // 1_000_000})
    if -status in CRASHES:
        raise explain("reader_died")
    raise ReaderFailed(f"the reader ended with {status}: {said[-500:]}")


def _listen(child: subprocess.Popen[bytes], request: Mapping[str, object], progress: Progress | None) -> Any:
    """The last word of the child, or None when it died without one."""
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.write(json.dumps(request).encode())
        child.stdin.close()
    except BrokenPipeError:
        return None
    for line in child.stdout:
        try:
            message = json.loads(line)
        except ValueError:
            return None
        if "progress" not in message:
            return message
        if progress is not None:
            progress(*message["progress"])
    return None


def _child() -> None:
    request = json.load(sys.stdin)
    limits = Limits(**request.pop("limits"))
    guarded.limit(limits.memory, limits.seconds)
    answer: dict[str, object]
    try:
        answer = {"result": _do(request.pop("verb"), request, limits)}
    except Refusal as refusal:
        answer = {"refused": refusal.code, "facts": refusal.facts}
    except Exception as error:
        full = getattr(error, "errno", 0) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or "full" in str(error)
        if guarded.out_of_memory(error):
            answer = {"refused": "out_of_memory", "facts": {"limit": limits.memory // 1_000_000}}
        elif full and isinstance(error, OSError | sqlite3.OperationalError):
            answer = {"refused": "disk_full", "facts": {}}
        else:  # a missing library, a mistake in a reader: not the file's fault
            answer = {"ours": traceback.format_exc()[-4_000:]}
    _tell(answer | {"peak": _peak()})


def _peak() -> int:
    """The most memory this process held, in kB; 0 where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def _do(verb: str, request: Mapping[str, Any], limits: Limits) -> dict[str, object]:
    source = Source(Path(request["path"]), request["name"], limits)
    if verb == "load":
        reading = Reading.from_json(request["reading"])
    else:
        # The head of a file takes seconds: who makes it take long is stopped before the rows are read.
        _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(
            resource.RLIMIT_CPU, (min(DETECT_SECONDS + guarded.more_seconds(source.path), limits.seconds + 1), hard)
        )
        reading = _detect(source, request["overrides"], [Sought.from_json(one) for one in request["roles"]])
        resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds + 1, hard))
    if verb == "detect":
        return reading.to_json()
    source = Source(source.path, source.name, limits)
    return asdict(_load(source, reading, Path(request["out"]), lambda share, n: _tell({"progress": [share, n]})))


def _tell(message: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _child()
