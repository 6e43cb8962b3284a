"""Tables that people open in a spreadsheet program: every CSV file the studio hands out is written here.

What strangers wrote stands in them, and a program runs a cell that begins like a formula. A workbook needs none of this:
there a cell says itself that it is text.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from typing import IO

STARTS = frozenset("=+-@＝＋－＠﹦﹢﹣﹫")
"""In the full and small forms of East Asian typing too, which programs read as the plain ones."""
_UNSEEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]*")
"""What may stand before a formula without being seen."""
_GAP = re.compile(r"[;\s\x00-\x1f\ufeff\u200b]+")
_PLAIN = re.compile(r"[-+]?\d+(?:[.,]\d+)*%?")
_LONGEST_NUMBER = 40
_CALLS = frozenset("(|!")


class Table:
    """Writes rows to a file or a list of lines; no cell of them is run."""

    def __init__(self, file: IO[str]) -> None:
        self._writer = csv.writer(file)

    def add(self, row: Iterable[object]) -> None:
        self._writer.writerow([harmless(cell) for cell in row])

    def add_all(self, rows: Sequence[Iterable[object]]) -> None:
        for row in rows:
            self.add(row)


def harmless(cell: object) -> str:
    """A cell that no spreadsheet program runs as a formula: an apostrophe before what could be one.

    Inside the cell too, because where lists are separated by semicolons or tabs a program cuts it there, and a line break
    inside then begins a row. A plain number stays one, so that it can be added up.
    """
    text = ("" if cell is None else str(cell)).replace("\0", "")
    if len(text) <= _LONGEST_NUMBER and _PLAIN.fullmatch(text):
        return text
    text = _GAP.sub(_cut, text)
    start = text[_unseen(text) :][:1]
    return f"'{text}" if (start and start in STARTS) or text[:1] in ("\t", "\r") else text


def _unseen(text: str) -> int:
    """How many signs that nobody sees a text begins with."""
    begins = _UNSEEN.match(text)
    return begins.end() if begins else 0


def _cut(gap: re.Match[str]) -> str:
    """Blanks inside a cell, with an apostrophe behind them where a program might cut and run what follows."""
    text, end = gap.string, gap.end()
    following = text[end : end + 1]
    if gap.start() == 0 or following not in STARTS or not following:
        return gap[0]
    if ";" in gap[0] or "\t" in gap[0]:
        return f"{gap[0]}'"
    if "\n" not in gap[0] and "\r" not in gap[0]:
        return gap[0]
    # A list with hyphens is what people write; it can do something only where it names a function or a program.
    rest = text[end : end + 1000].split("\n", 1)[0]
    return gap[0] if following == "-" and not _CALLS.intersection(rest) else f"{gap[0]}'"
