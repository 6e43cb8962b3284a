"""Reads a hostile file: what it is (`detect`), and all its rows into rows.sqlite3 (`load_rows`), in a child process."""

from __future__ import annotations

import errno
import json
import logging
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from projects import headers, language, rows, values
from projects.formats import Column, Format, Limits, Reading, Refusal, Row, formats, pick
from projects.formats._records import depth
from projects.formats.spreadsheet import office
from projects.refusals import ReadingError as ReadingError
from projects.refusals import explain
from projects.source import Source

logger = logging.getLogger(__name__)
Progress = Callable[[float, int], None]  # share done, rows so far
HEAD_ROWS = 5_000  # rows looked at by detect
SAMPLE = 1_000  # rows from which kinds of columns are told
SHOWN = 20
CLIP = 500
DETECT_SECONDS = 300
OVERRIDES = ("encoding", "delimiter", "quote", "member", "sheet", "rest_is_text", "header_row")
# How files that are no tables begin.
MAGIC = (
    (b"\xff\xd8\xff", "picture"), (b"\x89PNG", "picture"), (b"GIF8", "picture"), (b"BM\x00", "picture"),
    (b"II*\x00", "picture"), (b"MM\x00*", "picture"), (b"%PDF", "pdf"), (b"{\\rtf", "document"),
    (b"Rar!", "archive"), (b"7z\xbc\xaf", "archive"), (b"BZh", "archive"), (b"\xfd7zXZ", "archive"),
    (b"\x28\xb5\x2f\xfd", "archive"), (b"ID3", "media"), (b"OggS", "media"), (b"RIFF", "media"), (b"fLaC", "media"),
    (b"\x7fELF", "program"), (b"MZ", "program"), (b"SQLite format 3", "program"),
)  # fmt: skip
# What the child may know of this process: no secrets.
ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")
NUMBERED = ("not_json", "not_an_object", "json_stops", "too_deep")


@dataclass
class LoadResult:
    """What was stored. `reading` now has the final columns and the true number of rows."""

    rows: int
    problems: dict[str, int] = field(default_factory=dict)  # problem code → rows
    first: dict[str, int] = field(default_factory=dict)  # problem code → line of the first such row
    reading: Reading = field(default_factory=Reading)


def detect(path: Path, name: str, overrides: dict[str, Any] | None = None, limits: Limits | None = None) -> Reading:
    """What the file is, from its head. Raises UserError for a file that cannot be used."""
    try:
        return _detect(Source(path, name, limits), overrides or {})
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
    path: Path, name: str, overrides: dict[str, Any] | None = None, limits: Limits | None = None
) -> Reading:
    """`detect` in a child process with a memory and a time limit; its death becomes a UserError."""
    request = {"path": str(path), "name": name, "overrides": overrides or {}}
    limits = limits or Limits()
    limits = replace(limits, seconds=min(limits.seconds, DETECT_SECONDS))
    return Reading.from_json(_guarded("detect", request, limits, None))


def load_guarded(
    path: Path, name: str, reading: Reading, out: Path, progress: Progress, limits: Limits | None = None
) -> LoadResult:
    """`load_rows` in such a child process. An exception from PROGRESS stops the child and passes through."""
    request = {"path": str(path), "name": name, "reading": reading.to_json(), "out": str(out)}
    result = _guarded("load", request, limits or Limits(), progress)
    result["reading"] = Reading.from_json(result["reading"])
    return LoadResult(**result)


# What the file is -----------------------------------------------------------------------------------------


def _detect(source: Source, overrides: dict[str, Any]) -> Reading:
    reading = Reading()
    for key in OVERRIDES:
        if key in overrides and overrides[key] is not None and key != "header_row":
            setattr(reading, key, overrides[key])
    if not source.size:
        raise Refusal("empty_file")
    form, source = _unwrap(source, reading)
    assert form.inspect is not None
    assert form.rows is not None
    reading.format = form.slug
    try:
        form.inspect(source, reading)
        head = list(islice(form.rows(source, reading), HEAD_ROWS + 1))
    except LookupError as error:
        raise Refusal("no_encoding", encoding=reading.encoding) from error
    whole = len(head) <= HEAD_ROWS
    if form.keyed:
        _keyed(head, reading)
    else:
        _grid(head, reading, overrides.get("header_row"))
    _describe(head, reading, source.limits)
    _count(head, reading, whole)
    _see_ending(source.name, form, reading)
    return reading


