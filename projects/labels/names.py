"""What a label cell says: its parts, their plain form, and the name that a person decided on."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from dataclasses import asdict, dataclass, field

from projects import labelwords as words
from projects.choices import Choices
from projects.values import missing

KEY = "labels"  # where the decisions stand among the choices of a dataset
LONGEST = 500
# Signs without a width that come with copied text: nobody sees them, so they tell no labels apart.
INVISIBLE = dict.fromkeys(map(ord, "\0\u00ad\u200b\u200c\u200e\u200f\u2060\ufeff\u202a\u202c"), "")
LIST = "[ , ]"  # stands for the separator where cells are lists such as ["late", "rude"]
_QUOTED = re.compile(r""""([^"]*)"|'([^']*)'""")


@dataclass(frozen=True)
class Decisions:
    """What a person decided about the labels of a dataset; stored as JSON in its choices."""

    names: dict[str, str | None] = field(default_factory=dict)  # as written → as shown; None leaves the label out
    split: str = ""  # the sign between several labels in one cell
    kept: tuple[str, ...] = ()  # rare labels that stay
    declined: tuple[str, ...] = ()  # ids of suggestions that were not wanted
    columns: tuple[str, ...] = ()  # where several columns hold labels

    @classmethod
    def of(cls, choices: Choices) -> Decisions:
        stored = choices.get(KEY) or {}
        return cls(
            dict(stored.get("names", {})),
            str(stored.get("split", "")),
            tuple(stored.get("kept", ())),
            tuple(stored.get("declined", ())),
            tuple(stored.get("columns", ())),
        )

    def within(self, choices: Choices) -> dict[str, object]:
        """The choices with these decisions in them."""
        stored = {name: value for name, value in asdict(self).items() if value}
        return {**{name: value for name, value in choices.items() if name != KEY}, **({KEY: stored} if stored else {})}

    def labels(self, cell: str) -> list[str]:
        """The labels of a cell as they are shown, in its order; empty where the cell has none that stays."""
        return list(dict.fromkeys(name for part in self.parts(cell) if (name := self.name(part))))

    def parts(self, cell: str) -> list[str]:
        return parts(cell, self.split)

    def name(self, part: str) -> str | None:
        return self.names.get(part, part)


def tidy(cell: str | None) -> str:
    """The cell with single blanks and none around it."""
    plain = html.unescape(cell or "") if "&" in (cell or "") else cell or ""
    return " ".join(plain.translate(INVISIBLE).split())[:LONGEST]


def parts(cell: str, sign: str = "") -> list[str]:
    """The labels in a cell as they are written; with a SIGN between them there can be several."""
    if sign == LIST:
        several = listed(cell)
    else:
        several = cell.split(sign) if sign else [cell]
    found = (tidy(part) for part in ([cell] if several is None else several))
    return list(dict.fromkeys(part for part in found if not missing(part)))


def listed(cell: str) -> list[str] | None:
    """What a list in brackets holds, as JSON or as programs print it; None where the cell is no list.

    A labelling tool writes {"choices": ["late", "rude"]} for several and a plain word for one."""
    if cell[:1] == "{" and cell[-1:] == "}":
        try:
            held = json.loads(cell)
        except (ValueError, RecursionError):
            return None
        only = held if isinstance(held, dict) and len(held) == 1 else {}
        return _of_object(only) if isinstance(next(iter(only.values()), None), list) or only.keys() & _KEYS else None
    if cell[:1] != "[" or cell[-1:] != "]":
        return None
    try:
        return [name for one in json.loads(cell) for name in _of_object(one)]
    except (ValueError, RecursionError):
        quoted = [one or other for one, other in _QUOTED.findall(cell)]
        return quoted or cell[1:-1].split(",")


# Under which name a labelling tool writes what a person chose, in an object that can say more (where, by whom).
_KEYS = {"choices": 0, "labels": 1, "label": 2, "rating": 3, "taxonomy": 4, "name": 5, "value": 6}


def _of_object(one: object) -> list[str]:
    """The labels in an element of a list: itself, or what a tool's object around it holds."""
    if not isinstance(one, dict):
        return [str(one)]
    key = min((key for key in one if key in _KEYS), key=lambda key: _KEYS[key], default=None)
    if key is None and len(one) != 1:
        return [str(one)]
    chosen = one[key] if key is not None else next(iter(one.values()))
    some = chosen if isinstance(chosen, list) else [chosen]
    # A choice in a tree is the way to it.
    return [" / ".join(map(str, name)) if isinstance(name, list) else str(name) for name in some]


def fold(label: str) -> str:
    """The label as far as everybody would call it the same: no case, no punctuation, single blanks.

    Signs that are more than punctuation (a star, a thumb) stay, and so do a minus before a number and the mark of C#."""
    plain = words.without_skin(unicodedata.normalize("NFKC", label)).casefold().strip()
    if plain[:1] == "-" and plain[1:].strip().isdecimal():
        return plain
    kept = "".join(
        " " if unicodedata.category(char)[0] in "PZ" and char not in "#%" else char
        for char in plain
        if unicodedata.category(char) != "Mn"
    )
    return " ".join(kept.split()) or plain
