"""What the check page shows of a log of who took what when: numbers, a picture of time, findings, settings, items."""

from __future__ import annotations

import math

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects import columns, item_tables, refusals
from projects.formats import Finding, Reading
from projects.interactions import catalogue, doings, figures, flags, titling, words
from projects.interactions.figures import Figures
from projects.interactions.itemroles import ROLES
from projects.interactions.understood import Understood
from projects.mapping import plain
from projects.models import Dataset
from projects.views import _check, _remarks

WIDE, HIGH = 640, 140  # of the picture, in its own units
SHOWN_ITEMS = 5


def everything(found: Dataset) -> dict[str, object]:
    """The check page."""
    reading = Reading.from_json(found.reading)
    return {
        "facts": _check.facts(reading, found.report.get("languages", {})),
        "notes": [refusals.sentence(one.code, one.facts) for one in reading.notes],
        **_remarks.of_reading(found, [one for one in reading.warnings if not _expected(one, found)]),
        "needed": [
            role.title for role in found.project.case.roles if role.required and not found.mapping.get(role.name)
        ],
        **_check.preview(found, reading),
        **report(found),
        **table(found),
    }


def _expected(one: Finding, found: Dataset) -> bool:
    """Ids may be numbers here and letters there."""
    ids = [found.mapping.get(role) for role in ("person", "item", "basket")]  # each has one column
    return one.code == "odd_cells" and one.facts.get("column") in ids


def report(found: Dataset) -> dict[str, object]:
    """The numbers under the choices of now, with what can be chosen and undone."""
    if not found.report:
        return {"report": None}
    understood = found.report["understood"]
    told = figures.figures(found.rows_file, found.choices)
    titled = bool(found.items_mapping.get("item") or found.mapping.get("title"))
    return {
        "report": found.report,
        "told": told,
        **numbers(found, told),
        "said": _remarks.of_log(found, words.thin(told, understood, titled)),
        "findings": _findings(found),
        "settings": settings(found),
        "undoable": len(found.history),
        "chart": chart(found),
        "top": top(found, told),
        "share": told.kept / told.rows if told.rows else 0,
    }


def numbers(found: Dataset, told: Figures) -> dict[str, object]:
    """One sentence and the cards under it."""
    steps = found.report.get("understood", {}).get("when", {}).get("kind") == "steps"
    doing = doings.of(found.report.get("understood", {}), found.mapping, _only_kind(found))
    cards = [
        (number_format(told.people), ngettext("person", "people", told.people)),
        (number_format(told.items), ngettext("item", "different items", told.items)),
        (number_format(told.kept), doing.called(told.kept)),
        (words.span(told) if told.begin is not None and not steps else "", _("from first to last")),
        (number_format(told.baskets) if told.baskets else "", ngettext("basket", "baskets", told.baskets)),
        (
            number_format(told.median),
            ngettext("time by a typical person", "times by a typical person", math.ceil(told.median)),
        ),
        (words.percent(told.density), _("of all pairs of person and item")),
    ]
    sentence = words.summary(told, steps, doing)
    return {"sentence": sentence, "cards": [(value, title) for value, title in cards if value], "often": doing.often}


def _only_kind(found: Dataset) -> str:
    """The one kind of event of a log whose column of kinds says the same in every row."""
    words_of = {one for role in found.project.case.roles if role.name == "kind" for one in role.synonyms}
    free = [one for one in Reading.from_json(found.reading).columns if one.name not in columns.used(found.mapping)]
    same = (one.examples[0] for one in free if len(one.examples) == 1 and plain(one.name) in words_of)
    return next(same, "")


def _findings(found: Dataset) -> list[dict[str, object]]:
    chosen = flags.chosen(found.choices)
    return [
        {
            "flag": flag,
            "count": found.report["flags"][name],
            "choice": chosen[name],
            "example": _check.copied(found) if name == "duplicate" else "",
            "options": [(option, flag.called(option)) for option in flag.choices],
        }
        for name, flag in flags.FLAGS.items()
        if found.report["flags"].get(name)
    ]


