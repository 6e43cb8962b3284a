"""CSV and its relatives: any delimiter, any encoding, any line end."""

from __future__ import annotations

import csv
import re
import statistics
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from projects import encodings
from projects.formats import Batch, Format, Reading, Refusal, Row, _escapes
from projects.formats._prose import is_prose
from projects.source import HEAD, Source

CANDIDATES = (",", ";", "\t", "|", "::", "||", "|||", "~", "^", "\x01", "@@", "#|#")
NONE = "\x1f"  # stands for "no delimiter": a unit separator that no text file has
SEVERAL = "\x1e"  # stands for a delimiter of several signs: a record separator
FIELD = 4_000_000
SPAN = 200  # physical lines in one record beyond which a quote was probably never closed
ROWS = 300
BATCH = 2_000  # rows read at once
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
    encodings.settle(source, reading)
    lines = _head_lines(source, reading)
    if not any(line.strip("\ufeff\r\n \t\0") for line in lines):
        raise Refusal("empty_file")
    if declared := _SEP.fullmatch(lines[0].strip("\r\n")):
        reading.note("sep_line", delimiter=declared[1])
        reading.delimiter = reading.delimiter or declared[1]
        lines = lines[1:]
    _quoting(lines, reading, cut=len(source.head) >= HEAD)
    _backslashes(lines, reading)
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


def _quoting(lines: list[str], reading: Reading, *, cut: bool) -> None:
    text = "".join(lines)
    single = len(re.findall(r"(?:^|[,;\t|])'[^'\r\n]*'(?=[,;\t|\r\n])", text, re.M))
    if '"' not in text and single > len(lines) / 2:
        reading.quote = "'"
    if '"' in text and not _closes(lines, cut):
        reading.quote = ""  # nothing that a quote opens is closed by one: they are signs of the text
    backslashed = len(re.findall(r'[^\\]\\"(?![,;\t|\r\n])', text))
    if backslashed >= 2 and backslashed > text.count('""'):
        reading.escape = "\\"


def _backslashes(lines: list[str], reading: Reading) -> None:
    """Whether the file is the dump of a database, which writes line ends, tabs and nothing as two signs."""
    text = "".join(lines)
    dumped = not reading.as_written and _escapes.has_nothing(text)
    reading.escape = "\\" if dumped else reading.escape
    reading.delimiter = reading.delimiter or vote(lines, reading)
    # Elsewhere two signs are offered to be mended: who writes them with commas or none between cells may mean them.
    surely = reading.delimiter == "\t" or reading.escape
    if dumped or (surely and not reading.as_written and _escapes.has_ends(text)):
        reading.escapes, reading.escape = True, "\\"
        reading.note("two_signs")


def _closes(lines: list[str], cut: bool) -> bool:
    """Whether quotes that open a cell are closed before a separator or the end of a line, most of the time.

    A cell can go over several lines; so what opens is compared with what closes, not line by line: a quote that begins a
    line before a separator closes. Where the sample is CUT, the last cell may close after it."""
    text = "".join(lines)
    opened = len(re.findall(r'(?:^|[,;\t|])"(?!"?(?:[,;\t|\r\n]|$))', text, re.M)) - cut
    closed = len(re.findall(r'"(?=[,;\t|\r\n]|\Z)', text))
    return opened <= 0 or closed >= 0.6 * opened


def _spaces(lines: list[str], reading: Reading) -> None:
    mark = re.escape(reading.delimiter or NONE)
    quoted = len(re.findall(rf'{mark} +"[^"]*" *(?={mark}|[\r\n]|$)', "".join(lines)))
    reading.skip_spaces = bool(quoted) and reading.delimiter != "\t"


def vote(lines: list[str], reading: Reading) -> str:
    """The delimiter that cuts the lines into the same number of cells most often; "" where a line is one cell."""
    best, chosen = 0.0, ""
    for mark in CANDIDATES:
        if not any(mark in line for line in lines[:5]):
            continue
        rows = _cut(lines, mark, reading)
        sizes = [len(row) for row in rows if any(cell.strip() for cell in row)]
        if not sizes or max(sizes) < 2:
            continue
        score = _score(sizes, rows) + _header_says(rows, sizes) + 0.02 * (len(mark) - 1)
        if score > best:
            best, chosen = score, mark
    return "" if is_prose(lines, chosen) else chosen


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


def _header_says(rows: list[list[str]], sizes: list[int]) -> float:
    """The header votes: short names, as many as most rows have cells, where each row below has as many."""
    header = [cell.strip() for cell in rows[0]]
    if not 2 <= len(header) <= 200 or not all(0 < len(cell) <= 40 for cell in header) or len(set(header)) < len(header):
        return 0.0
    return 0.6 * sizes.count(len(header)) / len(sizes)


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


