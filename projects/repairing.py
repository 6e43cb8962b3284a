"""Text that was spoiled on its way into a file, found and mended: decoded wrongly (Ã¼, â€™, 浣犲ソ), HTML entities, line
ends written as two signs, signs that nobody sees. Curly quotes and the like are how people write, and stay."""

from __future__ import annotations

import codecs
import html
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from projects.formats import Row
from projects.formats._escapes import ordinary

Cells = Sequence[str | None]

# What UTF-8 looks like where each byte became a sign of Windows' western code page, or of Latin-1.
_TWICE = re.compile(
    "[\u00c2-\u00f4\u0413\u0420\u0421\u0432][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]|â€"
)
_RUN = re.compile("[\u00a1-\u00fe]{4}")  # no language of Europe has four such letters in a row
_CHINESE = re.compile("[\u4e00-\u9fff]")
_LOST = re.compile("\ufffd|锟斤拷|烫烫烫")
_ENTITY = re.compile(r"&(?:[a-zA-Z][a-zA-Z0-9]{1,30}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_ENDS = re.compile(r"(?<!\\)\\r?\\n|(?<!\\)\\n")
_PATH = re.compile(r"\b[A-Za-z]:\\|\\\\")
# Zero-width space, word joiner and byte order mark have no meaning in a text; joiners of letters and of emoji do.
_UNSEEN = re.compile("[\u200b\u2060\ufeff]|(?<=\\S)\u00ad(?=\\S)")
_BLANKS = re.compile("[\u00a0\u2007\u202f]")
# Where Chinese is concerned: what a text must have in it, the encoding it was read in, and the one it was written in.
WAYS = ((_CHINESE, "gb18030", "utf-8"), (_RUN, "cp1252", "gb18030"), (_RUN, "latin-1", "gb18030"))
_ENOUGH = 3  # signs outside ASCII in what a wrong decoding is turned back into
_NAMES = 10_000  # that are held
_LONGEST = 20_000  # characters of a cell that are looked at


@dataclass
class Damage:
    """What is wrong with some cells, by kind, each with an example as it stands and as it would be."""

    cells: Counter[str] = field(default_factory=Counter)
    examples: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def lost(self) -> int:
        """Cells with signs that nobody can bring back."""
        return self.cells["lost"]

    @property
    def curable(self) -> list[str]:
        return [kind for kind in KINDS if self.cells[kind]]


def look(rows: Iterable[Cells]) -> Damage:
    """Counts the cells that are spoiled."""
    found = Damage()
    for cells in rows:
        for cell in cells:
            if not cell or len(cell) > _LONGEST:
                continue
            if cell[0] in "[{":
                continue  # records inside a cell are mended with the others, not counted
            for kind, mend in KINDS.items():
                if (better := mend(cell)) != cell:
                    found.cells[kind] += 1
                    found.examples.setdefault(kind, _around(cell, better))
            if not cell.isascii() and _LOST.search(cell):
                found.cells["lost"] += 1
    return found


def mended(text: str) -> str:
    """The text as it was meant; of JSON, the texts in it."""
    if len(text) > _LONGEST:
        return text
    if text[:1] in ("[", "{"):
        try:
            held = json.loads(text)
            better = _inside(held)
        except (ValueError, RecursionError):
            pass
        else:
            return text if better == held else json.dumps(better, ensure_ascii=False)
    for mend in KINDS.values():
        text = mend(text)
    return text


def _inside(value: object) -> object:
    if isinstance(value, str):
        return mended(value)
    if isinstance(value, list):
        return [_inside(one) for one in value]
    return {key: _inside(one) for key, one in value.items()} if isinstance(value, dict) else value


def mended_cells(cells: Cells) -> list[str | None]:
    return [mended(cell) if cell else cell for cell in cells]


def keys_mended(rows: Iterable[Row]) -> Iterator[Row]:
    """Records with their names mended."""
    known: dict[str, str] = {}

    def name(key: str) -> str:
        if key not in known:
            if len(known) > _NAMES:
                known.clear()
            known[key] = mended(key)
        return known[key]

    for row in rows:
        yield (
            row._replace(cells={name(key): cell for key, cell in row.cells.items()})
            if isinstance(row.cells, dict)
            else row
        )


def _decoded(text: str) -> str:
    """Text in which one encoding was taken for another."""
    if text.isascii():
        return text
    for pattern, wrong, right in WAYS:
        if pattern.search(text) and (better := _again(text, wrong, right)):
            return better
    # What is Chinese byte by byte was tried before, because this would take single pairs of its signs for letters.
    return str(_fix()(text)) if _TWICE.search(text) else text


@cache
def _fix():  # type: ignore[no-untyped-def]
    from ftfy import fix_encoding  # takes its time to load, and few files need it

    return fix_encoding


def _again(text: str, wrong: str, right: str) -> str:
    """The text as the bytes that it was made of, decoded once more; "" where that makes no sense."""
    try:
        if right == "utf-8":  # the last sign may have been cut in the middle
            better = codecs.getincrementaldecoder(right)().decode(text.rstrip("\ufffd?").encode(wrong))
        else:
            data = text.encode(wrong)
            if _is_utf8(data):
                return ""
            better = data.decode(right)
    except UnicodeError:
        return ""
    foreign = [char for char in better if not char.isascii()]
    if len(foreign) < _ENOUGH or (len(better) >= len(text) and wrong != "gb18030"):
        return ""
    common = sum(
        "\u4e00" <= char <= "\u9fff" or "\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uffef" for char in foreign
    )
    if right == "gb18030":  # any bytes are Chinese characters, but only what is written is full of common ones
        return better if common == len(foreign) and sum(map(_usual, foreign)) >= 0.8 * len(foreign) else ""
    return better


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _usual(char: str) -> bool:
    """One of the 3,755 characters that make up nearly all Chinese text, or a sign between them."""
    code = char.encode("gb18030")
    return len(code) == 2 and (0xB0 <= code[0] <= 0xD7 or 0xA1 <= code[0] <= 0xA3)


def _entities(text: str) -> str:
    if "&" not in text or ";" not in text:
        return text
    once = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    return _ENTITY.sub(lambda found: html.unescape(found[0]), once) if "&amp;" in text else once


def _line_ends(text: str) -> str:
    if "\\n" not in text or _PATH.search(text) or ordinary(text):
        return text
    return _ENDS.sub("\n", text)


def _unseen(text: str) -> str:
    if text.isascii():
        return text
    return _BLANKS.sub(" ", _UNSEEN.sub("", text))


def _around(text: str, better: str) -> tuple[str, str]:
    """Where the two begin to differ, short enough to be shown."""
    start = next((at for at, (one, other) in enumerate(zip(text, better, strict=False)) if one != other), 0)
    begin = max(0, start - 12)
    return text[begin : begin + 40].replace("\n", " "), better[begin : begin + 36].replace("\n", " ")


KINDS = {"decoded": _decoded, "entities": _entities, "line_ends": _line_ends, "unseen": _unseen}
