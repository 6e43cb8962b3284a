"""Tables that share a sheet: one below the other, or side by side. Where each lies, told from the head of the file."""

from __future__ import annotations

import json
import sqlite3
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from projects import columnwords, headers, rows
from projects.formats import Region, Row
from projects.values import is_date, is_number, missing

Cells = Sequence[str | None]
Grid = Sequence[Cells]
WHOLE = "0"  # picked by a person: all of the sheet is one table
MOST = 12  # tables of a sheet
BLOCKS = 300  # runs of filled rows that are looked at
LOOK = 60  # rows of a block
KEPT = 300  # rows of a table by which others are told from it
NAME = 60  # characters of the name of a column
TEXTS = 20  # characters from which on a column holds texts
ANOTHER = 3  # points that make a table another one
SUMMARY = 20  # rows of a block of figures
SHORT = 30  # characters of a name of a column in the middle of the rows
LEAST = 3  # rows above such a header, and below it
CANDIDATES = 300
WAITING = 10_000  # rows beside a table that begins further down
LARGE = 200_000  # stored rows among which tables further down are looked for
_USUAL = {
    "name", "phone", "mail", "email", "office", "count", "number", "price", "total", "share", "meaning", "role", "hours", "contact",
    "ansprechpartner", "telefon", "filiale", "anzahl", "preis", "summe", "magasin", "horaires", "téléphone", "nom", "prix",
    "nombre", "teléfono", "horario", "precio", "cantidad", "姓名", "电话", "部门", "数量", "价格", "客服", "门店", "合计", "说明",
}  # fmt: skip
_ASKS = ("?", "？")
_SAID = (".", "!", "。", "！", ";", "；", *_ASKS)


def find(grid: Grid, cut: bool = False) -> list[Region]:
    """The tables of a sheet, only the first with its title lines; nothing where there is only one. CUT: there are more rows."""
    found: list[Region] = []
    bands = _bands(grid)
    for left, right in bands:
        band = [row[left:right] for row in grid]
        for table in _stacked(band):
            goes_on = table.open and cut
            first, last = _used(band[table.top : table.bottom])
            found.append(
                Region(
                    str(len(found) + 1),
                    table.top,
                    None if goes_on else table.bottom,
                    left + first,
                    (None if len(bands) == 1 else right) if goes_on else left + last,
                    rows=len(table.body),
                    names=table.shown,
                )
            )
    return found[:MOST] if len(found) > 1 else []


def within(found: Iterator[Row], read: Sequence[Region]) -> Iterator[Row]:
    """The rows of one table of a sheet, with those beside it that are read too, line by line. What comes after the sheet,
    from sheets like it, is left as it is."""
    last, beyond = 0, False
    # What stands beside begins after the header of the first, although it may begin higher up on the sheet.
    headed, waiting = not read or not read[0].names, list[Row]()
    for place, row in enumerate(found):
        beyond = beyond or row.line < last
        last = row.line
        if beyond:
            yield row
            continue
        cells = cast("list[str | None]", row.cells)
        for number, region in enumerate(read):
            part = cells[region.left : region.right]
            inside = place >= region.top and (region.bottom is None or place < region.bottom)
            heads = inside and _shown(_names(part)) == region.names
            if inside and not number:
                yield row._replace(cells=part)
                headed = headed or heads
            elif inside and headers.full(part) and not heads:
                waiting.append(row._replace(cells=part))
        if headed or len(waiting) >= WAITING:
            headed = True
            yield from waiting
            waiting.clear()
    yield from waiting


# One below the other ---------------------------------------------------------------------------------------


@dataclass
class _Table:
    """A table while its rows are gone through."""

    top: int
    header: list[str]
    body: list[Cells] = field(default_factory=list)
    bottom: int = 0
    open: bool = False  # nothing is known to come after it
    profile: list[_Column] = field(default_factory=list)
    counted: int = -1

    @property
    def shown(self) -> list[str]:
        return _shown(self.header)

    def columns(self) -> list[_Column]:
        """What stands in its columns, by its first rows."""
        many = min(len(self.body), KEPT)
        if many != self.counted:
            self.profile, self.counted = _profile(self.body[:KEPT]), many
        return self.profile


@dataclass
class _Column:
    filled: float = 0.0  # share of the rows
    figures: float = 0.0  # share of the filled cells that are numbers or dates
    length: float = 0.0  # of the usual text
    values: set[str] = field(default_factory=set)


