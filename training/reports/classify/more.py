"""Whether the highlighted words decide, and what becomes of texts that belong nowhere; both in words."""

from __future__ import annotations

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from training.reports.classify.certainty import percent
from training.reports.classify.comparing import titles


def explained(report: dict[str, Any]) -> str:
    """What happens to the answer when the highlighted words are deleted, beside as many words by chance."""
    found = report.get("explanations") or {}
    if "deleted_top" not in found or not found.get("rows", 1):
        return ""
    top, chance = float(found["deleted_top"]), float(found["deleted_random"])
    facts = {"top": number_format(round(top * 100)), "chance": number_format(round(chance * 100))}
    said = (
        _(
            "Without the words it highlights, the label changes in %(top)s of 100 texts; without as many words "
            "taken by chance, in %(chance)s."
        )
        % facts
    )
    if top > 2 * chance and top > 0:
        return f"{said} {_('So the highlighted words are those that decide.')}"
    if top > chance:
        return f"{said} {_('So the highlighted words tell something, but not all.')}"
    return f"{said} {_('So do not rely on the highlighted words: what decides is spread over the text.')}"


def beyond(report: dict[str, Any]) -> dict[str, Any] | None:
    """Texts that belong to none of the labels: how many it notices."""
    found = report.get("out_of_scope")
    ours = (found or {}).get("systems", {}).get("tuned")
    if not found or not ours or ours["recall"] is None:
        return None
    facts = {"share": percent(ours["recall"]), "label": found["label"]}
    said = _("It notices %(share)s of the texts that belong nowhere (“%(label)s”).") % facts
    if ours["in_scope_accuracy"] is not None:
        said += " " + _("Of the others %(right)s are right.") % {"right": percent(ours["in_scope_accuracy"])}
    systems = [
        (titles()[name], percent(one["recall"]), percent(one["in_scope_accuracy"]))
        for name, one in found["systems"].items()
        if name in titles()
    ]
    return {"sentence": said, "systems": systems}
