"""Whether something can be learned from data that is ready, and what is missing where it cannot."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from projects.errors import UserError
from projects.interactions.words import LEAST
from projects.models import Dataset

FEWEST = 8
"""Rows to learn from that a training asks for at least."""


def refusal(dataset: Dataset) -> UserError | None:
    """What is missing; None where a training can begin."""
    if dataset.state != Dataset.State.READY:
        return UserError(
            _("This data is not ready for training yet."),
            _("Nothing is lost."),
            _("Finish the check of the data first."),
            status=409,
        )
    if dataset.purpose == "test":
        return UserError(
            _("This data is kept for testing, so nothing can be trained on it."),
            "",
            _("Choose the data that is meant for training."),
            status=409,
        )
    if dataset.amounts.unlabelled and not dataset.amounts.kept:
        return UserError(
            _("No text of this data has a label yet."),
            _("Your texts are all there."),
            _("Label some of them first, on the page of the data."),
            status=409,
        )
    if (missing := _too_little(dataset)) is not None:
        return missing
    if dataset.amounts.label_count == 1:
        return UserError(
            _("All texts of this data have the same label, so there is nothing to tell apart."),
            _("Your texts are all there."),
            _("Label some texts differently first, or add data with other labels."),
            status=409,
        )
    return None


def _too_little(dataset: Dataset) -> UserError | None:
    """Less than any training takes, said before one waits for its turn."""
    counts = dataset.amounts
    items, people, rows = counts.taken, counts.people, counts.train
    if items is not None and items < LEAST:
        what = ngettext(
            "There is only %(found)s different item. At least %(needed)s are needed to choose from.",
            "There are only %(found)s different items. At least %(needed)s are needed to choose from.",
            items,
        )
        return _more(what, items, LEAST, _("Add a log with more different items, or with a longer stretch of time."))
    if people is not None and people < LEAST:
        what = ngettext(
            "There is only %(found)s person. At least %(needed)s are needed to learn from.",
            "There are only %(found)s people. At least %(needed)s are needed to learn from.",
            people,
        )
        return _more(what, people, LEAST, _("Add a longer stretch of your log and upload it again."))
    if rows is not None and rows < FEWEST:
        what = ngettext(
            "There is only %(found)s example to learn from. At least %(needed)s are needed.",
            "There are only %(found)s examples to learn from. At least %(needed)s are needed.",
            rows,
        )
        return _more(what, rows, FEWEST, _("Add more rows to your file and upload it again."))
    return None


def _more(what: str, found: int, needed: int, todo: str | Promise) -> UserError:
    told = what % {"found": number_format(found), "needed": number_format(needed)}
    return UserError(told, _("Your data is all there."), todo, status=409)
