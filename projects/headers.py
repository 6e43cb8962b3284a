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
    r"(grand |sub[- ]?)?totals?\b.{0,20}|sum|summe|gesamt|totaal|总计|合计|总和|小计|合計|小計|総計|합계|소계|总共|итого|toplam|suma|somme|totale|total général",
    re.I,
)
_AVERAGE = re.compile(r"averages?|mean|median|durchschnitt|mittelwert|moyenne|promedio|media|平均值?|均值", re.I)
# Second header rows: what survey tools write below a question, types and units.
_SURVEY = frozenset(
    [
        "open-ended response", "open-ended comment", "other (please specify)", "open ended response", "offene antwort", "sonstiges (bitte angeben)",
        "réponse ouverte", "autre (veuillez préciser)", "respuesta abierta", "otro (especifique)", "risposta aperta", "开放式回答", "其他（请注明）", "其他 (请注明)",
    ]
)  # fmt: skip
_GENERIC = _SURVEY | {"response", "responses", "score", "answer", "antwort", "réponse", "respuesta", "risposta", "回答"}
_TYPES = frozenset(
    [
        "text", "string", "str", "varchar", "char", "int", "integer", "bigint", "float", "double", "number", "numeric", "decimal", "bool",
        "boolean", "date", "datetime", "timestamp", "time", "object", "int64", "float64", "文本", "数字", "日期", "整数", "字符串",
    ]
)  # fmt: skip
_TYPE = re.compile(r"([a-z0-9]+|[\u4e00-\u9fff]+)(\(\d{1,5}(,\s?\d{1,3})?\))?", re.I)
_UNIT = re.compile(r"\([^()]{1,20}\)|\[[^\[\]]{1,20}\]")
_RULE = re.compile(r"[:+|]?(?:-{2,200}|={2,200})[:+|]?")  # as Markdown and command lines draw it
_CODE = re.compile(r"[A-Za-z]{1,4}\d{1,4}([._-]\w{1,12})*")
_IMPORTED = '{"ImportId"'
# What belongs to no row of the table: kept, flagged, and learned by nobody.
OUTSIDE = frozenset(["total_row", "note_row", "other_table"])
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


def header_lines(rows: Grid) -> int:
    """How many lines there are down to the first row of data: titles, the header, and what belongs to it."""
    place = find(rows)
    return place + below(rows, place)


def below(rows: Grid, place: int) -> int:
    """How many rows under the header (its number is PLACE) belong to it: 0, 1 or 2."""
    if not place or place >= len(rows):
        return 0
    import_ids = [at for at in (place, place + 1) if at < len(rows) and imported(rows[at])]
    if import_ids:
        return import_ids[0] - place + 1
    return int(_second(rows[place - 1], rows[place], rows[place + 1 :]))


def imported(row: Sequence[str | None]) -> bool:
    """A row that only the survey tool that wrote it understands."""
    cells = [cell.strip() for cell in row if cell and cell.strip()]
    return bool(cells) and all(cell.startswith(_IMPORTED) for cell in cells)


def _second(header: Sequence[str | None], row: Sequence[str | None], rest: Grid) -> bool:
    """Whether the row under the header names the columns once more: as survey tools do, with types, with units, or
    with words over columns of numbers and dates."""
    cells = [cell.strip().casefold() for cell in row if cell and cell.strip()]
    if (
        not cells
        or len(rest) < 2
        or [cell and cell.strip() for cell in header] == [cell and cell.strip() for cell in row]
    ):
        return False
    if any(cell in _SURVEY for cell in cells) or all(_RULE.fullmatch(cell) for cell in cells):
        return True
    if len(cells) >= 2 and all((kind := _TYPE.fullmatch(cell)) and kind[1] in _TYPES for cell in cells):
        return True
    worded = [place for place, cell in enumerate(row) if cell and not missing(cell) and not _plain(cell)]
    if all(_UNIT.fullmatch(cell) for cell in cells):
        return any(_plain_below(place, rest) for place in worded)
    numbers = [place for place in range(len(row)) if _plain_below(place, rest)]
    over = [place for place in numbers if place in worded]
    return len(over) >= 2 and all(place in worded or not row[place] for place in numbers)


def _plain(cell: str) -> bool:
    return is_number(cell) or is_date(cell)


def _plain_below(place: int, rest: Grid) -> bool:
    """Whether a column holds numbers or dates only."""
    under = [cell for line in rest[:50] if place < len(line) and (cell := line[place]) and not missing(cell)]
    return len(under) >= 5 and all(_plain(cell) for cell in under)


