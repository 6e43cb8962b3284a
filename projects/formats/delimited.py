"""CSV and its relatives: any delimiter, any encoding, any line end."""

from __future__ import annotations

import csv
import re
import statistics
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext_lazy as _

from projects import encodings
from projects.formats import Format, Reading, Refusal, Row
from projects.source import HEAD, Source

CANDIDATES = (",", ";", "\t", "|")
NONE = "\x1f"  # stands for "no delimiter": a unit separator that no text file has
FIELD = 4_000_000
SPAN = 200  # physical lines in one record beyond which a quote was probably never closed
ROWS = 300
_LONE = re.compile(r"\r(?!\n)")  # inside a cell of a file whose lines end otherwise
_SEP = re.compile(r"sep=(.)\s*", re.I)


def sniff(head: bytes, name: str) -> float:
    """Text of any kind; every other format goes first."""
    if not head:
        return 0.0
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    zeros = head.count(0)
    if not wide and zeros > 8 and zeros > len(head) * 0.02 and not encodings.zeros(head):
        return 0.0
    control = sum(head[:4096].count(byte) for byte in (*range(1, 8), *range(14, 27), 28, 29, 30))
    if not wide and control > 0.02 * min(len(head), 4096) and not encodings.zeros(head):
        return 0.0
    return 0.2


def inspect(source: Source, reading: Reading) -> None:
    """Encoding, delimiter, quote and escape, as far as the person has not set them."""
    if not reading.encoding:
        reading.encoding, how = encodings.find(source.samples())
        if how in ("guess", "zeros"):
            reading.note("encoding_guessed", encoding=reading.encoding)
        if how == "damaged":
            reading.warn("bad_bytes")
    lines = _head_lines(source, reading)
    if not any(line.strip("\ufeff\r\n \t\0") for line in lines):
        raise Refusal("empty_file")
    if declared := _SEP.fullmatch(lines[0].strip("\r\n")):
        reading.note("sep_line", delimiter=declared[1])
        reading.delimiter = reading.delimiter or declared[1]
        lines = lines[1:]
    _quoting(lines, reading)
    reading.delimiter = reading.delimiter or vote(lines, reading)
    _spaces(lines, reading)


def _head_lines(source: Source, reading: Reading) -> list[str]:
    text = source.head.decode(reading.encoding, "replace").removeprefix("\ufeff").replace("\0", "")
    if encodings.line_end(text):
        lines = re.split(r"(?<=\n)", _LONE.sub(" ", text))
    else:
        lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
    if len(lines) > 2 and len(source.head) >= HEAD:
        lines.pop()
    return [line for line in lines if line]


def _quoting(lines: list[str], reading: Reading) -> None:
    text = "".join(lines)
    single = len(re.findall(r"(?:^|[,;\t|])'[^'\r\n]*'(?=[,;\t|\r\n])", text, re.M))
    if '"' not in text and single > len(lines) / 2:
        reading.quote = "'"
    backslashed = len(re.findall(r'[^\\]\\"(?![,;\t|\r\n])', text))
    if backslashed >= 2 and backslashed > text.count('""'):
        reading.escape = "\\"


def _spaces(lines: list[str], reading: Reading) -> None:
    mark = re.escape(reading.delimiter or NONE)
    quoted = len(re.findall(rf'{mark} +"[^"]*" *(?={mark}|[\r\n]|$)', "".join(lines)))
    reading.skip_spaces = bool(quoted) and reading.delimiter != "\t"


def vote(lines: list[str], reading: Reading) -> str:
    """The delimiter that cuts the lines into the same number of cells most often; "" where a line is one cell."""
    best, chosen = 0.0, ""
    for mark in CANDIDATES:
        rows = _cut(lines, mark, reading)
        sizes = [len(row) for row in rows if any(cell.strip() for cell in row)]
        if not sizes or max(sizes) < 2:
            continue
        score = _score(sizes, rows)
        if score > best:
            best, chosen = score, mark
    return chosen


