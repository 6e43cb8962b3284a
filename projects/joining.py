"""Files of one shape in an archive are one table: found by their columns, read one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice

from projects import headers
from projects.enumerating import MORE
from projects.formats import Format, Reading, Refusal, Row
from projects.formats._records import is_test
from projects.source import Source

LOOK = 60  # rows in which the header is looked for
ALIKE = 0.6  # share of columns that two files must have in common
SHOWN = 5

Recognise = Callable[[Source], Format]


def first_of(names: Sequence[str], source: Source, recognise: Recognise) -> str:
    """The file of an archive to begin with: the largest, or where there are conversations or intents the first of these."""
    talks = [
        name for name in names if (form := _form(source, name, recognise)) is not None and (form.turns or form.leads)
    ]
    if talks:
        return min(talks)
    return next((name for name in names if _is_table(source, name, recognise)), names[0])


def join(form: Format, source: Source, reading: Reading, recognise: Recognise) -> None:
    """Notes the files that are read together with the one at hand, and names the others."""
    if len(reading.members) < 2:
        return
    shape = None if form.turns else _shape(form, source)
    alike = []
    for name in [member.name for member in reading.members]:
        inside = source.inside("zip", name, name)
        if name == reading.member or _fits(_form(source, name, recognise), form, shape, inside):
            alike.append(name)
    if len(alike) > 1:
        # A table's own file comes first, because its header is the one that counts.
        reading.joined = sorted(alike, key=lambda name: (not form.turns and name != reading.member, name))
        reading.note("joined", count=len(alike), names=_listed(reading.joined))
        if tests := [name for name in reading.joined if is_test(name.rpartition("/")[2].partition(".")[0])]:
            reading.note("own_test", names=_listed(tests))
    others = [member.name for member in reading.members if member.name not in alike]
    if others:
        reading.warn("members_left", count=len(others), names=_listed(others))


def _fits(other: Format | None, form: Format, shape: set[str] | None, part: Source) -> bool:
    if other is None or other.slug != form.slug:
        return False
    return bool(form.turns) or _same(shape, _shape(other, part))


def _is_table(source: Source, name: str, recognise: Recognise) -> bool:
    form = _form(source, name, recognise)
    shape = _shape(form, source.inside("zip", name, name)) if form is not None else set()
    return len(shape) > 1 or bool(shape and min(shape).endswith(" columns") and not min(shape).startswith("1 "))


def _listed(names: Sequence[str]) -> list[str]:
    """Names for a sentence, which sets them apart as its reader's language does: this process knows no language."""
    return [name[:80] for name in names[:SHOWN]] + ([MORE] if len(names) > SHOWN else [])


def _form(source: Source, name: str, recognise: Recognise) -> Format | None:
    try:
        return recognise(source.inside("zip", name, name))
    except Refusal as refusal:
        if refusal.code in ("bomb", "unpacks_too_big"):
            raise
        return None


def _shape(form: Format, part: Source) -> set[str]:
    """The names of the columns, as they are written in the head of a file."""
    reading = Reading(format=form.slug)
    try:
        if form.inspect is None or form.rows is None:
            return set()
        form.inspect(part, reading)
        head = list(islice(form.rows(part, reading), LOOK))
    except (Refusal, LookupError):
        return set()
    if form.keyed:
        return {key.casefold() for row in head if isinstance(row.cells, dict) and not row.problem for key in row.cells}
    grid = [list(row.cells) for row in head]
    place = headers.find(grid)
    return (
        {(cell or "").strip().casefold() for cell in grid[place - 1]} if place else {f"{headers.width(grid)} columns"}
    )


def _same(one: set[str] | None, other: set[str]) -> bool:
    return bool(one and other) and len(one & other) >= ALIKE * len(one | other)  # type: ignore[operator]


def rows(form: Format, parts: Sequence[Source], reading: Reading) -> Iterator[Row]:
    """The rows of all parts; those of a grid in the order of the first one's columns."""
    assert form.rows is not None
    assert form.inspect is not None
    wanted: list[str] = []
    for number, part in enumerate(parts):
        own = reading
        if number:
            own = Reading(format=form.slug)
            form.inspect(part, own)
        found = iter(form.rows(part, own))
        if form.keyed:
            yield from found
            continue
        head = list(islice(found, LOOK))
        place = headers.find([list(row.cells) for row in head])
        names = [(cell or "").strip().casefold() for cell in head[place - 1].cells] if place else []
        if not number:
            wanted = names
            yield from chain(head, found)
            continue
        order = [names.index(name) if name in names else -1 for name in wanted] if names else []
        for row in chain(head[place:], found):
            cells = list(row.cells)
            yield row._replace(cells=[cells[at] if 0 <= at < len(cells) else None for at in order]) if order else row