def _reader(lines: Iterable[str], mark: str, reading: Reading) -> Any:  # what the csv module returns has no public name
    csv.field_size_limit(FIELD)
    if len(mark) > 1:  # the csv module takes one sign; no text file has the one that stands for several here
        lines, mark = _joined(lines, mark), SEVERAL
    options: dict[str, Any] = {"delimiter": mark or NONE, "skipinitialspace": reading.skip_spaces}
    if reading.quote:
        options["quotechar"] = reading.quote
    else:
        options["quoting"] = csv.QUOTE_NONE
    if reading.escape:
        options["escapechar"] = reading.escape
    return csv.reader(lines, **options)


def _joined(lines: Iterable[str], mark: str) -> Iterator[str]:
    for line in lines:
        yield line.replace(mark, SEVERAL)


class _Lines:
    """Hands lines to the csv module, takes NUL characters out of them, and keeps those that a record may be made of.

    Where a block of lines has nothing that only the csv module can read, it is cut at its separators without it."""

    def __init__(self, blocks: Iterator[list[str]], reading: Reading, end: str) -> None:
        self.blocks, self.reading, self.end = self._cleaned(blocks), reading, end
        self.nuls = 0
        self.number = 0  # of the last line that was handed out
        self.skipped = 0  # lines that were not handed to the csv module
        self.kept: list[_Block] = []
        self._next: _Block | None = None

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._handed())

    def _handed(self) -> Iterator[list[str]]:
        while (block := self._take()) is not None:
            yield block.lines

    def _take(self) -> _Block | None:
        block, self._next = self._next or next(self.blocks, None), None
        if block is not None:
            self.kept.append(block)
            self.number = block.first + len(block.lines) - 1
        return block

    def even(self) -> _Block | None:
        """The next block, where each of its lines is a record; for when every line before it was read."""
        if self._next is None:
            self._next = next(self.blocks, None)
        if self._next is None or not self._next.even:
            return None
        block = self._take()
        self.kept.clear()
        self.skipped += len(block.lines) if block else 0
        return block

    def left(self, last: int) -> int:
        """How many lines stand between the LAST one that was read and the end of its block, or in the next block."""
        return self.number - last or (len(self._next.lines) if self._next else 0)

    def _cleaned(self, blocks: Iterator[list[str]]) -> Iterator[_Block]:
        number = 0
        for lines in blocks:
            if not number and self._declares(lines[0]):
                # Not data, but the line counts, so that numbers agree with what an editor shows.
                number = self.number = self.skipped = 1
                lines = lines[1:]
            lines, text = self._clean(lines)
            ascii_only = text.isascii()
            damaged = not ascii_only and encodings.bad(text)
            longest = max(map(len, lines), default=0)
            yield _Block(number + 1, lines, longest, damaged, not damaged and longest < FIELD and self._even(text))
            number += len(lines)

    def _even(self, text: str) -> bool:
        reading = self.reading
        several = SEVERAL if len(reading.delimiter) > 1 else ""
        signs = [sign for sign in (reading.quote, reading.escape, several) if sign]
        bare = self.end and text.count("\r") == text.count("\r\n")
        return bool(bare) and not reading.skip_spaces and not any(sign in text for sign in signs)

    def _declares(self, line: str) -> bool:
        declared = _SEP.fullmatch(line.strip("\r\n")[:20])
        return declared is not None and declared[1] == self.reading.delimiter

    def _clean(self, lines: list[str]) -> tuple[list[str], str]:
        """The lines, and all of them as one text."""
        text, before = "".join(lines), lines
        if nuls := text.count("\0"):
            self.nuls += nuls
            lines = [line.replace("\0", "") for line in lines]
        if "\ufeff" in text:  # where files were put together, the next one's mark stands before its header
            lines = [line.removeprefix("\ufeff") for line in lines]
        if self.end and text.count("\r") > text.count("\r\n"):
            lines = [_LONE.sub(" ", line) for line in lines]
        if self.reading.escapes and "\\" in text:
            lines = _escapes.held(lines)
        return lines, text if lines is before else "".join(lines)

    def between(self, first: int, last: int) -> list[str]:
        """The lines from one number to another, of those that were not forgotten."""
        return [
            line
            for block in self.kept
            for line in block.lines[max(0, first - block.first) : max(0, last + 1 - block.first)]
        ]

    def forget(self, before: int) -> None:
        self.kept = [block for block in self.kept if block.first + len(block.lines) > before]


class _Block(NamedTuple):
    first: int  # its line's number
    lines: list[str]
    longest: int
    damaged: bool  # a byte of it could not be decoded
    even: bool  # each line is a record, cut wherever a separator stands


def batches(source: Source, reading: Reading) -> Iterator[Batch]:
    """The rows, many at a time."""
    with source.open() as stream:
        end = encodings.line_end(source.head.decode(reading.encoding, "replace"))
        blocks = encodings.blocks(stream, reading.encoding, source.limits.line, end)
        lines = _Lines(blocks, reading, end)
        found = _batches(lines, reading)
        yield from map(_escapes.released, found) if reading.escapes else found
        if lines.nuls:
            reading.note("nul_characters", count=lines.nuls)


