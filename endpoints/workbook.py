"""A table as an XLSX file, written row by row: a ZIP of a few small XML files (ECMA-376, SpreadsheetML)."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape

MOST_ROWS = 1_048_575
"""Of a sheet, besides its header."""
LONGEST = 32_767
"""Characters of a cell."""
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
PARTS = {
    "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="'
    'application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{KIND}.worksheet+xml"/></Types>',
    "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="Atelier" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


class Sheet:
    """Takes rows one by one; what is beyond a sheet's length is left to the other formats."""

    def __init__(self, out: IO[bytes]) -> None:
        self.out, self.rows = out, 0

    def add(self, cells: Sequence[str | float | None]) -> None:
        self.rows += 1
        if self.rows <= MOST_ROWS + 1:
            self.out.write(f"<row>{''.join(map(_cell, cells))}</row>".encode())


def _cell(value: str | float | None) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, float):
        return f"<c><v>{value!r}</v></c>"
    text = escape(FORBIDDEN.sub("", value)[:LONGEST])
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


@contextmanager
def written(path: Path) -> Iterator[Sheet]:
    """A workbook with one sheet at PATH, whole when the block ends."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as file:
        for name, text in PARTS.items():
            file.writestr(name, text)
        with file.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as out:
            out.write(f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>'.encode())
            yield Sheet(out)
            out.write(b"</sheetData></worksheet>")
