"""What a workbook holds beside its values: merged cells, hidden rows, formulas whose results were never stored.

The reader of values (calamine) does not tell of these, so the sheet's own XML or BIFF records are looked through, only
as far as there is something to see in them, and only so many bytes of them."""

from __future__ import annotations

import re
import struct
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

MOST = 400_000_000  # bytes of one sheet that are looked through
SMALL = 16_000_000  # bytes of the parts that only name the sheets
PIECE = 1 << 20
RANGES = 100_000  # merged ranges that are kept
ROWS, COLUMNS = 1_100_000, 20_000  # more than a sheet can have
REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})$")
Range = tuple[tuple[int, int], tuple[int, int]]  # row and column of the first and of the last cell, from 0


@dataclass
class Marks:
    """What was seen in one sheet. Rows and columns count from 0."""

    hidden: set[int] = field(default_factory=set)  # rows
    bare: Counter[int] = field(default_factory=Counter)  # column → formulas in it without a result
    merged: list[Range] = field(default_factory=list)


class _Enough(Exception):
    """So much of the sheet was looked through."""


def marks(path: Path, sheet: str, merged: list[Range] | None) -> Marks:
    """The marks of a sheet. MERGED: its merged cells where they are known already."""
    found = Marks(merged=list(merged or [])[:RANGES])
    # What cannot be looked through does no harm: the values are read by another, stricter reader.
    with suppress(expat.ExpatError, zipfile.BadZipFile, OSError, EOFError, ValueError, KeyError, _Enough, struct.error):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                names = set(archive.namelist())
                if "xl/workbook.xml" in names:
                    _excel(archive, sheet, found)
                elif "xl/workbook.bin" in names:
                    _excel_binary(archive, sheet, found)
                elif "content.xml" in names:
                    _open_document(archive, sheet, found)
        else:
            _binary(path, sheet, found)
    return found


# XLSX --------------------------------------------------------------------------------------------------------