def _profile(rows: Grid) -> list[_Column]:
    found = []
    for place in range(max(map(len, rows), default=0)):
        cells = [cell.strip() for row in rows if place < len(row) and (cell := row[place]) and not missing(cell)]
        texts = [len(cell) for cell in cells if not _figure(cell)]
        found.append(
            _Column(
                len(cells) / len(rows),
                1 - len(texts) / len(cells) if cells else 0.0,
                statistics.median(texts) if texts else 0.0,
                {cell.casefold() for cell in cells if len(cell) <= NAME},
            )
        )
    return found


def _figure(cell: str) -> bool:
    """A number, a date, or what has more digits than letters: a phone number, hours, a code."""
    if is_number(cell) or is_date(cell):
        return True
    return len(cell) <= NAME and sum(map(str.isdecimal, cell)) > sum(map(str.isalpha, cell))


def _stacked(rows: Grid) -> list[_Table]:
    """The tables in rows that lie over each other, empty rows between them."""
    place = headers.find(rows[:200])
    begin = max(0, place - 1)
    table = _Table(0, _names(rows[place - 1]) if place else [])
    found = [table]
    title = -1  # where lines that belong to no row began, such as the name of the next table
    for number, (start, end) in enumerate(_blocks(rows, begin)):
        block = rows[start:end]
        if not number:
            table.body.extend(block[1 if place else 0 :])
        elif number > BLOCKS or not table.body:
            table.body.extend(block)
        elif end - start <= 3 and all(_is_line(row) for row in block) and _wide(table):
            title = start if title < 0 else title
            continue
        else:
            lines = next((at for at, row in enumerate(block) if not _is_line(row)), 0)
            at = _another(block[lines:], table, title >= 0 or lines > 0)
            if at is None:
                table.body.extend(block)
            else:
                table.bottom = title if title >= 0 else start
                names = _names(block[lines + at - 1]) if at else []
                table = _Table(start + lines + max(0, at - 1), names, [*block[lines + at :]])
                found.append(table)
        title = -1
    table.bottom, table.open = len(rows), True
    return found


def _used(rows: Grid) -> tuple[int, int]:
    """The first column with something in it, and the one behind the last."""
    places = {place for row in rows for place, cell in enumerate(row) if cell and cell.strip()}
    return (min(places), max(places) + 1) if places else (0, 0)


def _blocks(rows: Grid, begin: int) -> Iterator[tuple[int, int]]:
    """Runs of filled rows: the first of each, and the first empty one behind it."""
    start = -1
    for place in range(begin, len(rows)):
        if headers.full(rows[place]):
            start = place if start < 0 else start
        elif start >= 0:
            yield start, place
            start = -1
    if start >= 0:
        yield start, len(rows)


def _names(row: Cells) -> list[str]:
    return [" ".join((cell or "").split()) for cell in row]


def _shown(header: Sequence[str]) -> list[str]:
    return [name[:NAME] for name in header if name][:6]


def _is_line(row: Cells) -> bool:
    """A title or a note: one cell, or one text over several merged cells."""
    return len({cell.strip() for cell in row if cell and cell.strip()}) == 1


def _wide(table: _Table) -> bool:
    return sum(bool(name) for name in table.header) > 1 or sum(one.filled > 0.5 for one in table.columns()) > 1


def _another(block: Grid, table: _Table, titled: bool) -> int | None:
    """How many rows of the block come before the rows of another table, or None where it goes on with this one."""
    place = headers.find(block[:LOOK])
    header = block[place - 1] if place else ()
    if place and headers.again(header, [[name.casefold() for name in table.header]]):
        return None
    before, after = table.columns(), _profile(block[place : place + LOOK])
    if place and _names_columns(header, before, block[place : place + LOOK]):
        points, plainly = _points(header, table, after)
        if plainly and points + _unlike(before, after) + titled >= ANOTHER:
            return place
    return 0 if _is_summary(block, before, len(table.body)) else None


def _names_columns(header: Cells, before: Sequence[_Column], body: Grid) -> bool:
    """Whether a row can name columns: short words, no two alike, none of which is a value above or below."""
    names = [cell.strip() for cell in header if cell and cell.strip()]
    if len(names) < 2 or len({name.casefold() for name in names}) < len(names):
        return False
    if any(len(name) > NAME or name.endswith(_SAID) or _figure(name) or missing(name) for name in names):
        return False
    below = _profile(body)
    return not any(
        cell.strip().casefold() in column.values
        for columns in (before, below)
        for cell, column in zip(header, columns, strict=False)
        if cell and cell.strip()
    )


