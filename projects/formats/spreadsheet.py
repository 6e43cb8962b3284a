"""Workbooks: XLSX, XLSM, XLSB, XLS and ODS, told apart by content and read by calamine."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, islice, zip_longest
from typing import IO, TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from projects import headers
from projects.enumerating import MORE
from projects.formats import Column, Format, Reading, Refusal, Row, Sheet
from projects.formats._records import is_test
from projects.formats._workbook import Filler, Marks, marks
from projects.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from python_calamine import CalamineSheet, CalamineWorkbook

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SHEETS = 30  # in which the data is looked for
LOOK = 60  # rows in which the header of a further sheet is looked for
KEPT = 8  # sheets whose marks are kept
_SEEN: dict[tuple[str, str, int, int, str], Marks] = {}
ALIKE = 0.8  # share of columns that two sheets have in common where they are one table
OFFICE = ("[Content_Types].xml", "_rels/", "docProps/", "xl/", "word/", "ppt/", "customXml/")


def sniff(head: bytes, name: str) -> float:
    if head.startswith(OLE):
        return 0.9
    return 0.95 if office(head) == "spreadsheet" else 0.0


def office(head: bytes) -> str:
    """spreadsheet or document for the ZIP of an office program, "" for any other file.

    The first name in it tells: a ZIP that somebody packed a workbook into starts with the name of the workbook."""
    if not head.startswith(b"PK\x03\x04"):
        return ""
    first = head[30 : 30 + int.from_bytes(head[26:28], "little")].decode("utf-8", "replace")
    if first == "mimetype":
        return "spreadsheet" if b"opendocument.spreadsheet" in head[:200] else "document"
    if not first.startswith(OFFICE):
        return ""
    return "document" if b"word/document" in head or b"ppt/slides" in head else "spreadsheet"


@contextmanager
def _workbook(source: Source) -> Iterator[Any]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    with source.local() as path:
        if source.head.startswith(b"PK"):
            _check_size(source, path)
        try:
            with path.open("rb") as stream:
                yield CalamineWorkbook.from_filelike(stream)
        except PasswordError as error:
            raise Refusal("password") from error
        except CalamineError as error:
            raise Refusal("broken_workbook") from error
        except BaseException as error:
            # A panic of the Rust reader is no Exception, so that nobody swallows it unseen; here it means damage.
            if type(error).__name__ != "PanicException":
                raise
            raise Refusal("broken_workbook") from error


def _check_size(source: Source, path: Path | IO[bytes]) -> None:
    """A workbook is a ZIP: what it says it unpacks to is checked before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            total = sum(info.file_size for info in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Refusal("cut_off") from error
    if total > source.limits.unpacked or (
        total > 20 * source.limits.ratio_from and total > source.size * source.limits.ratio
    ):
        raise Refusal("bomb", ratio=total // max(1, source.size))


def inspect(source: Source, reading: Reading) -> None:
    """The sheets, and the first visible one that has rows, unless the person picked one."""
    reading.encoding = reading.delimiter = ""
    with _workbook(source) as book:
        reading.sheets = _sheets(book)
    if not reading.sheet:
        if not any(sheet.rows for sheet in reading.sheets):
            raise Refusal("no_data")
        reading.sheet = _worth_a_look(reading)[0].name
    elif reading.sheet not in [sheet.name for sheet in reading.sheets]:
        raise Refusal("no_such_sheet", sheet=reading.sheet)
    if hidden := [sheet for sheet in reading.sheets if sheet.hidden and sheet.name != reading.sheet]:
        reading.warn("hidden_sheets", count=len(hidden), sheets=_listed(hidden))


def _worth_a_look(reading: Reading) -> list[Sheet]:
    """The visible sheets with rows; the hidden ones where there is no other."""
    filled = [sheet for sheet in reading.sheets if sheet.rows]
    return [sheet for sheet in filled if not sheet.hidden] or filled


def _sheets(book: CalamineWorkbook) -> list[Sheet]:
    found: list[Sheet] = []
    for meta in book.sheets_metadata:
        if "WorkSheet" not in str(meta.typ):
            continue
        sheet = book.get_sheet_by_name(meta.name)
        hidden = not str(meta.visible).endswith(".Visible")
        height = sheet.height if sheet.width else 0
        head = islice(_cells(sheet), LOOK) if height and len(found) < SHEETS else ()
        place = headers.header_lines([list(row.cells) for row in head])
        above = (sheet.start or (0, 0))[0]  # lines over the first that is written in
        found.append(Sheet(meta.name, height, sheet.width, hidden, max(0, place - above)))
    return found


def _listed(sheets: list[Sheet]) -> list[str]:
    """Sheets with the numbers of rows that they would be read as."""
    return [f"{sheet.name[:40]} ({sheet.body})" for sheet in sheets[:6]] + ([MORE] if len(sheets) > 6 else [])


def tables(source: Source, reading: Reading) -> Iterator[tuple[str, Iterator[Row]]]:
    """The sheets that could be meant, each with its rows, all from one look into the workbook."""
    sheets = _worth_a_look(reading)
    if len(sheets) < 2:
        return
    with _workbook(source) as book:
        for sheet in sheets[:SHEETS]:
            yield sheet.name, _cells(book.get_sheet_by_name(sheet.name))


def finish(source: Source, reading: Reading) -> None:
    """Says what there is besides the sheet that is read, and what its cells do not show."""
    sheets = _worth_a_look(reading)
    others = [sheet for sheet in sheets if sheet.name != reading.sheet]
    with _workbook(source) as book:
        sheet = book.get_sheet_by_name(reading.sheet)
        reading.together = _alike(book, reading, others) if reading.talk is None else []
        seen = _marks(source, reading, sheet)
        left, begin, last = (sheet.start or (0, 0))[1], reading.header_row, (sheet.end or (0, 0))[0]
    if (region := reading.region) is not None:
        left, begin = left + region.left, begin + region.top
        last = min(last, (region.bottom or last + 1) - 1)
    if reading.together and reading.all_sheets:
        reading.rows = None  # those of all sheets are counted when they are read
        reading.note(
            "sheets_together",
            count=len(reading.together) + 1,
            sheets=[reading.sheet, *reading.together[:6]],
        )
    elif reading.together:
        reading.offers.append("all_sheets")
    if unread := [sheet for sheet in others if not (reading.all_sheets and sheet.name in reading.together)]:
        reading.warn("several_sheets", count=len(sheets), sheet=reading.sheet, others=_listed(unread))
    for place, count in sorted(seen.bare.items())[:20]:
        if 0 <= place - left < len(reading.columns):
            reading.warn("formulas_without_results", column=reading.columns[place - left].name, count=count)
    if hidden := sum(begin <= row <= last for row in seen.hidden):
        reading.warn("hidden_rows_left_out" if reading.without_hidden else "hidden_rows", count=hidden)
        if not reading.without_hidden:
            reading.offers.append("without_hidden")


def label(source: Source, reading: Reading) -> list[Row]:
    """Takes every visible sheet where they are alike and named by labels, and adds a column for these; some rows of each,
    in turns. Nothing where the sheets are something else."""
    sheets = [sheet for sheet in _worth_a_look(reading) if not sheet.hidden]
    names = [sheet.name for sheet in sheets]
    if not 2 <= len(sheets) <= SHEETS or reading.region is not None or any(map(_no_label, names)):
        return []
    with _workbook(source) as book:
        if [one.columns for one in sheets].count(1) == len(sheets):
            heads = {_first_text(book.get_sheet_by_name(name)) for name in names}
            # What stands first in each is a name where it is the same, else a text like the others.
            reading.heads = [list(heads)] if len(heads) == 1 else []
            reading.columns = reading.columns if reading.heads else [Column("text", "text")]
        elif len(reading.together) + 1 < len(sheets):
            return []
    taken = {column.name.casefold() for column in reading.columns}
    name = next(one for one in ("label", "sheet", "name of the sheet") if one not in taken)
    reading.columns.append(Column(name, name))
    reading.labelled, reading.all_sheets, reading.rows = names, True, None
    reading.header_row, reading.under, reading.above = 0, 0, []
    with _workbook(source) as book:
        parts = [list(islice(_of_label(source, reading, book, name), LOOK)) for name in names]
    return [row for some in zip_longest(*parts) for row in some if row is not None]


def _first_text(sheet: CalamineSheet) -> str:
    found = (cell.strip().casefold() for row in _cells(sheet) for cell in row.cells if cell and cell.strip())
    return next(found, "")


_GENERIC = re.compile(
    r"(?:sheet|table|tabelle|blatt|tabellenblatt|feuille?|feuil|hoja|foglio|planilha|arkusz|list|лист|工作表|表|シート|시트|data|page|part|"
    r"q|kw|week|jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-zäéû]{0,8}[ _-]{0,2}[\d ./-]{0,12}(?:\([\d ]{1,4}\))?|[\W\d_]{1,40}",
    re.I,
)


def _no_label(name: str) -> bool:
    """Whether a sheet is called by its number, its time or its use, not by what its texts are about."""
    return (
        is_test(name)
        or name.strip().casefold() in ("train", "training", "all")
        or bool(_GENERIC.fullmatch(name.strip()[:60]))
    )


def _of_label(source: Source, reading: Reading, book: CalamineWorkbook, name: str) -> Generator[Row, None, int]:
    """The rows of a sheet below its header, with its name behind them."""
    own = _filled(source, replace(reading, sheet=name), book.get_sheet_by_name(name))
    wanted = [column.header.strip().casefold() for column in reading.columns[:-1]]
    single = len(wanted) == 1
    found = _in_order(own, wanted, single, headed=bool(reading.heads))
    for row in found:
        if any(row.cells):
            yield Row(row.line, [*row.cells, name])
    return 0


def _marks(source: Source, reading: Reading, sheet: CalamineSheet) -> Marks:
    """The marks of a sheet. They are asked for several times while a file is read, and take one pass over it each."""
    file = source.path.stat()
    key = (str(source.path), source.member, file.st_size, file.st_mtime_ns, reading.sheet)
    if key not in _SEEN:
        if len(_SEEN) >= KEPT:
            _SEEN.clear()
        with source.local() as path:
            _SEEN[key] = marks(path, reading.sheet, sheet.merged_cell_ranges)
    return _SEEN[key]


def rows(source: Source, reading: Reading) -> Iterator[Row]:
    """The rows of the sheet, and behind it those of sheets like it where a person wants them."""
    with _workbook(source) as book:
        if reading.labelled:
            for name in reading.labelled:
                yield from _of_label(source, reading, book, name)
            return
        filled = yield from _filled(source, reading, book.get_sheet_by_name(reading.sheet))
        names = [column.header.strip().casefold() for column in reading.columns]
        for name in reading.together if reading.all_sheets else ():
            own = replace(reading, sheet=name)
            filled += yield from _in_order(_filled(source, own, book.get_sheet_by_name(name)), names)
        if filled:
            reading.note("merged_cells", count=filled)


def _filled(source: Source, reading: Reading, sheet: CalamineSheet) -> Generator[Row, None, int]:
    """The rows of a sheet with its merged cells filled; how many were, at the end."""
    seen = _marks(source, reading, sheet)
    filler = Filler(seen.merged, (sheet.start or (0, 0))[1], sheet.width)
    total = sheet.total_height or 1
    for number, cells, _problem in _cells(sheet):
        source.share = number / (total + 1)
        cells = filler.fill(number - 1, cells)
        if not (reading.without_hidden and number - 1 in seen.hidden):
            yield Row(number, cells)
    return filler.count


def _in_order(
    found: Generator[Row, None, int], wanted: list[str], single: bool = False, headed: bool = True
) -> Generator[Row, None, int]:
    """The rows below the header, where they are HEADED, their cells in the order of another sheet's columns. SINGLE: of
    one column, which is meant whatever it is called."""
    kept: list[int] = []

    def counted() -> Iterator[Row]:
        kept.append((yield from found))

    stream = counted()
    head = list(islice(stream, LOOK))
    place = headers.find([list(row.cells) for row in head]) if headed else 0
    if headed and single:
        place = next((at for at, row in enumerate(head, 1) if any(row.cells)), 0)
    names = _named(head, place)
    order = [0] if single else [names.index(name) if name in names else -1 for name in wanted]
    for row in chain(head[place:], stream):
        cells = list(row.cells)
        yield Row(row.line, [cells[at] if 0 <= at < len(cells) else None for at in order])
    return sum(kept)


def _named(head: list[Row], place: int) -> list[str]:
    return [(cell or "").strip().casefold() for cell in head[place - 1].cells] if place else []


def _alike(book: CalamineWorkbook, reading: Reading, others: list[Sheet]) -> list[str]:
    """The sheets that have the columns of the one that is read."""
    wanted = {column.header.strip().casefold() for column in reading.columns}
    found = []
    for sheet in others[:SHEETS]:
        head = list(islice(_cells(book.get_sheet_by_name(sheet.name)), LOOK))
        names = set(_named(head, headers.find([list(row.cells) for row in head])))
        if len(names) > 1 and len(names & wanted) >= ALIKE * len(names | wanted):
            found.append(sheet.name)
    return found


def _cells(sheet: CalamineSheet) -> Iterator[Any]:
    for number, cells in enumerate(sheet.iter_rows(), 1):
        yield Row(number, [as_text(cell) for cell in cells])


def as_text(cell: object) -> str | None:
    """The cell as a person would type it: dates as 2024-02-01, whole numbers without a point."""
    if cell == "" or cell is None:
        return None
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    return str(cell)


FORMAT = Format(
    "spreadsheet",
    _("Workbook (Excel, LibreOffice)"),
    ("xlsx", "xlsm", "xlsb", "xls", "ods"),
    sniff,
    inspect,
    rows,
    tables=tables,
    chosen="sheet",
    label=label,
    finish=finish,
    magic=(OLE, b"PK\x03\x04"),
)