def rows(source: Source, reading: Reading) -> Iterator[Row]:
    for batch in batches(source, reading):
        yield from batch.rows()


def _batches(lines: _Lines, reading: Reading) -> Iterator[Batch]:
    reader = _reader(lines, reading.delimiter, reading)
    last = 0  # line of the last record's end
    while True:
        if last == lines.number and (block := lines.even()) is not None:
            last = lines.number
            yield _cut_evenly(block, reading.delimiter or NONE)
            continue
        last = last or lines.skipped
        ends: list[int] = []
        cells: list[list[str]] = []
        failed = False
        try:
            for row in islice(reader, min(BATCH, max(1, lines.left(last)))):
                cells.append(row)
                ends.append(reader.line_num)
        except csv.Error:
            failed = True
        if not ends and not failed:
            return
        ends = [end + lines.skipped for end in ends] if lines.skipped else ends
        found = Batch([last + 1, *(end + 1 for end in ends[:-1])] if ends else [], cells)
        if ends:
            _look(found, ends, lines, reading)
            last = ends[-1]
        if failed:
            held = lines.between(last + 1, reader.line_num + lines.skipped)
            for line in (
                _apart(held, last + 1, reading) if _swallowed(held, reading) else [Row(last + 1, [], "open_quote")]
            ):
                found.add(line)
            last = reader.line_num + lines.skipped
        lines.forget(last + 1)
        yield found


def _cut_evenly(block: _Block, mark: str) -> Batch:
    """The records of a block in which each line is one: what the csv module says, in a quarter of its time."""
    numbers = list(range(block.first, block.first + len(block.lines)))
    if not numbers:
        return Batch([], [])
    lines = "".join(block.lines).replace("\r\n", "\n").removesuffix("\n").split("\n")
    cells = [line.split(mark) for line in lines]
    for place in [place for place, line in enumerate(lines) if not line]:
        cells[place] = []
    return Batch(numbers, cells, longest=block.longest)


def _look(found: Batch, ends: list[int], lines: _Lines, reading: Reading) -> None:
    """Rows that a quote took, rows that no quote closed, bytes that could not be decoded; the length of the longest line."""
    found.longest = max(block.longest for block in lines.kept)
    several = (
        []
        if ends[-1] - found.lines[0] + 1 == len(ends)
        else [place for place, (first, end) in enumerate(zip(found.lines, ends, strict=True)) if end > first]
    )
    taken: dict[int, list[str]] = {}
    for place in several:
        first, end = found.lines[place], ends[place]
        held = lines.between(first, end)
        found.longest = max(found.longest, sum(map(len, held)))
        if end - first >= 3 and _swallowed(held, reading):
            taken[place] = held
        elif end - first > SPAN:
            found.problems[place] = "open_quote"
    if any(block.damaged for block in lines.kept):
        for place, row in enumerate(found.cells):
            if _bad(row):
                found.cells[place] = _checked(row)
                found.problems[place] = "bad_bytes"
    if taken:
        found.replace({place: list(_apart(held, found.lines[place], reading)) for place, held in taken.items()})


def _swallowed(lines: list[str], reading: Reading) -> bool:
    """Whether a quote that was never closed took whole rows into its cell: line by line they have as many cells as
    the line that it stands in."""
    if len(lines) < 2 or not reading.quote or not reading.delimiter:
        return False
    sizes = [line.count(reading.delimiter) for line in (lines[0], *lines[1 : SPAN * 5])]
    return sizes[0] > 0 and sizes.count(sizes[0]) >= 0.8 * len(sizes)


def _apart(lines: list[str], first: int, reading: Reading) -> Iterator[Row]:
    """The rows that a quote swallowed, each by itself; the quote is a sign of the text then."""
    reading.warn("quote_left_open", line=first)
    plain = replace(reading, quote="")
    for number, line in enumerate(list(lines), first):
        try:
            cells = next(_reader([line], reading.delimiter, reading))
            if cells and (number == first or "\n" in cells[-1]):
                cells = next(_reader([line], reading.delimiter, plain))
        except (csv.Error, StopIteration):
            cells = []
        if cells:
            yield Row(number, list(_checked(cells)), "bad_bytes" if _bad(cells) else "")


def _bad(cells: list[str]) -> bool:
    return any(map(encodings.bad, cells))


def _checked(cells: list[str]) -> list[str]:
    return [encodings.repaired(cell) for cell in cells] if _bad(cells) else cells


FORMAT = Format(
    "csv",
    _("Text table (CSV, TSV)"),
    ("csv", "tsv", "txt", "tab", "psv", "ssv"),
    sniff,
    inspect,
    rows,
    batches=batches,
    any_text=True,
)
