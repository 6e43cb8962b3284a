"""Whether the highlighted words decide, and what becomes of texts that belong nowhere; both in words."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.enumerating import sentences
from training.families.classify.report.certainty import percent
from training.families.classify.report.comparing import titles
from training.ml.classify.report import Report
from training.ml.scores import wilson

ENOUGH = 40
"""Of fewer texts that hardly ever change their label nothing can be said either."""


def explained(report: Report) -> str:
    """What happens to the answer when the highlighted words are deleted, beside as many words by chance."""
    found = report.explanations
    if found.deleted_top is None or not found.rows:
        return ""
    of = min(found.rows, 100)
    facts = {"n": number_format(of)}
    facts["top"], facts["chance"] = (
        number_format(round(one * of)) for one in (found.deleted_top, found.deleted_random)
    )
    said = (
        ngettext(
            "Without the words it highlights, the label changes in %(top)s of %(n)s text; without as many words "
            "taken by chance, in %(chance)s.",
            "Without the words it highlights, the label changes in %(top)s of %(n)s texts; without as many words "
            "taken by chance, in %(chance)s.",
            of,
        )
        % facts
    )
    return sentences([said, _deciding(found.deleted_top, found.deleted_random, found.rows)])


def _deciding(top: float, chance: float, rows: int) -> str:
    """What may be concluded of that: only what the intervals of both shares bear."""
    (least, _most), (_least, by_luck) = wilson(top, rows), wilson(chance, rows)
    if least > by_luck:
        if top > 2 * chance:
            return _("So the highlighted words are those that decide.")
        return _("So the highlighted words tell something, but not all.")
    if top > chance or rows < ENOUGH:
        return _("That is too little to tell whether the highlighted words are those that decide.")
    return _("So do not rely on the highlighted words: what decides is spread over the text.")


def beyond(report: Report) -> dict[str, object] | None:
    """Texts that belong to none of the labels: how many it notices."""
    found = report.out_of_scope
    ours = found.systems.get("tuned") if found else None
    if not found or not ours or ours.recall is None:
        return None
    facts = {"share": percent(ours.recall), "label": found.label}
    said = _("It notices %(share)s of the texts that belong nowhere (“%(label)s”).") % facts
    if ours.in_scope_accuracy is not None:
        said += " " + _("Of the others %(right)s are right.") % {"right": percent(ours.in_scope_accuracy)}
    systems = [
        (titles()[name], percent(one.recall), percent(one.in_scope_accuracy))
        for name, one in found.systems.items()
        if name in titles()
    ]
    return {"sentence": said, "systems": systems}
