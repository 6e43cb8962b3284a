"""Baskets without a header: one line an order, one cell a product. Known by products that turn up at any place of a
line, and read as one row for each product."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from projects.formats import Row

ORDER, ITEM = "order", "item"
LOOK = 500  # lines
LEAST = 10  # lines below which nothing is known
LONGEST = 80  # characters of a product
APART = 0.7  # share of the cells whose product stands at other places too
RAGGED = 0.9  # share of lines with as many cells as most, above which this is a table


def recognise(head: Sequence[Row]) -> bool:
    """Whether the rows are baskets."""
    lines = _lines(head)
    return len(lines) >= LEAST and not _gaps(head) and (_named(lines) or _mixed(lines))


def _gaps(head: Sequence[Row]) -> bool:
    """Whether cells are left blank between others: those are columns, of which not every line fills each."""
    gaps = looked = 0
    for row in head[:LOOK]:
        if isinstance(row.cells, list):
            filled = [place for place, cell in enumerate(row.cells) if cell and cell.strip()]
            looked += 1
            gaps += bool(filled) and filled[-1] + 1 > len(filled)
    return gaps > 0.05 * looked


def rows(found: Iterable[Row], named: bool) -> Iterator[Row]:
    """One row for each product. NAMED: the first cell is the number of the order; else the line stands for it."""
    for row in found:
        cells = _cells(row)
        order = cells[0] if named and cells else str(row.line)
        for item in cells[1:] if named else cells:
            yield Row(row.line, {ORDER: order, ITEM: item}, row.problem)


def named(head: Sequence[Row]) -> bool:
    """Whether each line begins with the number of its order."""
    return _named(_lines(head))


def _lines(head: Sequence[Row]) -> list[list[str]]:
    return [cells for row in head[:LOOK] if not row.problem and isinstance(row.cells, list) and (cells := _cells(row))]


def _named(lines: Sequence[Sequence[str]]) -> bool:
    """Whether what stands first never turns up among the products behind it."""
    products = [cells[1:] for cells in lines if len(cells) > 1]
    things = {cell for cells in products for cell in cells}
    return not any(cells[0] in things for cells in lines) and _mixed(products)


def _cells(row: Row) -> list[str]:
    """What stands in the cells; a line of numbers with blanks between them is one of several cells."""
    cells = [cell.strip() for cell in row.cells if cell and cell.strip()]
    if len(cells) == 1 and " " in cells[0] and cells[0].replace(" ", "").isdecimal():
        return cells[0].split()
    return cells


def _mixed(lines: Sequence[Sequence[str]]) -> bool:
    """Whether lines of different length are filled with things that stand now here, now there, and once in a line."""
    sizes = Counter(map(len, lines))
    if len(lines) < LEAST or max(sizes) < 2 or max(sizes.values()) > RAGGED * len(lines):
        return False
    places: dict[str, set[int]] = {}
    for cells in lines:
        for place, cell in enumerate(cells):
            places.setdefault(cell, set()).add(place)
    total = sum(map(len, lines))
    if len(places) > 0.6 * total or any(len(cell) > LONGEST for cell in places):
        return False
    apart = sum(len(places[cell]) > 1 for cells in lines for cell in cells)
    once = sum(len(set(cells)) == len(cells) for cells in lines)
    return apart >= APART * total and once >= 0.9 * len(lines)
