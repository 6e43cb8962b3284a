"""What was understood of a log, in plain sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from projects import dates, moments
from projects.dates import Form
from projects.interactions import flags
from projects.interactions.doings import Doing
from projects.interactions.figures import Figures
from projects.interactions.understood import Understood

FEW_PEOPLE = 50  # with fewer, what others took says little
LEAST = 20  # people and items without which there is nothing to learn; a training asks for as many
NOTHING = 5  # people and items below which a log is not even kept as data; one between waits for more

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
    "cancel": gettext_lazy("Cancelled or not wanted"),
    "shown": gettext_lazy("Only shown"),
    "cart": gettext_lazy("Nearly bought"),
    "wish": gettext_lazy("Liked"),
    "buy": gettext_lazy("Bought or booked"),
    "click": gettext_lazy("Opened"),
    "view": gettext_lazy("Looked at"),
    "other": gettext_lazy("An event"),
}


def order_of_days(mapping: Mapping[str, object], understood: Understood) -> list[str]:
    """Which way dates are read of which none can be only that, and why."""
    when = understood.get("when") or {}
    if when.get("reason") not in ("either", "rises") or when.get("kind") not in FORMS:
        return []
    return [f"{mapping.get('when')}: {FORMS[when['kind']]}. {WHY[when['reason']]}"]


def summary(told: Figures, steps: bool, doing: Doing) -> str:
    """The log in one sentence."""
    who = ngettext("%(n)s person", "%(n)s people", told.people) % {"n": number_format(told.people)}
    what = ngettext("%(n)s item", "%(n)s different items", told.items) % {"n": number_format(told.items)}
    times = doing.times(told.kept)
    if told.begin is None or told.end is None or steps:
        return _("%(who)s, %(what)s, %(times)s in all.") % {"who": who, "what": what, "times": times}
    return _("%(who)s, %(what)s, %(times)s in all, from %(begin)s to %(end)s.") % {
        "who": who,
        "what": what,
        "times": times,
        "begin": day(told.begin),
        "end": day(told.end),
    }


def day(moment: float) -> str:
    return moments.long_day(date_of(moment))


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


def time(about: Form) -> dict[str, str]:
    """How moments were read: in words, with an example, and why."""
    kind, example = str(about.get("kind", "none")), str(about.get("example", ""))
    moment = dates.parse(example, kind) if kind != "steps" else None
    read = ""
    if moment is not None:
        clock = moments.clock(datetime.fromtimestamp(moment, UTC).replace(tzinfo=None)) if moment % 86_400 else ""
        read = f"{day(moment)}, {clock}" if clock else day(moment)
    return {
        "form": str(FORMS.get(kind, "")),
        "example": example,
        "read": read,
        "why": str(WHY.get(str(about.get("reason", "")), "")),
    }


TAKEN: dict[str, str | Promise] = {flags.YES: gettext_lazy("Yes"), flags.NO: gettext_lazy("No")}
ROLES: dict[str, str | Promise] = {
    "person": gettext_lazy("who it was"),
    "when": gettext_lazy("when it was"),
    "kind": gettext_lazy("the kind of event"),
}


@dataclass(frozen=True)
class Taken:
    """Something that was made of cells or rows, in words, with the switch that undoes it."""

    flag: str
    title: str
    text: str
    used: bool
    look: bool = False  # whether a person should look at it

    @property
    def choice(self) -> str:
        return flags.YES if self.used else flags.NO

    @property
    def options(self) -> list[tuple[str, str | Promise]]:
        return list(TAKEN.items())


def taken(understood: Understood) -> list[Taken]:
    """What was made of cells and rows: cells taken apart, gaps filled, names for codes."""
    found = []
    if several := understood.get("several"):
        cell = {"cell": several["example"][:160], "parts": "; ".join(several["parts"])}
        found.append(
            Taken(
                flags.SEVERAL,
                _("Some cells hold several things. Take them apart?"),
                _("“%(cell)s” holds: %(parts)s.") % cell,
                several["used"],
                look=not several["clear"] and not several["decided"],
            )
        )
    if filled := understood.get("filled"):
        rows = ngettext("%(n)s row", "%(n)s rows", filled["rows"]) % {"n": number_format(filled["rows"])}
        said = {"what": ", ".join(str(ROLES[role]) for role in filled["roles"]), "rows": rows}
        found.append(
            Taken(
                flags.FILL,
                _("Only the first line of an order says everything. Fill the others?"),
                _("%(rows)s get from the first line of their order: %(what)s.") % said,
                filled["used"],
            )
        )
    if named := understood.get("named"):
        text = ngettext(
            "%(n)s row has a name and no code. It gets the code that the name has elsewhere, else the name is the code.",
            "%(n)s rows have a name and no code. They get the code that the name has elsewhere, else the name is the code.",
            named["rows"],
        )
        found.append(
            Taken(
                flags.NAMED,
                _("Codes are missing. Take the names?"),
                text % {"n": number_format(named["rows"])},
                named["used"],
            )
        )
    return found


@dataclass(frozen=True)
class Thin:
    """Something that is too thin to learn from, in words; by its code the page knows what cures it."""

    code: str
    kind: str  # of notice
    text: str


def thin(told: Figures, understood: Understood, titled: bool) -> list[Thin]:
    """What is too thin to learn from."""
    said: list[Thin] = []
    if told.kept and (told.people < LEAST or told.items < LEAST):
        said.append(Thin("too_little", "bad", too_little(told)))
    elif told.people < FEW_PEOPLE:
        text = ngettext(
            "Only %(n)s person is left. Recommendations are learned from what many people chose: a few hundred work much better.",
            "Only %(n)s people are left. Recommendations are learned from what many people chose: a few hundred work much better.",
            told.people,
        )
        said.append(Thin("few_people", "warn", text % {"n": number_format(told.people)}))
    if not understood.get("when"):
        text = _("No column says when. The order of the rows is taken as the order in time.")
        said.append(Thin("no_time", "warn", text))
    elif understood["when"].get("kind") == "none":
        text = _("The times could not be read. The order of the rows is taken as the order in time.")
        said.append(Thin("time_unread", "warn", text))
    if understood.get("many_kinds"):
        text = _("The kinds of events are too many to be kinds, so that column is not used.")
        said.append(Thin("many_kinds", "warn", text))
    if told.thin_people:
        kind = "warn" if told.thin_people > 0.5 * told.people else "info"
        said.append(Thin("thin_people", kind, _thin_people(told)))
    if told.once_items:
        kind = "warn" if told.once_items > 0.5 * told.items and not titled else "info"
        said.append(Thin("once_titled" if titled else "once_untitled", kind, _once(told, titled)))
    return said


def _thin_people(told: Figures) -> str:
    text = ngettext(
        "%(n)s of %(all)s people stands in the log fewer than 5 times. Too little to know a taste: for them Atelier leans on what many like.",
        "%(n)s of %(all)s people stand in the log fewer than 5 times. Too little to know a taste: for them Atelier leans on what many like.",
        told.thin_people,
    )
    return text % {"n": number_format(told.thin_people), "all": number_format(told.people)}


def _once(told: Figures, titled: bool) -> str:
    facts = {"n": number_format(told.once_items), "all": number_format(told.items)}
    if titled:
        text = ngettext(
            "%(n)s of %(all)s items stands in the log only once. It is recommended by what its text says.",
            "%(n)s of %(all)s items stand in the log only once. They are recommended by what their texts say.",
            told.once_items,
        )
        return text % facts
    text = ngettext(
        "%(n)s of %(all)s items stands in the log only once, and nothing says what it is. A table of your items would help.",
        "%(n)s of %(all)s items stand in the log only once, and nothing says what they are. A table of your items would help.",
        told.once_items,
    )
    return text % facts


def too_little(told: Figures) -> str:
    who = ngettext("%(n)s person", "%(n)s people", told.people) % {"n": number_format(told.people)}
    what = ngettext("%(n)s item", "%(n)s different items", told.items) % {"n": number_format(told.items)}
    return _(
        "There is too little to learn from. What is left: %(who)s, %(what)s. It takes at least %(least)s of each, better hundreds."
    ) % {"who": who, "what": what, "least": number_format(LEAST)}
