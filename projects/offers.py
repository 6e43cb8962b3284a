"""What is offered for a dataset that waits for its check: another way of reading it, and what its family could make of
its rows. The check page shows offers as buttons; the command prints them and takes them with --accept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from projects import columns
from projects.columns import Played
from projects.formats import Reading

READINGS: dict[str, str | Promise] = {
    "rest_is_text": _("Take the rest of each line as text"),
    "all_sheets": _("Read all sheets with these columns"),
    "all_tables": _("Read all tables with these columns"),
    "without_hidden": _("Leave the hidden rows out"),
    "repair": _("Repair the characters"),
}

ELSEWHERE = 4  # other tables that get a button; all are in the form below


@dataclass(frozen=True)
class Offer:
    """Something to take or leave. Taken, it changes how the file is read (OVERRIDES), which column is what (MAPPING) or
    what is made of its rows (CHOICES); each holds all that stands there afterwards."""

    id: str
    title: str | Promise
    text: str | Promise = ""
    examples: tuple[str, ...] = ()
    overrides: dict[str, object] | None = None
    choices: dict[str, object] | None = None
    mapping: dict[str, Played] | None = None

    def to_json(self) -> dict[str, object]:
        return {"id": self.id, "title": str(self.title), "text": str(self.text), "examples": list(self.examples)}


class Guessed(TypedDict, total=False):
    """What a dataset keeps of a guess, as far as offers go."""

    maybe: list[str]


def of_reading(reading: Reading, overrides: Mapping[str, object]) -> list[Offer]:
    """Other ways of reading the file that are worth a button and were not taken yet."""
    open_ones = [name for name in reading.offers if not overrides.get(name)]
    return [Offer(name, READINGS[name], overrides={**overrides, name: True}) for name in open_ones]


def of_columns(reading: Reading, mapping: Mapping[str, Played], guesses: Mapping[str, Guessed]) -> list[Offer]:
    """Columns that could be read together as one text and are not."""
    found = []
    for role in mapping:
        held, maybe = columns.of(mapping, role), list((guesses.get(role) or {}).get("maybe", ()))
        if not held or not set(held) < set(maybe) or set(maybe) & (set(columns.used(mapping)) - set(held)):
            continue
        found.append(
            Offer(
                f"together-{role}",
                _("These columns could be read together"),
                _("As one text, a blank line between them: %(columns)s.") % {"columns": " + ".join(maybe)},
                (columns.example(reading.sample, columns.places({role: maybe}, reading.names).get(role, [])),),
                mapping={**mapping, role: columns.stored(maybe)},
            )
        )
    return found


def elsewhere(reading: Reading) -> list[tuple[str, str]]:
    """Other tables of the same file that could be meant, each with the field that picks it."""
    if reading.all_sheets:
        return []
    sheets = [
        ("sheet", one.name) for one in reading.sheets if one.rows and not one.hidden and one.name != reading.sheet
    ]
    tables = [("table", one.name) for one in reading.regions if one.name != reading.table]
    lists = [("path", one.name) for one in reading.lists if one.name not in reading.parts]
    return [*tables, *sheets, *lists][:ELSEWHERE]


def wanted(offers: Sequence[Offer], names: Sequence[str]) -> Offer | None:
    """The first offer that was asked for by its id, its kind (what its id begins with) or "all"."""
    for one in offers:
        if any(name in ("all", one.id, one.id.partition("-")[0]) for name in names):
            return one
    return None
