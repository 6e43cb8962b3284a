"""What stands in a column, in a few shares: how much of it is dates, links, codes, questions; and how often cells repeat."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from projects import dates, several
from projects import labelwords as words
from projects.formats import Column
from projects.values import is_number, missing, number

LOOK = 1_000  # cells that are judged one by one
CLIP = 2_000  # characters of a cell that are looked at
_LINK = re.compile(r"(?:https?://|ftp://|www\.)\S+", re.I)
_CODE = re.compile(r'(?:="?)?[A-Za-z0-9_#@.:/-]{1,64}"?')
_ASKS = re.compile(
    r"[?？؟¿]|^(?:how|what|where|when|why|who|can|could|do|does|is|are)\b|吗|嗎|怎么|怎麼|如何|什么|什麼|请问|請問|ですか|ますか|でしょうか|나요|까요",
    re.I,
)
_LOGGED = re.compile(r"\d{1,4}[/.-](?:\d{1,2}|[A-Za-z]{3})[/.-]\d{2,4}[ T,]{1,2}\d{1,2}:\d{2}[^;|]{0,12}[;|]")
# Where somebody was, or with what: an address of the network, of mail, a browser.
_ADDRESS = re.compile(r"\A(?:\d{1,3}(?:\.\d{1,3}){3}(?:(?!\S{3})\b|[ ,:(（])|[^\s@]{1,64}@[^\s@]{3,200}\Z|Mozilla/\d)")
_TRUTH = {"true", "false", "yes", "no", "ja", "nein", "oui", "non", "是", "否", "0", "1", "t", "f", "y", "n"}
_MOMENTS = ("seconds", "milliseconds", "microseconds", "nanoseconds")


@dataclass(frozen=True)
class Content:
    """Shares are of the cells that have something in them."""

    many: int = 0  # cells with something in them
    filled: float = 0.0  # share of all cells
    length: float = 0.0  # letters on average
    words: float = 0.0  # words on average
    different: int = 0  # different cells
    whole: bool = False  # every row was seen, so that what never repeats here never repeats
    asks: float = 0.0
    dates: float = 0.0  # written dates
    moments: float = 0.0  # seconds or the like since 1970
    early: float = 0.0  # nine digits that would be seconds of the years 1995 to 2001, and could be any code as well
    links: float = 0.0
    addresses: float = 0.0  # of the network or of mail, and browsers
    json: float = 0.0
    numbers: float = 0.0
    fractions: float = 0.0
    codes: float = 0.0  # one word with a digit in it
    truths: float = 0.0
    stars: float = 0.0  # 1 to 5, or half of them
    zeros: float = 0.0
    counts_up: bool = False  # 1, 2, 3 ...: the number of the row
    logged: float = 0.0  # a date, and more behind it
    feelings: float = 0.0  # good, bad, so-so, in words, faces or stars that are named
    several: bool = False  # each cell is a list of names that come again

    @property
    def distinct(self) -> float:
        return self.different / self.many if self.many else 0.0

    @property
    def constant(self) -> bool:
        return self.different == 1 and self.many >= 5

    @property
    def unique(self) -> bool:
        """No two rows have the same, and there are enough to say so."""
        return self.many >= 20 and self.distinct >= 0.98


def of(column: Column, cells: Sequence[str | None], whole: bool = True) -> Content:
    """What stands in these cells of a column; WHOLE: they are all there are."""
    full = [cell.strip()[:CLIP] for cell in cells if cell and not missing(cell)]
    if not full:
        return Content()
    some = full[:: max(1, len(full) // LOOK)][:LOOK]

    def share(holds: Callable[[str], object]) -> float:
        return sum(bool(holds(cell)) for cell in some) / len(some)

    return Content(
        many=len(full),
        filled=len(full) / max(1, len(cells)),
        length=sum(map(_length, some)) / len(some),
        words=sum(len(cell.split()) for cell in some) / len(some),
        different=len(set(full)),
        whole=whole,
        asks=share(_asks),
        dates=share(lambda cell: not is_number(cell) and dates.written_order(cell)[0]),
        moments=share(_moment),
        early=share(lambda cell: len(cell) == 9 and cell.isdecimal() and cell[0] in "89"),
        links=share(lambda cell: _LINK.fullmatch(cell)),
        addresses=share(_ADDRESS.match),
        json=share(lambda cell: cell[0] + cell[-1] in ("{}", "[]") and len(cell) > 2 and cell[1] in "{[\"'"),
        numbers=share(is_number),
        fractions=share(lambda cell: is_number(cell) and re.search(r"\d[.,]\d{1,2}$|\d[.,]\d{4,}", cell)),
        codes=share(lambda cell: _CODE.fullmatch(cell) and any(map(str.isdigit, cell))),
        truths=share(lambda cell: cell.casefold() in _TRUTH),
        stars=share(lambda cell: _within(cell, 5)),
        zeros=share(lambda cell: not cell.strip("0")),
        counts_up=_counts_up(full),
        logged=share(_LOGGED.match),
        feelings=share(_feels),
        several=several.find(some) is not None,
    )


def _length(cell: str) -> int:
    """How long it is in letters; a Chinese or Japanese sign says as much as two."""
    return len(cell) if cell.isascii() else len(cell) + sum(char > "\u2e80" for char in cell)


def _feels(cell: str) -> bool:
    short = " ".join(cell.casefold().split())
    return len(short) <= 30 and (bool(words.feeling(short)) or words.stars(short)[1])


def _asks(cell: str) -> bool:
    """Whether it is a question; the ? in a link asks nothing."""
    return bool(_ASKS.search(_LINK.sub(" ", cell[:500])))


def _moment(cell: str) -> bool:
    bare = cell.replace(".", "", 1)
    if bare.isdecimal() and len(cell) == 8:  # 20260228
        return cell[:2] in ("19", "20") and dates.scale(cell) == "compact"
    return bare.isdecimal() and cell[0] != "0" and 10 <= len(cell) <= 20 and dates.scale(cell) in _MOMENTS


def _within(cell: str, most: int) -> bool:
    value = number(cell, "," if "," in cell else ".") if len(cell) <= 4 and is_number(cell) else None
    return value is not None and 0 <= value <= most and (value * 2).is_integer()


def _counts_up(full: Sequence[str]) -> bool:
    if len(full) < 5 or not all(cell.isdecimal() and len(cell) < 10 for cell in full[:50]):
        return False
    numbers = [int(cell) for cell in full[:50]]
    return all(after - before == 1 for before, after in itertools.pairwise(numbers))