def _points(header: Cells, table: _Table, after: Sequence[_Column]) -> tuple[int, bool]:
    """How much speaks for a row that names other columns; and whether anything in it does so plainly."""
    before = table.columns()
    named = [place for place, cell in enumerate(header) if cell and cell.strip()]
    filled = {place for place, column in enumerate(before) if column.filled >= 0.2}
    places = filled | {place for place, name in enumerate(table.header) if name}
    beyond = (4 if places.isdisjoint(named) else 2) * (not places.issuperset(named))
    over_figures = 2 * any(
        place < len(before) and before[place].figures >= 0.8 and before[place].filled >= 0.5 for place in named
    )
    over_own = 2 * any(
        place < len(after)
        and after[place].figures >= 0.8
        and after[place].filled
        and (place >= len(before) or before[place].figures <= 0.2)
        for place in named
    )
    words = sum(_names_something(header[place] or "") for place in named)
    called = 2 if words == len(named) else int(words >= 0.5 * len(named))
    missed = [place for place in filled if before[place].filled >= 0.9 and place not in named]
    narrower = bool(missed) and len(named) < len(filled)
    texts = [place for place in named if place < len(before) and before[place].length >= TEXTS]
    short = bool(texts) and all(len(header[place] or "") <= 0.5 * before[place].length for place in texts)
    return beyond + over_figures + over_own + called + narrower + short, bool(
        beyond or over_figures or over_own or called
    )


def _names_something(cell: str) -> bool:
    """Whether people call columns so, of texts and orders, or in the lists that stand beside them."""
    from projects.mapping import COMMON, plain  # not for every reader: it brings all words about columns

    name = plain(cell)
    usual = name in _USUAL or any(name in words for words in COMMON.values())
    return usual or max(columnwords.said(name).values(), default=0.0) >= columnwords.HEADED


def _unlike(before: Sequence[_Column], after: Sequence[_Column]) -> int:
    """1 where a column of the block holds something else than the table's: figures, or texts of another length."""
    for above, below in zip(before, after, strict=False):
        if not above.filled or not below.filled:
            continue
        if abs(above.figures - below.figures) > 0.6:
            return 1
        if above.length and below.length and max(above.length, below.length) > 4 * min(above.length, below.length):
            return 1
    return 0


