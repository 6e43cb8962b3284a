"""Rows on their way from a file into rows.sqlite3: fitted to the columns, counted, and a sample of them kept."""

from __future__ import annotations

from collections import Counter
from typing import cast

from projects import headers, repairing, rows
from projects.formats import Batch, Column, Limits, Reading, Refusal, Row
from projects.naming import called

NUMBERED = ("not_json", "not_an_object", "json_stops", "too_deep")
SAMPLE = 1_000  # rows from which kinds of columns are told
STEP = 997  # beyond the first, one of so many
Cells = list[str | None]


class Store:
    """Takes the rows of a file, one by one or many at a time, to the same end."""

    def __init__(self, writer: rows.Writer, reading: Reading, limits: Limits, size: int = 0) -> None:
        self.writer, self.reading, self.limits, self.size = writer, reading, limits, size
        self.problems: Counter[str] = Counter()
        self.first: dict[str, int] = {}  # problem → line of the first such row
        self.sample: list[Cells] = []
        self.repaired = 0  # cells
        self.again = 0  # rows that are the header once more
        self.seen = 0  # rows of the file, the header and empty ones too
        self._known = {column.header for column in reading.columns}

    @property
    def total(self) -> int:
        return self.writer.count

    def add(self, row: Row) -> None:
        """A row of the body."""
        if isinstance(row.cells, dict) and row.problem not in NUMBERED and not self._known.issuperset(row.cells):
            self._widen(row.cells)
        cells, problem = fit(row, self.reading, self.limits)
        if self.reading.repair:
            cells = self._mended(cells)
        self.writer.add(row.line, cells, problem)
        if problem:
            self._note(problem, row.line)
        elif self._sampled(self.total):
            self.sample.append(cells)
        self._check()

    def add_batch(self, batch: Batch) -> None:
        """Rows of a grid as they stand in the file; the header and empty ones are passed over."""
        reading = self.reading
        skip = max(0, reading.header_row + reading.under - self.seen)
        starts = {head[0] for head in reading.heads}
        self.seen += len(batch.lines)
        if not skip and self._even(batch, starts):
            self._add_even(batch)
            return
        count, tame = len(reading.columns), batch.longest <= self.limits.cell
        stored: list[tuple[int, Cells, str]] = []
        total = self.total
        for place, (line, cells) in enumerate(zip(batch.lines, batch.cells, strict=True)):
            problem = batch.problems.get(place, "") if batch.problems else ""
            if place < skip or not (problem or (cells and (cells[0].strip() or any(map(str.strip, cells))))):
                continue
            found = cast(Cells, cells)
            if starts and cells and cells[0].strip().casefold() in starts and headers.again(found, reading.heads):
                self.again += 1
                continue
            if problem or len(cells) != count or not tame or reading.called:
                found, problem = fit(Row(line, found, problem), self.reading, self.limits)
            if reading.repair:
                found = self._mended(found)
            stored.append((line, found, problem))
            total += 1
            if problem:
                self._note(problem, line)
            elif len(self.sample) < SAMPLE or (not total % STEP and self._sampled(total)):
                self.sample.append(found)
        self.writer.add_all(stored)
        self._check()

    def _even(self, batch: Batch, starts: set[str]) -> bool:
        """Whether every row has all its cells, something in the first of them, and nothing wrong: nearly always so."""
        if batch.problems or batch.longest > self.limits.cell or self.reading.repair or len(self.sample) < SAMPLE:
            return False
        if self.reading.called:
            return False
        if set(map(len, batch.cells)) != {len(self.reading.columns)}:
            return False
        begins = [cells[0].strip() for cells in batch.cells]
        return all(begins) and (not starts or starts.isdisjoint(map(str.casefold, begins)))

    def _add_even(self, batch: Batch) -> None:
        total = self.total
        self.writer.add_even(batch.lines, batch.cells)
        for number in range(total - total % STEP + STEP, self.total + 1, STEP):
            if self._sampled(number):
                self.sample.append(cast(Cells, batch.cells[number - total - 1]))
        self._check()

    def note_left_out(self) -> None:
        reading = self.reading
        if (empty := self.seen - self.total - self.again - reading.header_row - reading.under) > 0:
            reading.note("empty_rows", count=empty)
        if self.again:
            reading.note("header_again", count=self.again)

    def _mended(self, cells: Cells) -> Cells:
        better = repairing.mended_cells(cells)
        self.repaired += sum(one != other for one, other in zip(better, cells, strict=True))
        return better

    def _sampled(self, number: int) -> bool:
        many = len(self.sample)
        return many < SAMPLE or (number % STEP == 0 and many < 3 * SAMPLE)

    def _note(self, problem: str, line: int) -> None:
        self.problems[problem] += 1
        self.first.setdefault(problem, line)

    def _check(self) -> None:
        if self.total > self.limits.rows:
            raise Refusal("too_many_rows", limit=self.limits.rows)
        # Short records with many possible fields: few bytes of a file would fill the disk.
        stored = self.writer.bytes
        if self.size and stored > self.limits.stored_from and stored > self.limits.stored * self.size:
            raise Refusal("stored_too_big", ratio=self.limits.stored)

    def _widen(self, cells: dict[str, str | None]) -> None:
        """Fields that the first records do not have become columns of their own."""
        reading, room = self.reading, max(0, self.limits.columns - len(self.reading.columns))
        fresh = [key for key in cells if key not in self._known][:room]
        if not fresh:
            return
        self._known.update(fresh)
        reading.note("new_columns")
        every = [column.header for column in reading.columns] + fresh
        for key, name in list(zip(every, headers.names(every, len(every)), strict=True))[-len(fresh) :]:
            reading.columns.append(Column(name, key))


def fit(row: Row, reading: Reading, limits: Limits) -> tuple[Cells, str]:
    """The cells in the order of the columns, and what is wrong with the row."""
    count = len(reading.columns)
    problem = row.problem
    if isinstance(row.cells, dict):
        if problem in NUMBERED:
            return [row.cells.get("")], problem
        cells = [row.cells.get(column.header) for column in reading.columns]
    else:
        cells = row.cells
        if len(cells) > count:
            cells, problem = _shorten(cells, count, reading, problem)
        elif len(cells) < count and reading.format == "csv":
            problem = problem or "too_few_cells"
    if reading.called:
        cells = called(list(cells), reading.columns, reading.called)
    if any(cell is not None and len(cell) > limits.cell for cell in cells):
        return [cell[: limits.cell] if cell else cell for cell in cells], problem or "cut_cell"
    return cells, problem


def _shorten(cells: Cells, count: int, reading: Reading, problem: str) -> tuple[Cells, str]:
    extra = cells[count:]
    if not any(cell and cell.strip() for cell in extra):
        return cells[:count], problem
    if reading.rest_is_text and count:
        rest = (reading.delimiter or ",").join(cell or "" for cell in cells[count - 1 :])
        return [*cells[: count - 1], rest], problem
    return cells, problem or "too_many_cells"
