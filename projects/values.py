"""What stands in a cell: nothing, a number, a date or text; and what a whole column is."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from projects import dates
from projects.blanks import missing as missing
from projects.bounded import Short
from projects.formats import Column
from projects.money import CODES

_NUMBER = Short(
    re.compile(
        rf"""[-+(]?\s?(?:US\$|[€$£¥₹]|(?i:{CODES}))?\s?[-+]?(
        \d{{1,3}}(?:,\d{{3}})+(?:\.\d+)? | \d{{1,3}}(?:\.\d{{3}})+(?:,\d+)? | \d{{1,3}}(?:[ \u00a0\u202f']\d{{3}})+(?:[.,]\d+)?
        | \d+(?:[.,]\d+)? | [.,]\d+ )(?:[eE][-+]?\d+)?\s?(?:%|€|\$|£|元|(?i:{CODES}))?\)?""",
        re.VERBOSE,
    ),
    40,
)
_CODES = frozenset(CODES.split("|"))
CLIP = 200


def is_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text.strip()))


def is_date(text: str) -> bool:
    return bool(date_order(text))


def date_order(text: str) -> str:
    """ymd, dmy or mdy where the text is a date of that form; "xxy" where day and month could be either way round."""
    bare = text.strip()
    if not 6 <= len(bare) <= 40:
        return ""
    return dates.written_order(bare)[0]


def number(text: str, decimal: str = ".") -> float | None:
    """The number in a cell, read with that decimal sign."""
    bare = _without_code(re.sub(r"[\s\u00a0\u202f'€$£¥₹%元]", "", text))
    negative = bare.startswith("(") and bare.endswith(")")
    bare = bare.strip("()").replace("." if decimal == "," else ",", "").replace(decimal, ".")
    try:
        value = float(bare)
    except ValueError:
        return None
    if not math.isfinite(value):  # "nan", "inf" and 1e999 are words or mistakes, and no database keeps them
        return None
    return -value if negative else value


def _without_code(bare: str) -> str:
    """An amount without the code of its money: EUR12,90 and 12,90EUR, and what is left of US$12."""
    if bare[-3:].upper() in _CODES:
        return bare[:-3]
    if bare[:3].upper() in _CODES:
        return bare[3:]
    return bare.removeprefix("US")


def kind(text: str) -> str:
    """empty, number, date or text."""
    if missing(text):
        return "empty"
    if is_number(text) and not is_code(text):
        return "number"
    return "date" if is_date(text) else "text"


def is_code(text: str) -> bool:
    """Digits with a leading zero are a code (an id, a postcode), not an amount."""
    bare = text.strip()
    return len(bare) > 1 and bare[0] == "0" and bare.isdecimal()


def describe(column: Column, cells: Sequence[str | None]) -> None:
    """Fills in kind, examples, decimal sign, date order and the words for nothing, from sampled cells."""
    full = [cell for cell in cells if cell and cell.strip()]
    words = Counter(cell.strip() for cell in full if missing(cell))
    real = [cell for cell in full if not missing(cell)]
    column.missing = [word for word, _ in words.most_common(5)]
    column.examples = [cell[:CLIP] for cell in dict.fromkeys(real)][:3]
    kinds = Counter(kind(cell) for cell in real)
    if not kinds:
        column.kind, column.odd = "empty", 0
        return
    best, many = kinds.most_common(1)[0]
    column.kind = best if many >= 0.6 * len(real) else "text"
    column.odd = len(real) - many if column.kind != "text" else 0
    if column.kind == "number":
        column.decimal = _decimal(real)
    if column.kind == "date":
        column.date_order = _order(real)


def _decimal(cells: Sequence[str]) -> str:
    comma = sum(bool(re.search(r"\d,\d{1,2}\b(?![,.\d])", cell)) for cell in cells)
    point = sum(bool(re.search(r"\.\d", cell)) and not re.search(r"\.\d{3},", cell) for cell in cells)
    return "," if comma > point else "." if point or any("," in cell for cell in cells) else ""


def _order(cells: Sequence[str]) -> str:
    orders = Counter(date_order(cell) for cell in cells)
    if orders["ymd"] > orders["dmy"] + orders["mdy"] + orders["xxy"]:
        return "ymd"
    if orders["dmy"] or orders["mdy"]:
        return "dmy" if orders["dmy"] >= orders["mdy"] else "mdy"
    if orders["xxy"] and orders["xxy"] >= orders["ymd"]:
        return "dmy" if all("." in cell for cell in cells) else ""
    return "ymd" if orders["ymd"] else ""
