"""What is offered for the labels of a dataset, and what taking it makes of the person's decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from projects.labels import examining, suggesting
from projects.labels.names import LIST, Decisions, parts
from projects.labels.suggesting import Suggestion
from projects.models import Dataset
from projects.offers import Offer

SHOWN = 8  # changes that stand for all of an offer


def offers(dataset: Dataset) -> list[Offer]:
    """The suggestions as offers, each with the choices that it leads to."""
    cells = examining.cells(dataset.rows_file)
    return [_offer(dataset, cells, one) for one in suggestions(dataset, cells)]


def _offer(dataset: Dataset, cells: Mapping[str, int], one: Suggestion) -> Offer:
    changes = [f"{old} → {new}" if new else old for old, _many, new in one.changes if old != new]
    choices = accepted(dataset, cells, [one])
    return Offer(one.id, one.title, suggesting.about(one), tuple(changes[:SHOWN]), choices=choices)


def suggestions(dataset: Dataset, cells: Mapping[str, int]) -> list[Suggestion]:
    """What is offered for these label cells of a dataset."""
    decisions = Decisions.of(dataset.choices)
    found = suggesting.suggest(cells, decisions, dataset.project.case.feelings)
    columns = examining.alike(dataset.rows_file)
    one = Suggestion("columns", tuple((name, 0, "") for name in columns))
    if not columns or decisions.columns or one.id in decisions.declined:
        return found
    # What is in the cells changes with it, so it comes alone; but not before a column that is called a label.
    guess = dataset.guesses.get(dataset.project.case.roles[1].name) or {}
    return [*found, one] if guess.get("reason") == "called" else [one]


def accepted(dataset: Dataset, cells: Mapping[str, int], found: Sequence[Suggestion]) -> dict[str, object]:
    """The choices of a dataset once these suggestions are taken."""
    decisions = Decisions.of(dataset.choices)
    for one in found:
        if one.kind == "columns":
            decisions = Decisions(split=LIST, columns=tuple(name for name, _many, _new in one.changes))
        elif one.kind == "split":
            decisions = replace(decisions, split=one.sign)
        else:
            decisions = renamed(decisions, cells, {old: new for old, _many, new in one.changes})
    return decisions.within(dataset.choices)


def renamed(decisions: Decisions, cells: Mapping[str, int], changes: Mapping[str, str | None]) -> Decisions:
    """The decisions with other names for labels as they are shown now."""
    names = dict(decisions.names)
    for part in {part for cell in cells for part in parts(cell, decisions.split)}:
        now = decisions.name(part)
        if now is not None and now in changes:
            names[part] = changes[now]
    return replace(decisions, names={old: new for old, new in names.items() if old != new})
