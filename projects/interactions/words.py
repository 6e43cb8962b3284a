"""What was understood of a log, in plain sentences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from projects import dates
from projects.interactions.figures import Figures

FEW_PEOPLE = 50  # with fewer, what others took says little
LEAST = 5  # people and items without which there is nothing to learn

FORMS: dict[str, str | Promise] = {
    "ymd": gettext_lazy("Year first"),
    "dmy": gettext_lazy("Day first"),
    "mdy": gettext_lazy("Month first"),
    "seconds": gettext_lazy("Seconds since 1970"),
    "milliseconds": gettext_lazy("Milliseconds since 1970"),
    "microseconds": gettext_lazy("Microseconds since 1970"),
    "nanoseconds": gettext_lazy("Nanoseconds since 1970"),
    "excel": gettext_lazy("Day numbers of a spreadsheet"),
    "compact": gettext_lazy("Eight digits: year, month, day"),
    "steps": gettext_lazy("Only an order"),
}
WHY: dict[str, str | Promise] = {
    "chosen": gettext_lazy("You said so."),
    "telling": gettext_lazy("Some dates can only be read in this way."),
    "rises": gettext_lazy("Read in this way, the file goes on in time from row to row."),
    "either": gettext_lazy("It could be the other way round just as well, so please look."),
}
MEANS: dict[str, str | Promise] = {
    "return": gettext_lazy("A return"),
    "cancel": gettext_lazy("Taken back or not wanted"),
    "shown": gettext_lazy("Only shown"),
    "cart": gettext_lazy("Nearly taken"),
    "wish": gettext_lazy("Liked"),
    "buy": gettext_lazy("Taken"),
    "click": gettext_lazy("Opened"),
    "view": gettext_lazy("Looked at"),
    "other": gettext_lazy("An event"),
}


def summary(told: Figures, steps: bool) -> str:
    """The log in one sentence."""
    who = ngettext("%(n)s person", "%(n)s people", told.people) % {"n": number_format(told.people)}
    what = ngettext("%(n)s item", "%(n)s different items", told.items) % {"n": number_format(told.items)}
    times = ngettext("%(n)s time", "%(n)s times", told.kept) % {"n": number_format(told.kept)}
    if told.begin is None or told.end is None or steps:
        return _("%(who)s took %(what)s, %(times)s in all.") % {"who": who, "what": what, "times": times}
    return _("%(who)s took %(what)s, %(times)s in all, from %(begin)s to %(end)s.") % {
        "who": who,
        "what": what,
        "times": times,
        "begin": day(told.begin),
        "end": day(told.end),
    }


def day(moment: float) -> str:
    return date_format(date_of(moment), "DATE_FORMAT")


def date_of(moment: float) -> date:
    return datetime.fromtimestamp(moment, UTC).date()


def span(told: Figures) -> str:
    """How long the log is, in the unit that fits."""
    days = told.days
    if days > 730:
        n = round(days / 365.25)
        return ngettext("%(n)s year", "%(n)s years", n) % {"n": number_format(n)}
    if days > 90:
        n = round(days / 30.44)
        return ngettext("%(n)s month", "%(n)s months", n) % {"n": number_format(n)}
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": number_format(days)}


def percent(share: float) -> str:
    """A share with the digits that matter: 12 %, 1.3 %, 0.02 %."""
    value = 100 * share
    digits = 0 if value >= 10 or not value else 1 if value >= 1 else 2 if value >= 0.1 else 3
    return _("%(n)s %%") % {"n": number_format(value, digits)}


def time(about: Mapping[str, Any]) -> dict[str, str]:
    """How moments were read: in words, with an example, and why."""
    kind, example = str(about.get("kind", "none")), str(about.get("example", ""))
    moment = dates.parse(example, kind) if kind != "steps" else None
    read = ""
    if moment is not None:
        clock = date_format(datetime.fromtimestamp(moment, UTC), "H:i") if moment % 86_400 else ""
        read = f"{day(moment)}, {clock}" if clock else day(moment)
    return {
        "form": str(FORMS.get(kind, "")),
        "example": example,
        "read": read,
        "why": str(WHY.get(str(about.get("reason", "")), "")),
    }


def thin(told: Figures, understood: Mapping[str, Any], titled: bool) -> list[tuple[str, str]]:
    """(kind of notice, sentence) about what is too thin to learn from."""
    said: list[tuple[str, str]] = []
    if told.kept and (told.people < LEAST or told.items < LEAST):
        said.append(("bad", too_little(told)))
    elif told.people < FEW_PEOPLE:
        text = ngettext(
            "Only %(n)s person is left. Recommendations are learned from what many people took: a few hundred work much better.",
            "Only %(n)s people are left. Recommendations are learned from what many people took: a few hundred work much better.",
            told.people,
        )
        said.append(("warn", text % {"n": number_format(told.people)}))
    if not understood.get("when"):
        said.append(("warn", _("No column says when. The order of the rows is taken as the order in time.")))
    elif understood["when"].get("kind") == "none":
        said.append(("warn", _("The times could not be read. The order of the rows is taken as the order in time.")))
    if understood.get("many_kinds"):
        said.append(("warn", _("The kinds of events are too many to be kinds, so that column is not used.")))
    if told.thin_people:
        said.append(("warn" if told.thin_people > 0.5 * told.people else "info", _thin_people(told)))
    if told.once_items:
        said.append(("warn" if told.once_items > 0.5 * told.items and not titled else "info", _once(told, titled)))
    return said


def _thin_people(told: Figures) -> str:
    text = ngettext(
        "%(n)s of %(all)s people took fewer than 5 times. Too little to know a taste: for them Atelier leans on what many like.",
        "%(n)s of %(all)s people took fewer than 5 times. Too little to know a taste: for them Atelier leans on what many like.",
        told.thin_people,
    )
    return text % {"n": number_format(told.thin_people), "all": number_format(told.people)}


def _once(told: Figures, titled: bool) -> str:
    facts = {"n": number_format(told.once_items), "all": number_format(told.items)}
    if titled:
        return _("%(n)s of %(all)s items were taken only once. They are recommended by what their texts say.") % facts
    return (
        _(
            "%(n)s of %(all)s items were taken only once, and nothing says what they are. A table of your items would help."
        )
        % facts
    )


def too_little(told: Figures) -> str:
    return _(
        "There is too little to learn from: %(people)s people and %(items)s items are left. It takes at least 5 of each, better hundreds."
    ) % {"people": number_format(told.people), "items": number_format(told.items)}
