"""Small workbooks for tests: XLSX and ODS put together from their rows, and one XLS that Excel's old format needs."""

from __future__ import annotations

import base64
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKED = "http://schemas.openxmlformats.org/package/2006"
OPEN = "urn:oasis:names:tc:opendocument:xmlns"


class Formula(str):
    """A formula whose result was never stored."""


class Shown(str):
    """A formula with its result beside it, after a bar."""


Rows = Sequence[Sequence[str | float | None]]


def xlsx(
    path: Path,
    sheets: Mapping[str, Rows],
    hidden: Mapping[str, Sequence[int]] | None = None,
    merged: Mapping[str, Sequence[str]] | None = None,
    unseen: Sequence[str] = (),
) -> Path:
    """HIDDEN: rows that are not shown (1 is the first), MERGED: ranges such as A2:A5, UNSEEN: sheets that are hidden."""
    names = list(sheets)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        kinds = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml"'
            ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
            for n in range(1, len(names) + 1)
        )
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{PACKED}/content-types"><Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml"'
            ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
            f"{kinds}</Types>",
        )
        archive.writestr("_rels/.rels", _relations({"rId1": ("officeDocument", "xl/workbook.xml")}))
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            _relations({f"rId{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(names) + 1)}),
        )
        listed = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"{" state=" + quoteattr("hidden") if name in unseen else ""}/>'
            for n, name in enumerate(names, 1)
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATED}"><sheets>{listed}</sheets></workbook>',
        )
        for n, name in enumerate(names, 1):
            ranges = "".join(f'<mergeCell ref="{one}"/>' for one in (merged or {}).get(name, ()))
            archive.writestr(
                f"xl/worksheets/sheet{n}.xml",
                f'<worksheet xmlns="{MAIN}"><sheetData>{_rows(sheets[name], (hidden or {}).get(name, ()))}</sheetData>'
                + (f"<mergeCells>{ranges}</mergeCells>" if ranges else "")
                + "</worksheet>",
            )
    return path


