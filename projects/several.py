"""Cells that hold several things, such as all products of an order: at which sign they are taken apart, and how many."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from projects.bounded import Short

LISTED = "[ ]"  # stands for the sign where a cell is a list as programs write it
SIGNS = ("\n", "<br>", "|", ";", "；", " + ", "、", " / ", ", ", "，", ",")
WEAK = frozenset((" + ", " / ", ", ", "，", ","))  # signs that stand in the name of one thing as well
LOOK = 2_000  # cells that are looked at
LONGEST_CELL = 20_000
MOST = 500  # things in one cell
LONGEST_NAME = 120
_TIMES = Short(re.compile(r"(?P<many>\d{1,4})\s?[x×✕*]\s?(?=\D)(?P<name>.+)", re.I | re.S), 300)
_NAMED = Short(
    re.compile(r"(?P<name>.*?[^\d\s])(?:\s+x|\s*[×✕*])\s?(?P<many>\d{1,4})(?:\.0+)?\s?[件个份]?", re.I | re.S), 300
)
_BRACKETS = Short(
    re.compile(r"(?P<name>.*?\S)\s*+[(（\[]\s?(?:x|×|qty:?|quantity:?|数量[:：]?|menge:?)\s?(?P<many>\d{1,4})\s?[)）\]]", re.I | re.S),
    300,
)  # fmt: skip
_CODES = ("item_id", "product_id", "sku", "id", "code")
_NAMES = ("item_name", "product_name", "name", "title", "product", "item")
_MANY = ("quantity", "qty", "count", "amount", "num")


@dataclass(frozen=True)
class Several:
    """How the cells of a column are taken apart; CLEAR where no other reading makes sense."""

    sign: str
    clear: bool
    example: str


@dataclass(frozen=True)
class Part:
    """One of the things in a cell; TITLE where the cell says a code and a name."""

    name: str
    many: float = 1.0
    title: str = ""


def parts(cell: str, sign: str) -> list[Part]:
    """The things in a cell."""
    if not sign:
        return [Part(cell)] if cell else []
    if sign == LISTED:
        return (_listed(cell) or [Part(cell)])[:MOST]
    return [_counted(part) for part in cell.split(sign)[:MOST] if part.strip()]


def find(cells: Iterable[str]) -> Several | None:
    """How the cells of a column are taken apart, where many of them hold several things."""
    some = [cell for cell in cells if cell and len(cell) <= LONGEST_CELL][:LOOK]
    if len(some) < 5:
        return None
    listed = [cell for cell in some if _listed(cell)]
    if len(listed) >= 0.6 * len(some):
        longest = max(listed, key=lambda cell: len(_listed(cell) or ()))
        return Several(LISTED, True, longest) if len(_listed(longest) or ()) > 1 else None
    for sign in SIGNS:
        held = [cell for cell in some if sign in cell and len(parts(cell, sign)) > 1]
        if len(held) < max(3, 0.1 * len(some)) or not _come_again(some, held, sign):
            continue
        clear = _clear(held, sign, often=len(held) >= 0.4 * len(some))
        # The red mug of a shop of mugs and colours is one thing: then few cells come, and each of them often.
        if clear or len(set(held)) >= 0.4 * len(held):
            return Several(sign, clear, max(held[:200], key=len))
    return None


def _come_again(some: Sequence[str], held: Sequence[str], sign: str) -> bool:
    """Whether the parts are names that stand in other cells as well."""
    names = {part.name for cell in held for part in parts(cell, sign)}
    if any(len(name) > LONGEST_NAME for name in names):
        return False
    seen = Counter(name for cell in some for name in {part.name for part in parts(cell, sign)})
    return sum(seen[name] > 1 for name in names) >= 0.5 * len(names)


def _clear(held: Sequence[str], sign: str, often: bool) -> bool:
    """Whether numbers of pieces stand in it, or the same names stand first and last: nobody sells a red of mugs."""
    found = [[part.name for part in parts(cell, sign)] for cell in held]
    said = sum(
        any(part.strip() != name for part, name in zip(cell.split(sign), one, strict=False))
        for cell, one in zip(held, found, strict=True)
    )
    if said >= 0.5 * len(held):
        return True
    first, last = {one[0] for one in found}, {one[-1] for one in found}
    alike = len(first & last) / min(len(first), len(last))
    if sign not in WEAK:
        return alike >= 0.3 or len(set(held)) >= 0.4 * len(held)
    short = sum(len(name.split()) <= 6 for one in found for name in one)
    varied = len({len(one) for one in found}) > 1 or len(found[0]) > 2
    return often and alike >= 0.5 and short >= 0.95 * sum(map(len, found)) and varied


def _counted(part: str) -> Part:
    """A thing without the number of pieces beside its name: "2 x Blue mug", "Blue mug × 2", "Blue mug (x2)"."""
    bare = " ".join(part.split())
    for pattern in (_TIMES, _NAMED, _BRACKETS):
        if (found := pattern.fullmatch(bare)) and found["name"].strip():
            return Part(found["name"].strip(), float(found["many"]) or 1.0)
    return Part(bare)


def _listed(cell: str) -> list[Part] | None:
    """What a list holds as programs write it: ["a", "b"] or [{"sku": "a", "quantity": 2}]."""
    bare = cell.strip()
    if bare[:1] != "[" or bare[-1:] != "]":
        return None
    try:
        held = json.loads(bare)
    except (ValueError, RecursionError):
        return None
    found = []
    for one in held[:MOST]:
        title = ""
        if isinstance(one, dict):
            name = next((one[key] for key in _CODES + _NAMES if one.get(key) not in (None, "")), None)
            title = next((str(one[key]) for key in _NAMES if one.get(key) not in (None, "")), "")
            many = next((one[key] for key in _MANY if isinstance(one.get(key), int | float)), 1)
        else:
            name, many = one, 1
        if not isinstance(name, str | int):
            return None
        said = " ".join(str(name).split())
        found.append(Part(said, float(many) if 0 < many < 1e6 else 1.0, "" if title == said else title))
    return found
