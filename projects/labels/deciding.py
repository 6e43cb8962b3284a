"""What a person decides about labels on the check page; every step can be undone like any other choice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from projects import checking, quality
from projects.choices import Choices
from projects.errors import UserError
from projects.labels import examining, offering, suggesting
from projects.labels.names import Decisions, tidy
from projects.labels.offering import renamed
from projects.models import AuditEvent, Dataset
from projects.users import Doer

CONTRADICTIONS: dict[str, dict[str, str]] = {
    "keep": {"contradicting": "keep", "outvoted": "keep"},
    "majority": {"contradicting": "keep", "outvoted": "drop"},
    "drop": {"contradicting": "drop", "outvoted": "keep"},
}


@dataclass(frozen=True)
class Wish:
    """What the form said: the label (as shown) it is about, and what to do with it."""

    label: str = ""
    to: str = ""
    suggestion: str = ""
    choice: str = ""


def decide(dataset: Dataset, user: Doer, action: str, wish: Wish) -> None:
    """Does one of ACTIONS, as one step that can be undone."""
    work = _ACTIONS.get(action)
    if work is None or not dataset.report or not dataset.rows_file.exists():
        raise _unknown()
    choices = work(dataset, wish)
    if choices == dataset.choices:
        return
    checking.change(dataset, choices, [*dataset.history, dataset.choices][-checking.KEPT_CHANGES :])
    said = {name: value for name, value in vars(wish).items() if value}
    AuditEvent.record(dataset.project.team, user, "dataset.labels", dataset.name, step=action, **said)


def contradiction_choice(choices: Choices) -> str:
    """keep, majority or drop."""
    now = quality.chosen(choices)
    if now["contradicting"] == "drop":
        return "drop"
    return "majority" if now["outvoted"] == "drop" else "keep"


# The steps; each gives the choices afterwards -------------------------------------------------------------


def _accept(dataset: Dataset, wish: Wish) -> dict[str, object]:
    cells = examining.cells(dataset.rows_file)
    found = suggesting.find(offering.suggestions(dataset, cells), wish.suggestion)
    if not found:
        raise _unknown()
    return offering.accepted(dataset, cells, found)


def _decline(dataset: Dataset, wish: Wish) -> dict[str, object]:
    decisions = Decisions.of(dataset.choices)
    declined = tuple(dict.fromkeys((*decisions.declined, wish.suggestion[:100])))
    return replace(decisions, declined=declined[-500:]).within(dataset.choices)


def _rename(dataset: Dataset, wish: Wish) -> dict[str, object]:
    new = tidy(wish.to)
    if not new:
        raise UserError(_("The label has no name."), _("Nothing was changed."), _("Write the name it should have."))
    return _with_names(dataset, wish.label, new)


def _leave_out(dataset: Dataset, wish: Wish) -> dict[str, object]:
    return _with_names(dataset, wish.label, None)


def _bring_back(dataset: Dataset, wish: Wish) -> dict[str, object]:
    """Takes a label in again that was left out; it is named as it is written."""
    decisions = Decisions.of(dataset.choices)
    if wish.label not in decisions.names or decisions.names[wish.label] is not None:
        raise _unknown()
    names = {name: new for name, new in decisions.names.items() if name != wish.label}
    return replace(decisions, names=names).within(dataset.choices)


def _keep(dataset: Dataset, wish: Wish) -> dict[str, object]:
    decisions = Decisions.of(dataset.choices)
    if wish.label not in suggesting.shown_labels(examining.cells(dataset.rows_file), decisions):
        raise _unknown()
    return replace(decisions, kept=tuple(dict.fromkeys((*decisions.kept, wish.label)))).within(dataset.choices)


def _contradictions(dataset: Dataset, wish: Wish) -> dict[str, object]:
    if wish.choice not in CONTRADICTIONS:
        raise _unknown()
    if wish.choice == contradiction_choice(dataset.choices):
        return dict(dataset.choices)
    return {**dataset.choices, **CONTRADICTIONS[wish.choice]}


def _with_names(dataset: Dataset, label: str, new: str | None) -> dict[str, object]:
    cells = examining.cells(dataset.rows_file)
    decisions = Decisions.of(dataset.choices)
    if label not in suggesting.shown_labels(cells, decisions):
        raise _unknown()
    return renamed(decisions, cells, {label: new}).within(dataset.choices)


_ACTIONS: dict[str, Callable[[Dataset, Wish], dict[str, object]]] = {
    "accept": _accept,
    "decline": _decline,
    "rename": _rename,
    "leave_out": _leave_out,
    "bring_back": _bring_back,
    "keep": _keep,
    "contradictions": _contradictions,
}


def _unknown() -> UserError:
    return UserError(
        _("That is not there any more."), _("Nothing was changed."), _("Reload the page and choose again.")
    )