def _is_summary(block: Grid, before: Sequence[_Column], many: int) -> bool:
    """Figures with their names (Average 4.2) below a table that has texts in their place."""
    if not 2 <= len(block) <= max(SUMMARY, many // 10) or len(block) > many:
        return False
    if any((cell or "").rstrip().endswith(_ASKS) for row in block for cell in row):
        return False
    if any(_figure(cell.strip()) for row in block if (cell := row[0] if row else None) and not missing(cell)):
        return False
    after = _profile(block)
    for above, below in zip(before, after, strict=False):
        if below.figures == 1.0 and below.filled >= 0.9 and above.figures <= 0.05 and above.filled >= 0.5:
            narrower = sum(one.filled > 0 for one in after) < sum(one.filled >= 0.5 for one in before)
            return above.length >= TEXTS or narrower
    return False


# Side by side ----------------------------------------------------------------------------------------------


def _bands(grid: Grid) -> list[tuple[int, int]]:
    """Columns that belong together: from the first to the one behind the last. One band where there is one table."""
    wide = max(map(len, grid), default=0)
    used = [False] * wide
    for row in grid:
        for place, cell in enumerate(row):
            if not used[place] and cell and cell.strip():
                used[place] = True
    runs: list[tuple[int, int]] = []
    for place, there in enumerate(used):
        if there and runs and runs[-1][1] == place:
            runs[-1] = (runs[-1][0], place + 1)
        elif there:
            runs.append((place, place + 1))
    runs = [part for run in runs for part in _repeated(grid, run)]
    bands = runs[:1]
    for left, right in runs[1:]:
        before = bands[-1]
        if right - left > 1 and before[1] - before[0] > 1 and _apart(grid, before, (left, right)):
            bands.append((left, right))
        else:
            bands[-1] = (before[0], right)
    return bands


def _repeated(grid: Grid, run: tuple[int, int]) -> list[tuple[int, int]]:
    """The columns of a run, taken apart where its header says the same names again and again: question, answer, question,
    answer."""
    left, right = run
    place = headers.find([row[left:right] for row in grid[:200]])
    names = [name.casefold() for name in _names(grid[place - 1][left:right])] if place else []
    if len(names) < right - left or not all(names) or any(map(_figure, names)):
        return [run]
    for many in range(2, len(names) // 2 + 1):
        if len(names) % many == 0 and names == names[:many] * (len(names) // many) and len(set(names[:many])) == many:
            return [(begin, begin + many) for begin in range(left, right, many)]
    return [run]


def _apart(grid: Grid, one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether columns with an empty one between them are two tables: they begin or end elsewhere, or name the same."""
    filled = [
        [place for place, row in enumerate(grid) if headers.full(row[left:right]) > 1] for left, right in (one, other)
    ]
    if not all(filled):
        return False
    (first, *_, last), (second, *_, end) = ([rows[0], rows[-1]] for rows in filled)
    names = [
        {name.casefold() for name in _names(grid[rows[0]][left:right]) if name}
        for rows, (left, right) in zip(filled, (one, other), strict=True)
    ]
    if any(any(map(_figure, some)) for some in names):
        return False
    sizes = sorted(map(len, filled))
    return first != second or names[0] == names[1] or (abs(last - end) > 2 and sizes[0] <= 0.5 * sizes[1])


# Further down ----------------------------------------------------------------------------------------------


def flag(db: sqlite3.Connection, header: Sequence[str]) -> list[tuple[int, int]]:
    """Marks the stored rows of tables that come after the one that is read; (first line, rows) of each."""
    many = rows.last(db)
    if many > LARGE:
        return []
    gaps = [n for (n,) in db.execute(_GAPS, (BLOCKS,))]
    at_once = _at_once(db, many)
    begins = sorted({*gaps, *([at_once] if at_once else [])})
    if not begins:
        return []
    table = _Table(0, list(header), _cells(db, 1, min(begins[0], KEPT + 1)))
    found: list[tuple[int, int]] = []
    for start, end in zip(begins, [*begins[1:], many + 1], strict=True):
        block = _cells(db, start, min(end, start + LOOK))
        if not found and start != at_once and _another(block, table, titled=False) is None:
            table.body.extend(block if len(table.body) < KEPT else ())
            continue
        db.execute("UPDATE rows SET problem = 'other_table' WHERE n >= ? AND n < ?", (start, end))
        line = db.execute("SELECT line FROM rows WHERE n = ?", (start,)).fetchone()[0]
        found.append((line, end - start))
    return found


def _at_once(db: sqlite3.Connection, many: int) -> int:
    """The row in which another table begins without an empty one above it; 0 where that is not certain."""
    top, end = _profile(_cells(db, 1, LEAST + 1)), _profile(_cells(db, many - LEAST + 1, many + 1))
    if many < 2 * LEAST or not _other_kinds(["x"] * len(top), top, end):
        return 0  # nearly always so, and seen without the words that people have for columns
    # What is longer than the table above it is no list below one. From the end, since rows of a list have figures.
    for n, cells in db.execute(_SHORT, (max(LEAST, (many - 1) // 2), many - LEAST, CANDIDATES)):
        header = json.loads(cells)
        named = [cell.strip() for cell in header if cell and cell.strip()]
        if any(len(name) > SHORT for name in named):
            continue
        if sum(map(_names_something, named)) < max(2, 0.5 * len(named)):
            continue
        above, below = _cells(db, max(1, n - LOOK), n), _cells(db, n + 1, n + 1 + LOOK)
        before, after = _profile(above), _profile(below)
        if _names_columns(header, before, below) and _other_kinds(header, before, after):
            return int(n)
    return 0


def _other_kinds(header: Cells, before: Sequence[_Column], after: Sequence[_Column]) -> bool:
    """Whether a column that is named held texts above and holds figures below, or the other way round, without exception."""
    return any(
        cell
        and cell.strip()
        and {above.figures, below.figures} == {0.0, 1.0}
        and min(above.filled, below.filled) >= 0.9
        for cell, above, below in zip(header, before, after, strict=False)
    )


# Rows of a few short words without a figure, as the names of columns are.
_SHORT = """
SELECT n, cells FROM rows WHERE n > ? AND n <= ? AND length(cells) <= 400 AND cells NOT GLOB '*[0-9?!]*'
AND cells GLOB '*", "*' ORDER BY n DESC LIMIT ?
"""

# Rows above which an empty one was left out: their line is further than the line ends in the row before tell.
_GAPS = """
SELECT b.n FROM rows a JOIN rows b ON b.n = a.n + 1
WHERE b.line - a.line > 1 + (length(a.cells) - length(replace(a.cells, '\\n', ''))) / 2 LIMIT ?
"""


def _cells(db: sqlite3.Connection, first: int, end: int) -> list[Cells]:
    found = db.execute("SELECT cells FROM rows WHERE n >= ? AND n < ? ORDER BY n", (first, end))
    return [json.loads(cells) for (cells,) in found]