def joined(header: Sequence[str | None], second: Sequence[str | None]) -> list[str | None]:
    """One header of two rows: the second says what the first leaves open."""
    plain = [(cell or "").strip() for cell in header]
    below = [(cell or "").strip() for cell in second]
    found: list[str | None] = []
    group = ""  # a name over several columns
    for place in range(max(len(plain), len(below))):
        own, more = (cells[place] if place < len(cells) else "" for cells in (plain, below))
        beside = [cells[place + 1] if place + 1 < len(cells) else "" for cells in (plain, below)]
        group = own if own and not beside[0] and beside[1] else "" if own else group
        if not more or (own and more.casefold() in {*_GENERIC, own.casefold()}):
            found.append(own)
        elif not own:
            found.append(f"{group} {more}".strip())
        elif _CODE.fullmatch(own) and len(more) > len(own):
            found.append(f"{own}: {more}")
        else:
            found.append(f"{own} {more}" if group or plain.count(own) > 1 else own)
    return found


def again(cells: Sequence[str | None], heads: Sequence[Sequence[str]]) -> bool:
    """Whether a row is the header once more, as where files were put together by hand."""
    return any(
        len(cells) >= len(head)
        and all((cell or "").strip().casefold() == name for cell, name in zip(cells, head, strict=False))
        and not any(cell and cell.strip() for cell in cells[len(head) :])
        for head in heads
    )


def as_head(cells: Sequence[str | None]) -> list[str]:
    """A header row as later rows are compared with it; nothing where it says too little."""
    names = [(cell or "").strip().casefold() for cell in cells]
    while names and not names[-1]:
        names.pop()
    return names if sum(bool(name) for name in names) >= 2 else []


def _is_data(row: Sequence[str | None], below: Grid, skipped: bool) -> bool:
    cells = [cell.strip() for cell in row if cell and cell.strip()]
    plain = sum(is_number(cell) or is_date(cell) or missing(cell) for cell in cells)
    if _years(cells):
        return False
    if plain and plain >= 0.3 * len(cells):
        return True
    if skipped or _above_figures(row, below):
        return False
    return (plain > 0 and _like(row, below)) or _talks(row, below) or _comes_again(row, below) or _goes_on(row, below)


def _goes_on(row: Sequence[str | None], below: Grid) -> bool:
    """A sentence above sentences in a single column. What is asked in a form stands there as a question."""
    others = [line for line in below[:60] if full(line)]
    text = next((cell.strip() for cell in row if cell and cell.strip()), "")
    if full(row) != 1 or len(others) < 5 or any(full(line) != 1 for line in others) or text.endswith((*_ASKS, ":")):
        return False
    many = statistics.median(len(next(cell for cell in line if cell and cell.strip()).split()) for line in others)
    return len(text.split()) >= 4 and 0.4 * many <= len(text.split()) <= 2.5 * many


def _above_figures(row: Sequence[str | None], below: Grid) -> bool:
    """Words above a column of numbers or dates only name it, even where they ask: a form's questions are its header."""
    return any(
        cell and not missing(cell) and not _plain(cell) and _plain_below(place, below) for place, cell in enumerate(row)
    )


def _comes_again(row: Sequence[str | None], below: Grid) -> bool:
    """A cell that stands in many rows of its own column (ham, spam, ham ...) is a value, no name of a column."""
    under = [line for line in below if list(line) != list(row) and full(line)]
    for place, cell in enumerate(row):
        said = (cell or "").strip()
        if len(said) < 2 or missing(said):
            continue
        same = sum(place < len(line) and (line[place] or "").strip() == said for line in under)
        if same >= 3 and same >= 0.1 * len(under):
            return True
    return False


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
    numbers = [int(cell) for cell in cells if cell.isdecimal() and len(cell) == 4]
    steps = {after - before for before, after in itertools.pairwise(numbers)}
    return len(numbers) >= 2 and len(numbers) >= len(cells) - 2 and steps <= {1, -1} and not cells[0].isdecimal()


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
    name = texts[0].rstrip(" :：")
    summed = _TOTAL.fullmatch(name) or (rest and _AVERAGE.fullmatch(name))
    if summed and all(is_number(text) or missing(text) for text in rest):
        return "total_row"
    # Of two columns, a row with one cell is more likely a question without an answer.
    alone = not rest and bool(cells[0] and cells[0].strip()) and count > 1
    if alone and (_NOTE.match(texts[0]) or (count > 2 and (apart or len(texts[0]) >= 60))):
        return "note_row"
    return ""
