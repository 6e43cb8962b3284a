"""Which encoding a text file has: byte-order mark, zero bytes, strict UTF-8, then a guess that knows Chinese files."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from typing import IO

import chardet

from projects.formats import Refusal

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What a detector says → what the file is in practice: programs save the larger set.
LARGER = {
    "ascii": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "hz": "gb18030",
    "big5": "big5hkscs",
    "iso8859-1": "cp1252",
    "iso8859-15": "cp1252",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
LIKELY = {
    "gb18030", "big5hkscs", "cp932", "euc_jp", "cp949", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255",
    "cp1256", "cp1257", "koi8-r", "koi8-u", "iso8859-2", "mac-roman", "tis-620", "cp874",
}  # fmt: skip
SURE = 0.2


def find(samples: list[bytes]) -> tuple[str, str]:
    """The encoding, and a code for how it was found: mark, zeros, strict, damaged or guess."""
    head = samples[0]
    for mark, name in MARKS:
        if head.startswith(mark):
            return name, "mark"
    if wide := zeros(head):
        return wide, "zeros"
    whole, sound, broken, line = _judge(samples)
    if not broken:
        return "utf-8", "strict"
    share = sound / (sound + broken)
    if share >= 0.9 and sound + broken >= 5:
        return "utf-8", "damaged"
    if share >= 0.3 and sound >= 10 and broken >= 10:
        raise Refusal("mixed_encodings", line=line)
    return _guess(whole), "guess"


def zeros(head: bytes) -> str:
    """UTF-16 without a mark: nearly every second byte of Western text, and many of Chinese (commas, ends), is zero."""
    piece = head[: len(head) // 2 * 2][:65_536]
    if len(piece) < 4:
        return ""
    even, odd = piece[0::2].count(0), piece[1::2].count(0)
    for name, many, few in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if many >= 3 and many > len(piece) * 0.03 and few * 5 <= many and _reads(piece, name):
            return name
    return ""


def _reads(piece: bytes, name: str) -> bool:
    try:
        return "\ufffe" not in piece[: len(piece) - 2].decode(name)
    except UnicodeDecodeError as error:
        return error.start > len(piece) - 6


def _judge(samples: list[bytes]) -> tuple[bytes, int, int, int]:
    """Lines with more than ASCII in them: how many are sound UTF-8, how many are not, and the first that is not."""
    sound = broken = first = 0
    strange: list[bytes] = []
    for place, sample in enumerate(samples):
        lines = sample.replace(b"\r", b"\n").split(b"\n") if b"\n" not in sample else sample.split(b"\n")
        # A piece from the middle starts and ends anywhere, also inside a character.
        inner = list(enumerate(lines, 1))[(1 if place else 0) : (-1 if len(sample) >= 65_536 else None)]
        for number, line in inner:
            if line.isascii():
                continue
            strange.append(line)
            if _is_utf8(line):
                sound += 1
            else:
                broken += 1
                first = first or (number if not place else 0)
    return b"\n".join(strange)[:262_144], sound, broken, first


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _guess(strange: bytes) -> str:
    """What the lines with more than ASCII in them are written in. Western files are the fallback."""
    found = chardet.detect(strange)
    name = normal(found["encoding"] or "")
    if name in LIKELY and (found["confidence"] or 0) >= SURE:
        return name
    if _paired(strange):
        return "gb18030"
    for east in ("gb18030", "big5hkscs"):
        if _dense(strange) and _decodes(strange, east):
            return east
    return "cp1252"


def _paired(strange: bytes) -> bool:
    """Bytes above ASCII always in pairs, most of them everyday Chinese characters or Chinese punctuation."""
    runs = re.findall(rb"[\x80-\xff]+", strange)
    if not runs or any(len(run) % 2 for run in runs[:-1]):
        return False
    leads = [lead for run in runs for lead in run[0::2]]
    usual = sum(0xB0 <= lead <= 0xD7 or 0xA1 <= lead <= 0xA3 for lead in leads)
    return len(leads) >= 3 and usual >= 0.7 * len(leads)


def normal(name: str) -> str:
    """Python's name of an encoding, the larger set where there is one; "" if there is none of that name."""
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return ""
    return LARGER.get(found, found)


def _dense(strange: bytes) -> bool:
    return sum(byte > 127 for byte in strange[:10_000]) > 0.4 * min(len(strange), 10_000)


def _decodes(data: bytes, name: str) -> bool:
    try:
        data[: len(data) // 2 * 2].decode(name)
    except UnicodeDecodeError as error:
        return error.start > len(data) - 8
    return True


def line_end(text: str) -> str:
    """How lines end: "" where a lone CR ends one (old Macs), else "\\n", and a lone CR is part of a cell."""
    lone = text.count("\r") - text.count("\r\n")
    return "" if lone > text.count("\n") else "\n"


def lines(stream: IO[bytes], encoding: str, limit: int, end: str = "\n") -> Iterator[str]:
    """Decoded lines with their ends. Bytes that do not fit become lone surrogates (UTF-16: U+FFFD), seen by `bad`."""
    errors = "replace" if encoding.startswith("utf-16") or encoding.startswith("utf-32") else "surrogateescape"
    text = io.TextIOWrapper(io.BufferedReader(stream, 1 << 18), encoding, errors, newline=end)  # type: ignore[arg-type,type-var]
    first = True
    number = 0
    while line := text.readline(limit):
        number += 1
        if len(line) >= limit and not line.endswith(("\n", "\r")):
            raise Refusal("long_line", line=number, limit=limit)
        yield line.removeprefix("\ufeff") if first else line
        first = False


def bad(text: str) -> bool:
    """Whether a byte of it could not be decoded."""
    return any("\udc80" <= char <= "\udcff" for char in text)


def repaired(text: str) -> str:
    """The text with U+FFFD for each byte that could not be decoded (and for lone surrogates from JSON)."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
