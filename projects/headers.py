"""Finds the header row below title lines, tells data from a header, and gives every column a name of its own."""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Sequence

from projects.values import is_date, is_number, missing

Grid = Sequence[Sequence[str | None]]
LOOK = 60
_ASKS = ("?", "？")
_ENDS = (".", "。", "!", "！", *_ASKS)
_TOTAL = re.compile(
    r"(grand |sub[- ]?)?totals?\b.{0,20}|sum|summe|gesamt|totaal|总计|合计|总和|小计|total général", re.I
)
_NOTE = re.compile(r"(source|notes?|quelle|data as of|generated|printed|来源|备注|说明|注)\s?[:：*]|\*", re.I)


def full(row: Sequence[str | None]) -> int:
    """How many cells of the row have something in them."""
    return sum(bool(cell and cell.strip()) for cell in row)


def width(rows: Grid) -> int:
    """How many columns the table has: the most common number of cells, trailing empty columns left out."""
    sizes = [len(row) for row in rows if full(row)]
    if not sizes:
        return 0
    usual = statistics.mode(sizes)
    used = max((_used(row) for row in rows if len(row) <= usual), default=0)
    return max(used, 1) if used else usual


def _used(row: Sequence[str | None]) -> int:
    return max((place for place, cell in enumerate(row, 1) if cell and cell.strip()), default=0)


def find(rows: Grid) -> int:
    """The number of the header row (1 is the first), or 0 where the first row is data already."""
    filled = [full(row) for row in rows]
    body = [many for many in filled if many]
    if not body:
        return 0
    usual = statistics.median(body)
    need = 1 if max(body) == 1 else max(2, 0.6 * usual)
    for place, row in enumerate(rows[:LOOK]):
        if filled[place] < need:
            continue
        if _is_data(row, rows[place + 1 :], skipped=any(filled[:place])):
            return 0 if not any(filled[:place]) else place
        return place + 1
    return 0


def _is_data(row: Sequence[str | None], below: Grid, skipped: bool) -> bool:
    cells = [cell.strip() for cell in row if cell and cell.strip()]
    plain = sum(is_number(cell) or is_date(cell) or missing(cell) for cell in cells)
    if _years(cells):
        return False
    if plain and plain >= 0.3 * len(cells):
        return True
    if skipped:
        return False
    return (plain > 0 and _like(row, below)) or _talks(row, below)


def _talks(row: Sequence[str | None], below: Grid) -> bool:
    """A question above questions, or nothing but whole sentences: talk, not the names of columns."""
    for place, cell in enumerate(row):
        under = [(line[place] or "").strip() for line in below[:30] if place < len(line) and line[place]]
        asking = sum(text.endswith(_ASKS) for text in under)
        if (cell or "").strip().endswith(_ASKS) and len(under) >= 3 and asking >= 0.6 * len(under):
            return True
    cells = [cell.strip() for cell in row if cell and cell.strip()]
    return len(cells) >= 2 and all(len(cell) >= 25 and cell.endswith(_ENDS) for cell in cells)


def _years(cells: list[str]) -> bool:
    """A header such as Year, 2000, 2001 ...: one word, then numbers that go up by one."""
    numbers = [int(cell) for cell in cells if cell.isdigit() and len(cell) == 4]
    steps = {after - before for before, after in itertools.pairwise(numbers)}
    return len(numbers) >= 2 and len(numbers) >= len(cells) - 2 and steps <= {1, -1} and not cells[0].isdigit()


def _like(row: Sequence[str | None], below: Grid) -> bool:
    """Whether the row looks like the rows below it: numbers where they have numbers."""
    same = other = 0
    for place, cell in enumerate(row):
        under = [line[place] or "" for line in below[:30] if place < len(line) and not missing(line[place])]
        if not under or not cell:
            continue
        numeric = sum(is_number(text) or is_date(text) for text in under) > len(under) / 2
        if numeric == (is_number(cell) or is_date(cell)):
            same += 1
        else:
            other += 1
    return other == 0 and same > 0


def names(header: Sequence[str | None], count: int) -> list[str]:
    """A readable name for each column; no two alike, not even by case or blanks."""
    found: list[str] = []
    taken: set[str] = set()
    for place in range(count):
        raw = header[place] if place < len(header) else ""
        base = re.sub(r"\s+", " ", raw or "").strip()[:100] or f"column {place + 1}"
        name, number = base, 2
        while name.casefold() in taken:
            name, number = f"{base} ({number})", number + 1
        taken.add(name.casefold())
        found.append(name)
    return found


def tail(cells: Sequence[str | None], count: int, apart: bool) -> str:
    """What a row at the end of a table is: total_row, note_row, or "" for data. APART: an empty row lies above it."""
    texts = [cell.strip() for cell in cells if cell and cell.strip()]
    if not texts:
        return ""
    rest = texts[1:]
    if _TOTAL.fullmatch(texts[0].rstrip(" :")) and all(is_number(text) or missing(text) for text in rest):
        return "total_row"
    # Of two columns, a row with one cell is more likely a question without an answer.
    alone = not rest and bool(cells[0] and cells[0].strip()) and count > 1
    if alone and (_NOTE.match(texts[0]) or (count > 2 and (apart or len(texts[0]) >= 60))):
        return "note_row"
    return ""
