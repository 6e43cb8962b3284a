"""Files that are no tables: known by how they begin, and refused by their name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from projects.formats import Refusal

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TAR = slice(257, 262)
MAGIC = (
    (b"\xff\xd8\xff", "picture"), (b"\x89PNG", "picture"), (b"GIF8", "picture"), (b"BM\x00", "picture"),
    (b"II*\x00", "picture"), (b"MM\x00*", "picture"), (b"%PDF", "pdf"), (b"{\\rtf", "document"),
    (b"Rar!", "archive"), (b"7z\xbc\xaf", "archive"), (b"BZh", "archive"), (b"\xfd7zXZ", "archive"),
    (b"\x28\xb5\x2f\xfd", "archive"), (b"ID3", "media"), (b"OggS", "media"), (b"RIFF", "media"), (b"fLaC", "media"),
    (b"\x7fELF", "program"), (b"MZ", "program"), (b"SQLite format 3", "database"),
    (b"\x00\x01\x00\x00Standard Jet", "database"), (b"\x00\x01\x00\x00Standard ACE", "database"), (b"!BDN", "mail_program"),
    (b"$FL2@(#)", "statistics"), (b"$FL3@(#)", "statistics"), (b"<stata_dta>", "statistics"), (b"RDX", "statistics"), (b"HEADER RECORD*******LIBRARY HEADER", "statistics"),
    (b"\x00" * 12 + b"\xc2\xea\x81\x60", "statistics"), (b"ARROW1", "columnar"), (b"FEA1", "columnar"), (b"ORC", "columnar"),
    (b"Obj\x01", "columnar"), (b"\x89HDF\r\n", "columnar"), (b"\x93NUMPY", "columnar"), (b"\x80\x03", "columnar"),
    (b"\x80\x04", "columnar"), (b"\x80\x05", "columnar"),
)  # fmt: skip
# What an old binary file of Microsoft holds, by the names of its parts.
_PARTS = (
    ("EncryptedPackage", "password"), ("__substg1.0", "mail_program"), ("WordDocument", "document"),
    ("PowerPoint Document", "document"),
)  # fmt: skip
_STATEMENTS = (b"INSERT INTO ", b"CREATE TABLE", b"CREATE DATABASE", b"DROP TABLE", b"SET @", b"SET NAMES", b"SET SQL_MODE", b"BEGIN;", b"START TRANSACTION", b"COPY ", b"USE `", b"PRAGMA ", b"LOCK TABLES")  # fmt: skip
_ROWS_OF_SQL = (b"INSERT INTO ", b"CREATE TABLE", b"COPY ")
_KEY = re.compile(rb"- [a-z_]{2,30}:(?: |$)")
_ELEMENT = re.compile(rb"<(?:!--|\?|!DOCTYPE|([A-Za-z_][\w.:-]{0,60})[\s/>])")
_SPAN = re.compile(rb"(?:\d{1,2}:)?\d{2}:\d{2}[.,]\d{3} --> (?:\d{1,2}:)?\d{2}:\d{2}[.,]\d{3}")
_CARDS = (b"BEGIN:VCALENDAR", b"BEGIN:VCARD", b"BEGIN:VEVENT")


def refuse(head: bytes) -> None:
    """Raises a Refusal where the first bytes say that this is no table."""
    binary = any(byte < 9 or 13 < byte < 32 for byte in head[:64])
    for magic, what in MAGIC:
        # A table can begin with a word such as ORCID.
        if head.startswith(magic) and (binary or not magic.isalnum()):
            raise Refusal(what)
    if head[4:8] == b"ftyp":
        raise Refusal("media")
    if head[TAR] == b"ustar":
        raise Refusal("archive")
    if head.startswith(OLE):
        for part, what in _PARTS:
            if part.encode("utf-16-le") in head:
                raise Refusal(what)


def of_names(names: Sequence[str]) -> str:
    """What an archive is that a program keeps its own files in: the code of its refusal, or ""."""
    return "iwork" if any(name.endswith(".iwa") or name.endswith("Index.zip") for name in names) else ""


def text(head: bytes) -> str:
    """What a text is that looks like a table and is none: the code of its refusal, or ""."""
    bare = head[:65_536].removeprefix(b"\xef\xbb\xbf")
    lines = [line for line in bare.split(b"\n")[:400] if line.strip()]
    if _is_xml(bare.lstrip()):
        return "xml"
    if lines and lines[0].strip().upper() in _CARDS:
        return "cards"
    if any(_SPAN.match(line.strip()[:60]) for line in lines[:8]):
        return "subtitles"
    return _statements_or_keys(lines)


def _is_xml(text: bytes) -> bool:
    """Elements that open and close from the first sign on."""
    begins = _ELEMENT.match(text)
    if begins is None:
        return False
    if begins[1] is None:
        return True
    # A column of texts with tags in it has a header, or a separator behind the tag that closes.
    closes = text.count(b"</")
    return closes >= 3 and closes >= 0.3 * text.count(b"\n") and text.count(b">,") + text.count(b">\t") < 0.1 * closes


def _statements_or_keys(lines: Sequence[bytes]) -> str:
    said = [line for line in lines if not line.lstrip().startswith((b"--", b"/*", b"#"))]
    if (
        said
        and said[0].lstrip()[:40].upper().startswith(_STATEMENTS)
        and any(line.lstrip()[:40].upper().startswith(_ROWS_OF_SQL) for line in said)
    ):
        return "sql"
    opens = lines and (lines[0].strip() == b"---" or re.match(rb"[a-z_]{2,30}:", lines[0][:40]))
    nested = any(line.startswith(b"  ") for line in lines[1:12])
    return "yaml" if opens and nested and any(_KEY.match(line.strip()[:60]) for line in lines[:12]) else ""
