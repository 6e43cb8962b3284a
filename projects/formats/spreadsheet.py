"""Workbooks: XLSX, XLSM, XLSB, XLS and ODS, told apart by content and read by calamine."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext_lazy as _

from projects.formats import Format, Reading, Refusal, Row, Sheet
from projects.source import Source

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
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


def _check_size(source: Source, path: Any) -> None:
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
        filled = [sheet for sheet in reading.sheets if sheet.rows]
        visible = [sheet for sheet in filled if not sheet.hidden]
        if not filled:
            raise Refusal("no_data")
        reading.sheet = (visible or filled)[0].name
        if len(visible) > 1:
            reading.warn("several_sheets", count=len(visible), sheet=reading.sheet)
    elif reading.sheet not in [sheet.name for sheet in reading.sheets]:
        raise Refusal("no_such_sheet", sheet=reading.sheet)
    if hidden := [sheet.name for sheet in reading.sheets if sheet.hidden]:
        reading.warn("hidden_sheets", count=len(hidden), sheets=", ".join(hidden[:3]))


def _sheets(book: Any) -> list[Sheet]:
    found = []
    for meta in book.sheets_metadata:
        if "WorkSheet" not in str(meta.typ):
            continue
        sheet = book.get_sheet_by_name(meta.name)
        hidden = not str(meta.visible).endswith(".Visible")
        found.append(Sheet(meta.name, sheet.height if sheet.width else 0, sheet.width, hidden))
    return found


def rows(source: Source, reading: Reading) -> Iterator[Row]:
    with _workbook(source) as book:
        sheet = book.get_sheet_by_name(reading.sheet)
        total = sheet.total_height or 1
        for number, cells in enumerate(sheet.iter_rows(), 1):
            source.share = number / (total + 1)
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
    "spreadsheet", _("Workbook (Excel, LibreOffice)"), ("xlsx", "xlsm", "xlsb", "xls", "ods"), sniff, inspect, rows
)