def _score(sizes: list[int], rows: list[list[str]]) -> float:
    usual = statistics.mode(sizes)
    share = sizes.count(usual) / len(sizes)
    if usual == 1:  # title lines, or text that only now and then holds this character
        many = [size for size in sizes if size > 1]
        share = len(many) / len(sizes) * (many.count(statistics.mode(many)) / len(many))
        if share < 0.3:
            return 0.0
        usual = statistics.mode(many)
    if share < 0.6:  # ragged: believe the header, when most lines have at least its cells
        header = len(rows[0])
        if header < 2 or _prose(rows[0]) or sum(size >= header for size in sizes) < 0.8 * len(sizes):
            return share * 0.4 if usual > 1 and len(rows[0]) > 1 else 0.0
        return 0.5
    return share + min(usual, 12) / 24


def _prose(row: list[str]) -> bool:
    return any(len(cell) > 60 for cell in row)


def _cut(lines: list[str], mark: str, reading: Reading) -> list[list[str]]:
    try:
        rows = []
        for row in _reader(lines, mark, reading):
            rows.append(row)
            if len(rows) >= ROWS:
                break
        return rows
    except csv.Error:
        return []


def _reader(lines: Iterable[str], mark: str, reading: Reading) -> Iterator[list[str]]:
    csv.field_size_limit(FIELD)
    options: dict[str, object] = {"delimiter": mark or NONE, "skipinitialspace": reading.skip_spaces}
    if reading.quote:
        options["quotechar"] = reading.quote
    else:
        options["quoting"] = csv.QUOTE_NONE
    if reading.escape:
        options["escapechar"] = reading.escape
    return csv.reader(lines, **options)  # type: ignore[arg-type]


class _Feed:
    """Hands lines to the csv module, counts them, and takes out NUL characters."""

    def __init__(self, lines: Iterator[str], reading: Reading, end: str) -> None:
        self.lines, self.number, self.nuls = lines, 0, 0
        self.reading, self.end = reading, end

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = next(self.lines)
        self.number += 1
        declared = _SEP.fullmatch(line.strip("\r\n")) if self.number == 1 else None
        if declared and declared[1] == self.reading.delimiter:
            # Not data, but the line counts, so that numbers agree with what an editor shows.
            return next(self)
        if "\0" in line:
            self.nuls += line.count("\0")
            line = line.replace("\0", "")
        if self.end and "\r" in line:
            line = _LONE.sub(" ", line)
        return line


def rows(source: Source, reading: Reading) -> Iterator[Row]:
    with source.open() as stream:
        end = encodings.line_end(source.head.decode(reading.encoding, "replace"))
        feed = _Feed(encodings.lines(stream, reading.encoding, source.limits.line, end), reading, end)
        yield from _records(feed, reading)
        if feed.nuls:
            reading.note("nul_characters", count=feed.nuls)


def _records(feed: _Feed, reading: Reading) -> Iterator[Row]:
    reader = _reader(feed, reading.delimiter, reading)
    while True:
        first = feed.number + 1
        try:
            cells: list[str | None] = list(next(reader))
        except StopIteration:
            return
        except csv.Error:
            yield Row(first, [], "open_quote")
            continue
        spanned = feed.number - first
        yield Row(first, _checked(cells), "bad_bytes" if _bad(cells) else "open_quote" if spanned > SPAN else "")


def _bad(cells: list[str | None]) -> bool:
    return any(cell and not cell.isascii() and encodings.bad(cell) for cell in cells)


def _checked(cells: list[str | None]) -> list[str | None]:
    if not _bad(cells):
        return cells
    return [encodings.repaired(cell) if cell else cell for cell in cells]


FORMAT = Format("csv", _("Text table (CSV, TSV)"), ("csv", "tsv", "txt", "tab", "psv", "ssv"), sniff, inspect, rows)