def _excel(archive: zipfile.ZipFile, sheet: str, found: Marks) -> None:
    part = _part(archive, sheet)
    if not part or not any(sign in piece for piece in _pieces(archive, part) for sign in (b"<f", b":f", b"hidden=")):
        return
    seen = _ExcelSheet(found)
    _parse(_pieces(archive, part), start=seen.start, end=seen.end, begin=seen.begin)


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    """The part of the archive that holds a sheet."""
    ids: dict[str, str] = {}
    targets: dict[str, str] = {}

    def named(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "sheet":
            ids[attributes.get("name", "")] = next(
                (value for key, value in attributes.items() if _local(key) == "id"), ""
            )

    def related(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    _parse(_pieces(archive, "xl/workbook.xml", SMALL), start=named)
    _parse(_pieces(archive, "xl/_rels/workbook.xml.rels", SMALL), start=related)
    target = targets.get(ids.get(sheet, ""), "")
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}" if target else ""


class _ExcelSheet:
    """Listens to the XML of a sheet."""

    def __init__(self, found: Marks) -> None:
        self.found = found
        self.row = self.column = -1
        self.formula = self.value = self.empty_text = False

    def begin(self, parser: expat.XMLParserType) -> None:
        self.parser = parser

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = _local(tag)
        if tag == "c":
            place = REFERENCE.match(attributes.get("r", ""))
            self.column = _column(place[1]) if place else self.column + 1
            self.formula = self.value = False
            self.empty_text = attributes.get("t") == "str"
        elif tag == "f":
            self.formula = True
        elif tag == "v":
            self.value = self.empty_text  # a formula that gives an empty text has a result
            if self.formula:  # listened to only here, because most texts of a sheet are values without one
                self.parser.CharacterDataHandler = self.text
        elif tag == "row":
            number = attributes.get("r", "")
            self.row = int(number) - 1 if number.isdecimal() and len(number) < 8 else self.row + 1
            self.column = -1
            if attributes.get("hidden") in ("1", "true") and len(self.found.hidden) < ROWS:
                self.found.hidden.add(self.row)

    def end(self, tag: str) -> None:
        tag = _local(tag)
        if tag == "v":
            self.parser.CharacterDataHandler = None
        elif tag == "c" and self.formula and not self.value and self.column < COLUMNS:
            self.found.bare[self.column] += 1
        elif tag == "sheetData":
            raise _Enough

    def text(self, data: str) -> None:
        self.value = self.value or bool(data)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


# ODS ---------------------------------------------------------------------------------------------------------


def _open_document(archive: zipfile.ZipFile, sheet: str, found: Marks) -> None:
    seen = _OpenSheet(sheet, found)
    _parse(_pieces(archive, "content.xml"), start=seen.start, end=seen.end)


class _OpenSheet:
    """Listens to the XML of all sheets and notes what is in one of them."""

    def __init__(self, sheet: str, found: Marks) -> None:
        self.sheet, self.found = sheet, found
        self.inside = False
        self.row = self.column = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = _local(tag)
        if tag == "table":
            self.inside = _value(attributes, "name") == self.sheet
            self.row = 0
        elif not self.inside:
            return
        elif tag == "table-row":
            self.column = 0
            self.repeated = _number(_value(attributes, "number-rows-repeated"))
            if _value(attributes, "visibility") in ("collapse", "filter"):
                # The last row of a sheet stands for all that are left of a million.
                self.found.hidden.update(range(self.row, self.row + min(self.repeated, ROWS - len(self.found.hidden))))
        elif tag in ("table-cell", "covered-table-cell"):
            self._cell(attributes)

    def _cell(self, attributes: dict[str, str]) -> None:
        down, right = (_number(_value(attributes, f"number-{what}-spanned")) for what in ("rows", "columns"))
        if (down > 1 or right > 1) and len(self.found.merged) < RANGES:
            last = (self.row + down - 1, self.column + right - 1)
            self.found.merged.append(((self.row, self.column), last))
        if _value(attributes, "formula") and not _value(attributes, "value-type") and self.column < COLUMNS:
            self.found.bare[self.column] += 1
        self.column += _number(_value(attributes, "number-columns-repeated"))

    def end(self, tag: str) -> None:
        tag = _local(tag)
        if tag == "table-row" and self.inside:
            self.row += self.repeated
        elif tag == "table" and self.inside:
            raise _Enough


def _value(attributes: dict[str, str], name: str) -> str:
    return next((value for key, value in attributes.items() if _local(key) == name), "")


def _number(text: str) -> int:
    return max(1, int(text)) if text.isdecimal() and len(text) < 8 else 1


# XLS ---------------------------------------------------------------------------------------------------------

_BOUND_SHEET, _ROW, _END, _START = 0x85, 0x208, 0x0A, 0x809


def _binary(path: Path, sheet: str, found: Marks) -> None:
    """The hidden rows of an old workbook: its records one by one."""
    import olefile

    with olefile.OleFileIO(path) as book:
        stream = next((name for name in ("Workbook", "Book") if book.exists(name)), "")
        if not stream or book.get_size(stream) > MOST:
            return
        data = book.openstream(stream).read()
    begin = next((place for name, place in _bound_sheets(data) if name == sheet), -1)
    if begin < 0:
        return
    for kind, body in _records(data, begin):
        if kind == _END:
            return
        if kind == _ROW and len(body) >= 16 and struct.unpack_from("<H", body, 12)[0] & 0x20:
            found.hidden.add(struct.unpack_from("<H", body, 0)[0])


def _bound_sheets(data: bytes) -> Iterator[tuple[str, int]]:
    for kind, body in _records(data, 0):
        if kind == _END:
            return
        if kind == _BOUND_SHEET and len(body) > 8:
            place, _state, count, wide = struct.unpack_from("<IHBB", body)
            name = body[8 : 8 + count * (2 if wide & 1 else 1)]
            yield name.decode("utf-16-le" if wide & 1 else "latin-1", "replace"), place


def _records(data: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    while place + 4 <= len(data):
        kind, size = struct.unpack_from("<HH", data, place)
        yield kind, data[place + 4 : place + 4 + size]
        place += 4 + size


# XLSB --------------------------------------------------------------------------------------------------------

_BUNDLE_SHEET, _ROW_HEAD, _MERGE_CELL = 156, 0, 176


def _excel_binary(archive: zipfile.ZipFile, sheet: str, found: Marks) -> None:
    """The hidden rows and merged cells of a binary workbook."""
    targets: dict[str, str] = {}

    def related(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    _parse(_pieces(archive, "xl/_rels/workbook.bin.rels", SMALL), start=related)
    book = b"".join(_pieces(archive, "xl/workbook.bin", SMALL))
    named = dict(_bundle_sheet(body) for kind, body in _records_of_xlsb(book) if kind == _BUNDLE_SHEET)
    target = targets.get(named.get(sheet, ""), "")
    if not target:
        return
    part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    for kind, body in _records_of_xlsb(b"".join(_pieces(archive, part))):
        if kind == _ROW_HEAD and len(body) >= 12 and body[11] & 0x10 and len(found.hidden) < ROWS:
            found.hidden.add(struct.unpack_from("<I", body, 0)[0])
        elif kind == _MERGE_CELL and len(body) >= 16 and len(found.merged) < RANGES:
            top, bottom, left, right = struct.unpack_from("<4I", body, 0)
            found.merged.append(((top, left), (bottom, right)))


def _bundle_sheet(body: bytes) -> tuple[str, str]:
    """The name of a sheet and the id under which its part is found."""
    count = struct.unpack_from("<I", body, 8)[0]
    ident = body[12 : 12 + 2 * count].decode("utf-16-le", "replace")
    size = struct.unpack_from("<I", body, 12 + 2 * count)[0]
    return body[16 + 2 * count : 16 + 2 * count + 2 * size].decode("utf-16-le", "replace"), ident


def _records_of_xlsb(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Records with their kind and size in seven bits a byte, of which the highest says that another one follows."""
    place = 0
    while place + 2 <= len(data):
        kind, place = _seven_bits(data, place, 2)
        size, place = _seven_bits(data, place, 4)
        yield kind, data[place : place + size]
        place += size


def _seven_bits(data: bytes, place: int, most: int) -> tuple[int, int]:
    value = 0
    for at in range(most):
        if place >= len(data):
            break
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << (7 * at)
        if not byte & 0x80:
            break
    return value, place


# XML ---------------------------------------------------------------------------------------------------------


def _pieces(archive: zipfile.ZipFile, part: str, most: int = MOST) -> Iterator[bytes]:
    with archive.open(part) as stream:
        left = most
        while left > 0 and (piece := stream.read(min(PIECE, left))):
            left -= len(piece)
            yield piece


def _parse(
    pieces: Iterator[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    begin: Callable[[expat.XMLParserType], None] | None = None,
) -> None:
    parser = expat.ParserCreate()
    if begin is not None:
        begin(parser)
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    # No workbook has a document type of its own; entities that grow are declared in one.
    parser.StartDoctypeDeclHandler = _refuse
    for piece in pieces:
        parser.Parse(piece, False)


def _refuse(*_words: object) -> None:
    raise _Enough


def _local(name: str) -> str:
    """The name without its prefix."""
    return name.rpartition(":")[2]


# Merged cells ------------------------------------------------------------------------------------------------


class Filler:
    """Gives every cell of a merged range the value of its first cell.

    What goes over the whole width is a title or a note; and above the first full row, which is where columns are named,
    a value goes down but not to the right, so that a title over some columns is no row of names."""

    ACTIVE = 200  # ranges that can cover the same row

    def __init__(self, merged: list[Range], left: int, width: int) -> None:
        self.left, self.width, self.count = left, width, 0
        self.named = False
        self.waiting = sorted(
            (one for one in merged if width == 1 or one[1][1] - one[0][1] + 1 < width), key=lambda one: one[0]
        )
        self.waiting.reverse()
        self.active: list[tuple[Range, str]] = []

    def fill(self, row: int, cells: list[str | None]) -> list[str | None]:
        """The cells of a row, rows coming one after the other."""
        while self.waiting and self.waiting[-1][0][0] <= row:
            one = self.waiting.pop()
            place = one[0][1] - self.left
            if (
                len(self.active) < self.ACTIVE
                and one[0][0] == row
                and 0 <= place < len(cells)
                and (value := cells[place])
            ):
                self.active.append((one, value))
        if not self.active and self.named:
            return cells
        if not self.named:
            self.named = sum(bool(cell) for cell in cells) >= max(2, 0.6 * self.width)
            to_right = False
        else:
            to_right = True
        for ((_top, first), (_bottom, last)), value in self.active:
            for place in range(first - self.left, (last if to_right else first) - self.left + 1):
                if 0 <= place < len(cells) and not cells[place]:
                    cells[place] = value
                    self.count += 1
        self.active = [one for one in self.active if one[0][1][0] > row]
        return cells