def _unwrap(source: Source, reading: Reading) -> tuple[Format, Source]:
    """The format of what is inside: one wrapping is taken off, a second one is refused."""
    form = _recognise(source)
    if form.members is None:
        return form, source
    members = form.members(source)
    reading.packed = form.slug
    if form.slug == "zip":
        reading.members = members
    names = [member.name for member in members]
    if not reading.member or form.slug == "gzip":
        reading.member = names[0]
    elif reading.member not in names:
        raise Refusal("no_such_member", member=reading.member)
    if len(members) > 1:
        reading.warn("several_members", count=len(members), member=reading.member)
    inside = source.inside(form.slug, reading.member, reading.member)
    inner = _recognise(inside)
    if inner.members is not None:
        raise Refusal("nested_archive", name=reading.member[:100])
    return inner, inside


def _recognise(source: Source) -> Format:
    head = source.head
    if not head:
        raise Refusal("empty_file")
    for magic, what in MAGIC:
        if head.startswith(magic):
            raise Refusal(what)
    start = head[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<body")):
        raise Refusal("web_page")
    if start.startswith(b"<?xml"):
        raise Refusal("web_page" if b"<html" in start else "xml")
    if office(head) == "document":
        raise Refusal("document")
    if head[4:8] == b"ftyp":
        raise Refusal("media")
    form = pick(head, source.name)
    if form is None:
        # Thousands of opening brackets are JSON to nobody else.
        raise Refusal("too_deep", limit=64) if depth(head) > 64 else Refusal("unknown_format")
    return form


def _keyed(head: list[Row], reading: Reading) -> None:
    """Columns of records: their keys, in the order in which they turn up."""
    keys: dict[str, None] = {}
    for row in head:
        if row.problem not in NUMBERED and isinstance(row.cells, dict):
            keys.update(dict.fromkeys(row.cells))
    if not keys:
        raise Refusal("no_records")
    found = list(keys)
    reading.header_row = 0
    reading.columns = [Column(name, key) for name, key in zip(headers.names(found, len(found)), found, strict=True)]


def _grid(head: list[Row], reading: Reading, chosen: int | None) -> None:
    """The header row, and a name for each column."""
    grid = [list(row.cells) for row in head[:200]]
    if not any(headers.full(cells) for cells in grid):
        raise Refusal("no_data")
    if len(head) == 1 and headers.full(grid[0]) == 1:
        raise Refusal("too_little")
    place = headers.find(grid) if chosen is None else max(0, min(int(chosen), len(grid)))
    reading.header_row = place
    reading.above = [[_clip(cell) for cell in cells] for cells in grid[:10]]
    count = headers.width(grid[place:]) if place < len(grid) else 0
    header = grid[place - 1] if place else []
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


def _at(cells: list[str | None], place: int) -> str | None:
    return cells[place] if place < len(cells) else None


def _describe(head: list[Row], reading: Reading, limits: Limits) -> None:
    if len(reading.columns) > limits.columns:
        raise Refusal("too_many_columns", count=len(reading.columns), limit=limits.columns)
    fitted = [_fit(row, reading, limits) for row in _body(iter(head), reading)]
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
        reading.note("missing_words", words=", ".join(list(words)[:8]))
    for code, which in (
        ("decimal_comma", [one.name for one in reading.columns if one.decimal == ","]),
        ("day_first", [one.name for one in reading.columns if one.date_order == "dmy"]),
        ("month_first", [one.name for one in reading.columns if one.date_order == "mdy"]),
    ):
        if which:
            reading.note(code, columns=", ".join(which[:5]))
    for column in [one for one in reading.columns if one.odd][:5]:
        reading.warn("odd_cells", column=column.name, count=column.odd)


def _see_ragged(head: list[Row], reading: Reading, limits: Limits) -> None:
    """Counts ragged rows; where it is the text that has commas, offers to take the rest of the line as text."""
    lines = [row for row in _body(iter(head), reading) if _fit(row, reading, limits)[1].startswith("too_")]
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


def _body(found: Iterator[Row], reading: Reading) -> Iterator[Row]:
    """The rows below the header, empty ones left out."""
    for number, row in enumerate(found, 1):
        if number <= reading.header_row:
            continue
        if row.problem or any(cell and not cell.isspace() for cell in _listed(row)):
            yield row


def _listed(row: Row) -> list[str | None]:
    return list(row.cells.values()) if isinstance(row.cells, dict) else row.cells


def _fit(row: Row, reading: Reading, limits: Limits) -> tuple[list[str | None], str]:
    """The cells in the order of the columns, and what is wrong with the row."""
    count = len(reading.columns)
    problem = row.problem
    if isinstance(row.cells, dict):
        if problem in NUMBERED:
            return [row.cells.get("")], problem
        cells = [row.cells.get(column.header) for column in reading.columns]
    else:
        cells = row.cells
        if len(cells) > count:
            cells, problem = _shorten(cells, count, reading, problem)
        elif len(cells) < count and reading.format == "csv":
            problem = problem or "too_few_cells"
    if any(cell is not None and len(cell) > limits.cell for cell in cells):
        return [cell[: limits.cell] if cell else cell for cell in cells], problem or "cut_cell"
    return cells, problem


def _shorten(cells: list[str | None], count: int, reading: Reading, problem: str) -> tuple[list[str | None], str]:
    extra = cells[count:]
    if not any(cell and cell.strip() for cell in extra):
        return cells[:count], problem
    if reading.rest_is_text and count:
        rest = (reading.delimiter or ",").join(cell or "" for cell in cells[count - 1 :])
        return [*cells[: count - 1], rest], problem
    return cells, problem or "too_many_cells"


def _clip(cell: str | None) -> str | None:
    return cell[:CLIP] if cell else cell


# All its rows ---------------------------------------------------------------------------------------------


def _load(source: Source, reading: Reading, out: Path, progress: Progress) -> LoadResult:
    form, source = _unwrap(source, reading)
    assert form.rows is not None
    out.parent.mkdir(parents=True, exist_ok=True)
    out.unlink(missing_ok=True)
    result = LoadResult(0, reading=reading)
    with rows.opened(out, write=True) as db:
        writer = rows.Writer(db)
        sample = _store(form, source, result, writer, progress)
        writer.flush()
        _finish(writer, result, sample)
    progress(1.0, result.rows)
    return result


def _store(
    form: Format, source: Source, result: LoadResult, writer: rows.Writer, progress: Progress
) -> list[list[str | None]]:
    reading, limits = result.reading, source.limits
    assert form.rows is not None
    sample: list[list[str | None]] = []
    problems: Counter[str] = Counter()
    known = {column.header for column in reading.columns}
    total = 0
    read = _counting(form.rows(source, reading), reading)
    for row in read:
        if isinstance(row.cells, dict) and row.problem not in NUMBERED and not known.issuperset(row.cells):
            _widen(reading, row.cells, known, limits)
        cells, problem = _fit(row, reading, limits)
        writer.add(row.line, cells, problem)
        total = writer.count
        if problem:
            problems[problem] += 1
            result.first.setdefault(problem, row.line)
        elif len(sample) < SAMPLE or (total % 997 == 0 and len(sample) < 3 * SAMPLE):
            sample.append(cells)
        if total > limits.rows:
            raise Refusal("too_many_rows", limit=limits.rows)
        if total % rows.BATCH == 0:
            progress(source.share, total)
    result.rows, result.problems = total, dict(problems)
    return sample


def _counting(found: Iterator[Row], reading: Reading) -> Iterator[Row]:
    """The body, with the number of empty rows noted at its end."""
    seen = kept = 0

    def counted() -> Iterator[Row]:
        nonlocal seen
        for row in found:
            seen += 1
            yield row

    for row in _body(counted(), reading):
        kept += 1
        yield row
    if (empty := seen - kept - reading.header_row) > 0:
        reading.note("empty_rows", count=empty)


def _widen(reading: Reading, cells: dict[str, str | None], known: set[str], limits: Limits) -> None:
    """Fields that the first records do not have become columns of their own."""
    fresh = [key for key in cells if key not in known][: max(0, limits.columns - len(reading.columns))]
    if not fresh:
        return
    known.update(fresh)
    reading.note("new_columns")
    every = [column.header for column in reading.columns] + fresh
    for key, name in list(zip(every, headers.names(every, len(every)), strict=True))[-len(fresh) :]:
        reading.columns.append(Column(name, key))


def _finish(writer: rows.Writer, result: LoadResult, sample: list[list[str | None]]) -> None:
    reading = result.reading
    if not result.rows:
        raise Refusal("no_rows")
    damaged = result.problems.get("bad_bytes", 0)
    if damaged >= 10 and damaged > 0.9 * result.rows:
        raise Refusal("no_encoding", encoding=reading.encoding)
    if damaged >= 10 and damaged > 0.2 * result.rows:
        raise Refusal("mixed_encodings", line=result.first["bad_bytes"])
    if reading.format in ("csv", "spreadsheet") and len(reading.columns) > 1:
        _flag_tail(writer, result)
    reading.rows = result.rows
    if sample:
        describe(reading, sample)
    rows.remember(writer.db, "reading", reading.to_json())
    rows.remember(writer.db, "rows", result.rows)
    writer.db.commit()


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


# The child process ----------------------------------------------------------------------------------------


def _guarded(verb: str, request: dict[str, Any], limits: Limits, progress: Progress | None) -> dict[str, Any]:
    request = {**request, "verb": verb, "limits": asdict(limits)}
    home = Path(__file__).resolve().parent.parent
    with tempfile.TemporaryFile() as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "projects.reading"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=home,
            env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
        )
        timer = threading.Timer(limits.seconds, child.kill)
        timer.start()
        try:
            answer = _listen(child, request, progress)
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
            said = log.read().decode("utf-8", "replace")
            logger.error("The reader died with %s: %s", child.returncode, said)
            starved = "memory" in said.lower()  # calamine aborts where Python would raise MemoryError
            raise explain("too_slow" if expired else "out_of_memory" if starved else "reader_died")
    logger.info("The reader needed %s kB to %s a file", answer.get("peak", 0), verb)
    if "refused" in answer:
        raise explain(answer["refused"], answer["facts"])
    found: dict[str, Any] = answer["result"]
    return found


