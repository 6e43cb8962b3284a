"""A second reader of text tables that takes one line at a time, as slowly and plainly as it can be said: for tests only,
which hold the quick one to it."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

from projects import encodings
from projects.formats import Reading, Refusal, Row, delimited
from projects.source import Source


def rows(source: Source, reading: Reading) -> list[Row]:
    with source.open() as stream:
        end = encodings.line_end(source.head.decode(reading.encoding, "replace"))
        wide = reading.encoding.startswith(("utf-16", "utf-32"))
        text = io.TextIOWrapper(
            io.BytesIO(stream.read()), reading.encoding, "replace" if wide else "surrogateescape", newline=end
        )
        feed = Feed(text, reading, end, source.limits.line)
        found = list(records(feed, reading))
    if feed.nuls:
        reading.note("nul_characters", count=feed.nuls)
    return found


class Feed:
    def __init__(self, text, reading, end, limit):
        self.text, self.reading, self.end, self.limit = text, reading, end, limit
        self.number = self.nuls = 0
        self.held: list[str] = []

    def __iter__(self):
        return self

    def __next__(self):
        line = self.text.readline()
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) > self.limit or (len(line) == self.limit and line[-1] not in "\r\n"):
            raise Refusal("long_line", line=self.number, limit=self.limit)
        line = line.removeprefix("\ufeff")
        if self.number == 1:
            declared = delimited._SEP.fullmatch(line.strip("\r\n"))
            if declared and declared[1] == self.reading.delimiter:
                return next(self)
        self.nuls += line.count("\0")
        line = line.replace("\0", "")
        if self.end:
            line = delimited._LONE.sub(" ", line)
        self.held.append(line)
        return line


def records(feed, reading):
    reader = delimited._reader(feed, reading.delimiter, reading)
    while True:
        before = feed.number
        feed.held.clear()
        try:
            cells, broken = next(reader), False
        except StopIteration:
            return
        except csv.Error:
            cells, broken = [], True
        first = feed.number - len(feed.held) + 1 if feed.held else before + 1
        if (broken or len(feed.held) > 3) and delimited._swallowed(feed.held, reading):
            yield from apart(feed.held, first, reading)
        elif broken:
            yield Row(first, [], "open_quote")
        else:
            spanned = feed.number - first
            yield row(first, cells, "open_quote" if spanned > delimited.SPAN else "")


def apart(lines, first, reading):
    reading.warn("quote_left_open", line=first)
    plain = replace(reading, quote="")
    for number, line in enumerate(list(lines), first):
        try:
            cells = next(delimited._reader([line], reading.delimiter, reading))
            if number == first or "\n" in cells[-1]:
                cells = next(delimited._reader([line], reading.delimiter, plain))
        except (csv.Error, StopIteration, IndexError):
            cells = []
        if cells:
            yield row(number, cells, "")


def row(line, cells, problem):
    if any("\udc80" <= char <= "\udcff" for cell in cells for char in cell):
        return Row(line, [encodings.repaired(cell) for cell in cells], "bad_bytes")
    return Row(line, cells, problem)


def stored(path: Path, reading: Reading, limits, writer):
    """The whole file in rows.sqlite3, row by row."""
    from projects.reading import _counting
    from projects.storing import Store

    store = Store(writer, reading, limits)
    source = Source(path, path.name, limits)
    if reading.packed:
        source = source.inside(reading.packed, reading.member, reading.member)
    for one in _counting(iter(rows(source, reading)), reading):
        store.add(one)
    writer.flush()
    return store
