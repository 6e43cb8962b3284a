"""One text a line, in which commas are commas: told from a table by how the text goes on behind them."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence

LOOK = 300  # lines
FEWEST = 5
MARKS = (",", ";")  # that stand in sentences
SHORT = 3  # words that a label has at most


def is_prose(lines: Sequence[str], mark: str) -> bool:
    """Whether MARK only stands inside sentences."""
    if mark not in MARKS:
        return False
    some = [bare for line in lines[:LOOK] if (bare := line.strip("\ufeff\r\n "))]
    cut = [line.split(mark) for line in some if mark in line]
    if len(cut) < FEWEST or any('"' in line and f'{mark}"' in line for line in some):
        return False
    cells = [cell for row in cut for cell in row[1:] if cell]
    spaced = [cell[1:] for cell in cells if cell[0] == " " and cell[1:2].strip()]
    # In a table they follow each other closely, and what begins a cell is no rest of a sentence.
    if len(spaced) < 0.9 * len(cells) or sum(cell[0].islower() for cell in spaced) < 0.6 * len(spaced):
        return False
    return not _names_columns(some) and not _few_values(some, mark) and _long(some)


def _names_columns(lines: Sequence[str]) -> bool:
    """Whether the first line is much shorter than the others, cell by cell: the names of columns."""
    first = lines[0].split(",") if "," in lines[0] else lines[0].split(";")
    return len(first) > 1 and all(len(cell.split()) <= 2 for cell in first) and len(lines[0].split()) <= 3 * len(first)


def _few_values(lines: Sequence[str], mark: str) -> bool:
    """Whether what stands before the first mark or behind the last is a label: short, and again and again."""
    for at in (0, -1):
        cells = [line.split(mark)[at].strip().casefold() for line in lines]
        counts = Counter(cell for cell in cells if len(cell.split()) <= SHORT)
        again = {cell: many for cell, many in counts.items() if many > 1}
        if len(again) > 1 and sum(again.values()) >= 0.9 * len(cells):
            return True
    return False


def _long(lines: Sequence[str]) -> bool:
    return statistics.median(len(line.split()) for line in lines) >= FEWEST
