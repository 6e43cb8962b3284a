"""Tables in a web page, which many reporting tools save under the name of a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import islice

from django.utils.translation import gettext_lazy as _

from projects import encodings, headers
from projects.formats import Format, Reading, Refusal, Row, Sheet, _faqpage
from projects.source import Source

STARTS = (b"<!doctype html", b"<html", b"<table", b"<meta", b"<body", b"<head", b"<div", b"<style")
SPAN = 100  # columns or rows that one cell may cover
TABLES = 200
HEAD = 100  # rows of each table by which the one that is meant is told
COLUMNS = 2_000
LARGE = 1_000  # rows of a table that is what a page is about, whatever stands around it
PIECE = 65_536
QUESTIONS = "questions"  # the shape of a page of questions with their answers
QUIET = ("script", "style", "template", "noscript")


def sniff(head: bytes, name: str) -> float:
    start = head[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    if wide:
        start = head[:4096].decode("utf-16", "replace").lstrip("\ufeff \t\r\n").lower().encode()
    return 0.6 if start.startswith(STARTS) or (start.startswith(b"<?xml") and b"<html" in start) else 0.0


@dataclass
class _Table:
    number: int
    rows: int = 0
    columns: int = 0
    cells: list[str | None] = field(default_factory=list)  # of the row that is open
    down: dict[int, tuple[int, str | None]] = field(default_factory=dict)  # column → rows still covered, and by what


class _Tables(HTMLParser):
    """Hands out the rows of tables one by one. A table inside a cell of another is a table of its own."""

    def __init__(self, cell: int) -> None:
        super().__init__(convert_charrefs=True)
        self.longest = cell
        self.found: list[tuple[int, int, list[str | None]]] = []  # table, line, cells: taken away by the reader
        self.open: list[_Table] = []
        self.count = 0
        self.quiet = ""
        self.text: list[str] | None = None
        self.size = 0
        self.spans = (1, 1)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in QUIET:
            self.quiet = tag
        elif tag == "table" and len(self.open) < 20:
            self._end_row()
            self.count += 1
            self.open.append(_Table(self.count))
        elif tag == "tr" and self.open:
            self._end_row()
        elif tag in ("td", "th") and self.open:
            self._end_cell()
            given = dict(attrs)
            self.spans = (_span(given.get("colspan")), _span(given.get("rowspan")))
            self.text, self.size = [], 0
        elif tag in ("br", "p", "div", "li") and self.text:
            self.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == self.quiet:
            self.quiet = ""
        elif tag in ("td", "th"):
            self._end_cell()
        elif tag == "tr":
            self._end_row()
        elif tag == "table" and self.open:
            self._end_row()
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.text is not None and not self.quiet and self.size <= self.longest:
            self.text.append(data)
            self.size += len(data)

    def close(self) -> None:
        super().close()
        self._end_row()

    def _end_cell(self) -> None:
        if self.text is None or not self.open:
            return
        table = self.open[-1]
        lines = (" ".join(line.split()) for line in "".join(self.text).split("\n"))
        said = "\n".join(line for line in lines if line) or None
        self.text = None
        self._covered(table)
        wide, tall = self.spans
        for _column in range(min(wide, COLUMNS + 1 - len(table.cells))):
            if tall > 1:
                table.down[len(table.cells)] = (tall - 1, said)
            table.cells.append(said)

    def _covered(self, table: _Table) -> None:
        """Cells from above that reach into this row."""
        while (place := len(table.cells)) in table.down and place <= COLUMNS:
            left, said = table.down.pop(place)
            table.cells.append(said)
            if left > 1:
                table.down[place] = (left - 1, said)

    def _end_row(self) -> None:
        self._end_cell()
        if not self.open:
            return
        table = self.open[-1]
        if table.cells:
            self._covered(table)
            table.rows += 1
            table.columns = max(table.columns, len(table.cells))
            self.found.append((table.number, self.getpos()[0], table.cells))
            table.cells = []


def _span(text: str | None) -> int:
    bare = (text or "").strip()[:6]
    return min(max(1, int(bare)), SPAN) if bare.isdecimal() else 1


def _rows(source: Source, reading: Reading) -> Iterator[tuple[int, int, list[str | None]]]:
    parser = _Tables(source.limits.cell)
    with source.open() as stream:
        for text in encodings.pieces(stream, reading.encoding, PIECE):
            parser.feed(text)
            yield from parser.found
            parser.found.clear()
            if len(parser.rawdata) > source.limits.line:
                raise Refusal("long_line", line=parser.getpos()[0], limit=source.limits.line)
    parser.close()
    yield from parser.found


def inspect(source: Source, reading: Reading) -> None:
    """The tables, and the one with most cells unless the person picked one."""
    reading.delimiter = ""
    encodings.settle(source, reading)
    sizes: dict[int, list[int]] = {}
    heads: dict[int, list[list[str | None]]] = {}
    for number, _line, cells in islice(_rows(source, reading), 200_000):
        if number in sizes or len(sizes) < TABLES:
            size = sizes.setdefault(number, [0, 0])
            size[0] += 1
            if size[0] <= HEAD:
                heads.setdefault(number, []).append(cells)
            size[1] = max(size[1], len(cells))
    tables = {number: size for number, size in sizes.items() if size[0] > 1}
    largest = max((size[0] for size in tables.values()), default=0)
    asked = [] if reading.sheet or largest > LARGE else list(_faqpage.rows(source, reading))
    if len(asked) > largest:
        reading.shape = QUESTIONS
        reading.note("questions_below")
        return
    if not tables:
        raise Refusal("web_page")
    reading.sheets = [
        Sheet(str(number), rows=size[0], columns=size[1], header=headers.header_lines(heads[number]))
        for number, size in tables.items()
    ]
    if not reading.sheet:
        reading.sheet = str(max(tables, key=lambda number: tables[number][0] * min(tables[number][1], 20)))
    elif reading.sheet not in [sheet.name for sheet in reading.sheets]:
        raise Refusal("no_such_sheet", sheet=reading.sheet)


def tables(source: Source, reading: Reading) -> Iterator[tuple[str, Iterator[Row]]]:
    """The first rows of each table, largest first."""
    heads: dict[str, list[Row]] = {sheet.name: [] for sheet in reading.sheets}
    for number, line, cells in islice(_rows(source, reading), 200_000):
        head = heads.get(str(number))
        if head is not None and len(head) < HEAD:
            head.append(Row(line, cells))
    sizes = {sheet.name: (sheet.rows or 0) * min(sheet.columns or 0, 20) for sheet in reading.sheets}
    for name in sorted(heads, key=lambda name: -sizes[name]):
        yield name, iter(heads[name])


def finish(source: Source, reading: Reading) -> None:
    if len(reading.sheets) > 1:
        reading.warn("several_tables", count=len(reading.sheets), sheet=reading.sheet)


def rows(source: Source, reading: Reading) -> Iterator[Row]:
    if reading.shape == QUESTIONS:
        yield from _faqpage.rows(source, reading)
        return
    for number, line, cells in _rows(source, reading):
        if str(number) == reading.sheet:
            yield Row(line, cells)


FORMAT = Format(
    "html",
    _("Table in a web page"),
    ("html", "htm", "xls"),
    sniff,
    inspect,
    rows,
    tables=tables,
    chosen="sheet",
    finish=finish,
)
