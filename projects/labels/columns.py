"""Several columns of labels: yes/no columns such as rude, late, cold; or label 1, label 2, label 3."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from django.utils.translation import gettext as _

from projects import labelwords as words
from projects.labels.names import fold, tidy
from projects.values import missing

LOOK = 2_000  # rows that say what a column is
MOST = 50  # columns
NAMELESS = {"", "column", "col", "field", "unnamed", "unnamed:", "v", "c", "x", "列", "字段"}  # no names, only numbers
Row = Sequence[str | None]


class StoredColumn(TypedDict):
    """A Column as the file of the rows keeps it."""

    place: int
    name: str
    yes_no: bool


@dataclass(frozen=True)
class Column:
    """A column of labels; a yes/no column stands for the label that it is named after."""

    place: int
    name: str
    yes_no: bool = False

    @classmethod
    def of(cls, stored: StoredColumn) -> Column:
        return cls(stored["place"], stored["name"], stored["yes_no"])

    def to_json(self) -> StoredColumn:
        return StoredColumn(place=self.place, name=self.name, yes_no=self.yes_no)


def cell(row: Row, columns: Sequence[Column], none: str) -> str:
    """The label cell of a row: as it is written, or a list (JSON) where several columns hold labels.

    NONE is the label of a row whose yes/no columns all say no."""
    if len(columns) == 1 and not columns[0].yes_no:
        return tidy(_at(row, columns[0].place))
    found: list[str] = []
    refused = False
    for column in columns:
        text = tidy(_at(row, column.place))
        if missing(text):
            continue
        if not column.yes_no:
            found.append(text)
        elif words.truth(fold(text)) == "true":
            found.append(column.name)
        else:
            refused = True
    if not found and not refused:
        return ""
    return json.dumps(list(dict.fromkeys(found)) or [none], ensure_ascii=False)


def none_of_these() -> str:
    """The label of a row whose yes/no columns all say no."""
    return _("none of these")


def understood(names: Sequence[str], chosen: Sequence[str], sample: Sequence[Row], several: bool) -> list[Column]:
    """The chosen columns, and which of them are yes/no columns (only where there are SEVERAL)."""
    places = [names.index(name) for name in chosen if name in names]
    return [Column(place, names[place], several and _yes_no(sample, place)) for place in places]


def alike(names: Sequence[str], label: str | None, texts: Sequence[str], sample: Sequence[Row]) -> list[str]:
    """The other columns that look like labels too, with the LABEL column; empty where there are none."""
    others = [name for name in names if name != label and name not in texts]
    numbered = [name for name in others if label and _stem(name) == _stem(label) and _stem(label) not in NAMELESS]
    if label and numbered and not any(_unique(sample, names.index(name)) for name in numbered):
        return [label, *numbered][:MOST]
    if label and not _yes_no(sample, names.index(label)):
        return []
    found = [name for name in others if _yes_no(sample, names.index(name))]
    wanted = [name for name in names if name == label or name in found]
    return wanted[:MOST] if len(wanted) > 1 else []


def _yes_no(sample: Sequence[Row], place: int) -> bool:
    """Whether a column says only yes and no (or 1 and 0), and both of them."""
    said = {words.truth(fold(text)) for row in sample if not missing(text := tidy(_at(row, place)))}
    return said == {"true", "false"}


def _unique(sample: Sequence[Row], place: int) -> bool:
    full = [text for row in sample if not missing(text := tidy(_at(row, place)))]
    return len(full) >= 10 and len(set(full)) > 0.5 * len(full)


def _stem(name: str) -> str:
    """A name without the number at its end: label_1 and label_2 are one column in two."""
    name = name.strip().casefold()
    bare = name.rstrip("0123456789")
    return bare.rstrip(" \t_-.") if bare != name else name


def _at(row: Row, place: int) -> str | None:
    return row[place] if place < len(row) else None
