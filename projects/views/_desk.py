"""What the labelling page shows: the text with its suggestion, the labels with their keys, how far it is."""

from __future__ import annotations

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects import label_names, labelling
from projects.labelling import Tally
from projects.models import Labelling, WaitingText
from projects.users import User

ENOUGH = 200
"""Labels after which a first model is worth training."""
RARE = 15
"""A label with fewer texts can hardly be learned."""


def state(desk: Labelling, user: User) -> dict[str, object]:
    told = labelling.tally(desk, user)
    labels: list[dict[str, Any]] = [
        {"name": one.name, "key": key, "count": told.labels.get(one.name, 0)} for one, key in label_names.keyed(desk)
    ]
    return {
        "labels": labels,
        "ready": len(labels) > 1,
        "tally": told,
        "most": max([one["count"] for one in labels] or [0]) or 1,
        "unused": [one["name"] for one in labels if not one["count"]],
        "agreement": agreement(told),
        "hint": hint(told),
        "enough": told.labelled + told.had >= ENOUGH,
        "may_finish": told.labelled >= labelling.FEWEST and desk.changed,
        "others": others(told.others),
    }


def text(found: WaitingText | None, labels: list[dict[str, object]]) -> dict[str, object]:
    """The text on the screen, and what it looks like."""
    if found is None:
        return {"text": None}
    names = {one["name"] for one in labels}
    suggested = [name for name in found.suggestion if name in names]
    return {
        "text": found,
        "suggested": suggested,
        "looks_like": ", ".join(suggested),
        "sure": _("%(n)s %%") % {"n": number_format(round((found.confidence or 0) * 100))},
    }


def agreement(told: Tally) -> str:
    if told.judged < 5:
        return ""
    return _("It would have guessed %(right)s of the last %(n)s.") % {
        "right": number_format(told.guessed),
        "n": number_format(told.judged),
    }


def hint(told: Tally) -> str:
    """When there is enough, and what helps most until then."""
    rare = sorted((many, name) for name, many in told.labels.items() if many < RARE)
    if told.total + told.had < ENOUGH:
        first = told.labelled + told.had >= labelling.FEWEST
        said = (
            _(
                "What is labelled is enough to try a first model. With about %(n)s labelled texts one can rely on it more."
            )
            if first
            else _("A first model needs about %(n)s labelled texts, so add more texts when these are done.")
        ) % {"n": number_format(ENOUGH)}
    elif told.labelled + told.had < ENOUGH:
        said = _("About %(n)s labels give a first model.") % {"n": number_format(ENOUGH)}
    else:
        said = _("This is enough for a first model. More labels still make it better.")
    if told.labelled < labelling.EVERY or not rare:
        return said
    return f"{said} " + ngettext(
        "More of the rare labels help most: “%(name)s” has %(many)s.",
        "More of the rare labels help most: “%(name)s” has %(many)s.",
        rare[0][0],
    ) % {"name": rare[0][1], "many": number_format(rare[0][0])}


def others(many: int) -> str:
    if not many:
        return ""
    return ngettext(
        "%(n)s other person labels now. You never get the same text.",
        "%(n)s other people label now. You never get the same text.",
        many,
    ) % {"n": number_format(many)}