def _relations(wanted: Mapping[str, tuple[str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="{one}" Type="{RELATED}/{kind}" Target="{target}"/>'
        for one, (kind, target) in wanted.items()
    )
    return f'<Relationships xmlns="{PACKED}/relationships">{lines}</Relationships>'


def _rows(rows: Rows, hidden: Sequence[int]) -> str:
    return "".join(
        f'<row r="{n}"{" hidden=" + quoteattr("1") if n in hidden else ""}>'
        + "".join(_cell(f"{chr(65 + at)}{n}", cell) for at, cell in enumerate(cells) if cell is not None)
        + "</row>"
        for n, cells in enumerate(rows, 1)
    )


def _cell(place: str, cell: str | float) -> str:
    if isinstance(cell, Formula):
        return f'<c r="{place}"><f>{escape(cell)}</f><v></v></c>'
    if isinstance(cell, Shown):
        formula, _bar, result = cell.partition("|")
        return f'<c r="{place}" t="str"><f>{escape(formula)}</f><v>{escape(result)}</v></c>'
    if isinstance(cell, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
    return f'<c r="{place}"><v>{cell}</v></c>'


def ods(
    path: Path,
    sheets: Mapping[str, Rows],
    hidden: Sequence[int] = (),
    tall: Mapping[tuple[int, int], int] | None = None,
) -> Path:
    """HIDDEN: rows of every sheet that a filter hides, TALL: row and column (from 1) → rows that the cell covers."""
    covered = {(row + n, at) for (row, at), down in (tall or {}).items() for n in range(1, down)}

    def cell(row: int, at: int, value: str | float | None) -> str:
        if (row, at) in covered:
            return "<table:covered-table-cell/>"
        down = (tall or {}).get((row, at), 1)
        span = f' table:number-rows-spanned="{down}"' if down > 1 else ""
        if isinstance(value, Formula):
            return f"<table:table-cell{span} table:formula={quoteattr('of:=' + value)}/>"
        if value is None:
            return f"<table:table-cell{span}/>"
        return f'<table:table-cell{span} office:value-type="string"><text:p>{escape(str(value))}</text:p></table:table-cell>'

    tables = "".join(
        f"<table:table table:name={quoteattr(name)}>"
        + "".join(
            f"<table:table-row{' table:visibility=' + quoteattr('filter') if n in hidden else ''}>"
            + "".join(cell(n, at, value) for at, value in enumerate(cells, 1))
            + "</table:table-row>"
            for n, cells in enumerate(rows, 1)
        )
        + "</table:table>"
        for name, rows in sheets.items()
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{OPEN}:office:1.0" xmlns:table="{OPEN}:table:1.0"'
            f' xmlns:text="{OPEN}:text:1.0"><office:body><office:spreadsheet>{tables}'
            "</office:spreadsheet></office:body></office:document-content>",
        )
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{OPEN}:manifest:1.0"><manifest:file-entry manifest:full-path="/"'
            ' manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>',
        )
    return path


def xls(path: Path) -> Path:
    """Two sheets, Read me and Fragen (40 questions; four topics merged down over ten rows each; rows 4 to 6 hidden)."""
    path.write_bytes(zlib.decompress(base64.b85decode(OLD)))
    return path


OLD = (
    "c-rmSO>7%Q6ae72>wm}pv6I+NoQ;#%&JWP+_9qo;4G7v(t27`LAtcx&D{3`yDrZwEy-+AQA|Y`CajDb`mjV}lRD|Hh0jUTMNJvNts3%THAaQ78"
    "W}cthX&H?g2_ho)MV?*H`*yv4vtCbD{`O{i>*_~^ZFnG#gAaDv5eN!>8hfO>Pg210?KWTSE?F0}z1UX~3A0fP2H-~gn-CvEKHl4)!-xK_SPSqo"
    "d%Or2;Ph(KG4?Q?!eg*CehkMnKRfqyc#l02kjLZ7V7rKIFSZ|`{T$mTu;)!|k1@NYy#P1srzdCWJbqp;V=lp34L-qbe#D*`$idhAJbv{ptz!f5"
    "WUFB>|2GpQe+;ex8@ZEC(`nhuTaaZ#cn$t&8vws|KdWCFUjN?qYry*dyuUvr>3>`I16+po%NjosHz5hP!aNg#dB<KdR-8?Cjy@jkd@@h8>{p!T"
    "ZI}u?#-8)X0Kh4G$uSl-4ELO4tU0ZVjYY?B9eX7J@Z9Q!#v<F@nRRE)ZLBtn0B6tHu3;~%uDiyH?Yd6OXs)j;u*HG8Dm$ahn#!!D%pO!`4=J;U"
    "mDwZ8?5r|-v_7b+#sPJDMx8d*X-l0xs7@bJrw^;sN7U(Aby{6DQ(ZMvT{Tl(HB((RQ(ZMvT{Tl(HB((RQ(ZMvT{TNxHA`JJOI<ZfT{TNxHA`JJ"
    "OI<ZfT{TNxHS1`dUD%#>mKztH)&~3jo3l4ooTkgx<{fvv)m&rOzh@hloHc&!>`Zb}_f2x*_|+d{?Gn4{^7S-M08$W!+wcGO-KmAS`b*ez8Nzp`"
    "zvKLR4Q+UhZ^1TB+|6{_N!(%z+t+cgMO-gnn`K|yY+0Gh(aMP{Xx_kVg}si2@qN82tk>B3=C5ZyEp7f%pJ40PPi|kzUjLzf70M7{N3Y@E6`0nh"
    "wRhj)@mamQ)M%pg6Sn!kO`5`bijKWabNnRS0sOw9ss3?210QqBCRO)hFRD6$t-g<|s!OZN-*M+zw>sQw65siUYl^&v-bY@4z<<HsgHEHyb*J`z"
    "(mp{Oq<w<+p$?GtOSE6me$+wI0f`O>I)FMvIw(2rprC`O!=ytJ9TId1b%b<SqQim?qmGh}NOVNd5!5}TqY@nzbQE=rbdO{-dr(i4??E3YACv4o"
    "ChR?iIzc)v(Q!e?Q71_!BswAJ1nLy&q(mnLokX1`os#I3pi`(bq|*|e7IYeQFX@a#X9S%=oh98X(Y=E1MV%v^mFTRXv#9$>=Om+<L;VQ(9QuCp"
    "eUiQR348BDJwUo&qWcBik2+6!K%xf(J%GAEIxo?ALFZ8yNf#u#Am{?>LDEHuE(*GcdWiI(L=Osj5Os<4kVFp&dI<F}>5@d31YJUHkRFzd<}m6<"
    "$q%C+A#X_bZU}ofP?t%MNc4!HM^KNFE=zP-&}GzPq(>!sRM4ZS$4QS#^q8Q>P*+HgOZ2#)$5B^FS0uV3=nCo@>8eCm1zklwLAoZ<H9^-<PqJsX"
    "Sbh9#v}#CmIOf2vtXY~_MDNXDKsJN%!V53F@WKl(yzs&cFTD64g+{kn`OQFni!VSoa`AQ@zsXDgD)F0FF}%SGc=ISpzx%ku9y{L8DE4j4!z%l8"
    "!GLF=$(AkH*wy*d2LY|SFYO_>>Hc1b$65C3EjSMgcpT?<eg0-Z*Tnbp&>I^6+(&4)ufMaK<NTLj|1Wmn{z3"
)


def xlsb(path, rows, hidden):
    """A workbook as Excel's "binary workbook" has it, record by record."""

    def record(kind, body=b""):
        head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
        return (
            head + (bytes([len(body)]) if len(body) < 0x80 else bytes([len(body) & 0x7F | 0x80, len(body) >> 7])) + body
        )

    def wide(text):
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    sheet = record(129) + record(148, struct.pack("<4I", 0, len(rows) - 1, 0, 1)) + record(145)
    for at, cells in enumerate(rows):
        sheet += record(0, struct.pack("<IIH2B", at, 0, 300, 0, 0x10 if at in hidden else 0) + bytes(5))
        for place, text in enumerate(cells):
            sheet += record(6, struct.pack("<II", place, 0) + wide(text))
    sheet += record(146) + record(130)
    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("Data")) + record(144)
    book += record(132)
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.bin", book)
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships><Relationship Id="rId1" Type="{relation}" Target="worksheets/sheet1.bin"/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    return path
