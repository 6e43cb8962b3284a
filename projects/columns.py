"""The columns that play a role: mostly one, sometimes several whose cells are read together as one text.

In a stored mapping a role has a name, a list of names, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MOST = 5  # columns of one role
BETWEEN = "\n\n"

Played = str | list[str] | None
Places = Sequence[int]


def of(mapping: Mapping[str, object], role: str) -> list[str]:
    """The columns of a role, in the order in which their cells are read."""
    held = mapping.get(role)
    return [str(name) for name in held if name] if isinstance(held, list) else [str(held)] if held else []


def first(mapping: Mapping[str, Played], role: str) -> str:
    """The column of a role that only one can play; "" where none does."""
    return next(iter(of(mapping, role)), "")


def used(mapping: Mapping[str, Played]) -> list[str]:
    """Every column with a role."""
    return [name for role in mapping for name in of(mapping, role)]


def stored(names: Iterable[str]) -> Played:
    """The columns of a role as a mapping keeps them."""
    held = list(dict.fromkeys(name for name in names if name))[:MOST]
    return held if len(held) > 1 else held[0] if held else None


def places(mapping: Mapping[str, Played], names: Sequence[str]) -> dict[str, list[int]]:
    """Where in a row the cells of each role stand."""
    return {role: [names.index(name) for name in of(mapping, role)] for role in mapping if of(mapping, role)}


def remembered(held: Mapping[str, Any]) -> dict[str, list[int]]:
    """The same as rows files keep it; older ones have a single number."""
    return {role: at if isinstance(at, list) else [at] for role, at in held.items()}


def example(rows: Sequence[Sequence[str | None]], at: Places) -> str:
    """A text that all these cells have a part in; "" where no row has one."""
    full = (row for row in rows if all(place < len(row) and (row[place] or "").strip() for place in at))
    return next((text(row, at) for row in full), "")


def text(cells: Sequence[str | None], at: Places) -> str:
    """What a row says in a role: the filled cells, a blank line between them."""
    if len(at) == 1:
        return (cells[at[0]] or "") if at[0] < len(cells) else ""
    said = ((cells[place] or "").strip() for place in at if place < len(cells))
    return BETWEEN.join(part for part in said if part)


def texts(rows: Iterable[Sequence[str | None]], at: Places) -> list[str]:
    """What many rows say in a role."""
    if len(at) > 1:
        return [text(cells, at) for cells in rows]
    place = at[0]
    return [(cells[place] or "") if place < len(cells) else "" for cells in rows]