def _listen(child: subprocess.Popen[bytes], request: dict[str, Any], progress: Progress | None) -> Any:
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
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, hard))
    # Also when the parent was killed and nobody stops this process any more.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds + 1, limits.seconds + 5))
    os.nice(5)
    answer: dict[str, Any]
    try:
        answer = {"result": _do(request.pop("verb"), request, limits)}
    except Refusal as refusal:
        answer = {"refused": refusal.code, "facts": refusal.facts}
    except MemoryError:
        answer = {"refused": "out_of_memory", "facts": {}}
    except (OSError, sqlite3.OperationalError) as error:
        if getattr(error, "errno", 0) != errno.ENOSPC and "full" not in str(error):
            raise
        answer = {"refused": "disk_full", "facts": {}}
    _tell(answer | {"peak": _peak()})


def _peak() -> int:
    """The most memory this process held, in kB; 0 where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def _do(verb: str, request: dict[str, Any], limits: Limits) -> dict[str, Any]:
    source = Source(Path(request["path"]), request["name"], limits)
    if verb == "detect":
        return _detect(source, request["overrides"]).to_json()
    reading = Reading.from_json(request["reading"])
    return asdict(_load(source, reading, Path(request["out"]), lambda share, n: _tell({"progress": [share, n]})))


def _tell(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _child()