def settings(found: Dataset) -> dict[str, object]:
    """How time, ratings and kinds of events were understood, each with what else it could be."""
    understood: Understood = found.report["understood"]
    when, weight = understood.get("when", {}), understood.get("weight", {})
    return {
        "time": {
            **words.time(when),
            "options": [(one, words.FORMS.get(one, one)) for one in when.get("options", [])],
            "choice": when.get("kind"),
            "sure": when.get("sure", True),
        }
        if when.get("kind", "none") != "none"
        else None,
        "liked": {
            "options": [(mark, number_format(mark)) for mark in weight["levels"]],
            "choice": f"{weight['liked']:g}",
            "from": number_format(f"{weight['liked']:g}"),
            "high": number_format(f"{weight['high']:g}"),
        }
        if weight.get("levels")
        else None,
        "amount": weight.get("kind") == "amount",
        "taken": words.taken(understood),
        "kinds": [
            {
                "name": kind,
                "flag": flags.KIND + kind,
                "rows": about["rows"],
                "means": words.MEANS.get(about["means"], ""),
                "fixed": about["means"] == "return",
                "choice": f"{about['weight']:g}",
                "options": list(flags.WEIGHTS.items()),
            }
            for kind, about in understood.get("kinds", {}).items()
        ],
    }


def chart(found: Dataset) -> dict[str, object] | None:
    """Bars of interactions over time, ready to draw, and the same as a table."""
    if found.report["understood"].get("when", {}).get("kind") in (None, "none", "steps"):
        return None
    bars = figures.over_time(found.rows_file, found.choices)
    if len(bars) < 2:
        return None
    most = max(many for _day, _days, many in bars)
    width = WIDE / len(bars)
    drawn = [
        {
            "x": round(place * width + width * 0.1, 2),
            "width": round(width * 0.8, 2),
            "y": round(HIGH - HIGH * many / most, 2),
            "height": round(HIGH * many / most, 2),
            "day": words.day(start),
            "many": many,
        }
        for place, (start, _days, many) in enumerate(bars)
    ]
    days = bars[0][1]
    title = {1: _("How many each day"), 7: _("How many each week")}.get(days) or _("How many in every %(n)s days") % {
        "n": number_format(days)
    }
    # The last step goes on to the last day that the log has, which the sentence above names.
    last = words.day(figures.last_day(found.rows_file, found.choices))
    return {"bars": drawn, "most": most, "title": title, "first": drawn[0]["day"], "last": last}


def top(found: Dataset, told: Figures) -> list[tuple[str, int]]:
    """The items that stand in it most often, by their titles."""
    known = titling.titles(found, [item for item, _many in told.top])
    return [(known.get(item) or item, many) for item, many in told.top]


def table(found: Dataset) -> dict[str, object]:
    """The table of items: what was understood of it, or why it could not be used, or that there is none."""
    told: dict[str, object] = {"table": None, "table_error": found.items_reading.get("error")}
    roles = found.items_mapping
    if not found.items or not found.items_file.exists():
        return told
    reading = Reading.from_json(found.items_reading)
    fit = found.items_reading.get("fit") or None
    examples = {column.name: column.examples for column in reading.columns}
    told["table"] = {
        "name": found.items.name,
        "rows": reading.rows,
        "fit": fit,
        "share": fit["known"] / fit["taken"] if fit and fit["taken"] else 0,
        "columns": [
            {
                "role": role,
                "options": reading.names,
                "choice": roles.get(role.name) or "",
                "reason": item_tables.reason(found, role.name),
                "sample": next(iter(examples.get(roles.get(role.name) or "", [])), ""),
            }
            for role in ROLES
        ],
        "items": catalogue.preview(found.items_file, roles, SHOWN_ITEMS) if roles.get("item") else [],
    }
    return told


def result(found: Dataset) -> dict[str, object]:
    """A ready log: what was kept, and why the rest was left out."""
    counts, known = found.amounts, flags.FLAGS
    reading = Reading.from_json(found.reading)
    there = found.rows_file.exists() and bool(found.report)
    told = figures.figures(found.rows_file, found.choices) if there else Figures()
    understood = found.report.get("understood", {})
    return {
        "facts": _check.facts(reading, found.report.get("languages", {})),
        "told": told,
        **numbers(found, told),
        "catalogue": counts.items,
        "tested": counts.test or 0,
        "said": _remarks.of_log(found, words.thin(told, understood, bool(found.items))) if there else [],
        "chart": chart(found) if there else None,
        "top": top(found, told) if there else [],
        "reasons": [(known[name].title if name in known else name, many) for name, many in counts.reasons.items()],
        **(_check.preview(found, reading) if found.rows_file.exists() else {}),
    }
