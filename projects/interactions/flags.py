"""What can be wrong with a line of a log, and what else a person decides about it."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from projects import quality
from projects.interactions.understood import Understood
from projects.quality import Flag
from projects.refusals import PROBLEMS

Text = str | Promise


def _flag(name: str, title: Text, help: Text, *choices: str, **names: Text) -> tuple[str, Flag]:
    return name, Flag(name, title, help, choices, choices[0], names)


_LATER = ("not_accepted", "other_table")

# In the order in which a reason is named when a row is left out for several.
FLAGS: dict[str, Flag] = {
    name: quality.FLAGS[name] for name in quality.FLAGS if name in PROBLEMS and name not in _LATER
} | dict(
    [
        _flag("no_item", _("No item"), _("Nothing says which item it was."), "drop"),
        _flag(
            "guest",
            _("Guests"),
            _("Nothing says who it was, so it cannot be joined with what else that person chose."),
            "drop",
        ),
        _flag("no_time", _("No readable time"), _("The time is missing or not written like the others."), "drop"),
        _flag("return", _("Returns and cancellations"), _("Sent back or cancelled; nobody wanted these."), "drop"),
        _flag(
            "returned",
            _("Given back later"),
            _("A purchase that a return or cancellation further down takes back completely."),
            "drop",
            "keep",
        ),
        _flag(
            "not_product",
            _("Not a product"),
            _("Postage, fees, discounts and corrections: lines that nobody should be recommended."),
            "drop",
            "keep",
        ),
        _flag(
            "kind_out",
            _("Kinds that do not count"),
            _(
                "By their kind they are no choice of anybody, such as refunded lines. “How it was read” says what counts."
            ),
            "drop",
        ),
        _flag(
            "not_liked",
            _("Not liked"),
            _("Rated below the mark, so it is no sign that more of it is wanted."),
            "drop",
            "keep",
        ),
        _flag(
            "duplicate",
            _("The same twice"),
            _("The same person has the same item on the same day or at the same time. Merged, it counts once."),
            "drop",
            "keep",
            drop=_("Merge"),
        ),
        _flag(
            "personal",
            _("Personal data"),
            _("People are named by their e-mail address. Masked, a made-up name takes its place."),
            "mask",
            "keep",
            "drop",
        ),
        # Behind the others, because the place of a flag is its bit in logs that were stored before.
        _flag(
            "cancelled",
            _("Cancelled orders"),
            _("A column of the file says that these orders were cancelled or refunded."),
            "drop",
            "keep",
        ),
        *((name, quality.FLAGS[name]) for name in _LATER),
    ]
)
BITS = {name: 1 << place for place, name in enumerate(FLAGS)}


def chosen(choices: Mapping[str, str]) -> dict[str, str]:
    """The choice for every flag: the person's where it is one of the flag's, else the default."""
    return {name: choices[name] if choices.get(name) in flag.choices else flag.default for name, flag in FLAGS.items()}


def dropping(choices: Mapping[str, str]) -> int:
    """The bits of the flags whose rows are left out under these choices."""
    return sum(BITS[name] for name, choice in chosen(choices).items() if choice == "drop")


def names_of(bits: int) -> list[str]:
    return [name for name, bit in BITS.items() if bits & bit]


def reason(bits: int, drop: int) -> str:
    """The first flag for which a row is left out."""
    return next((name for name, bit in BITS.items() if bits & drop & bit), "")


# Settings: what is understood of the log as a whole. Another choice means that the rows are looked at again.

WEIGHTS: dict[str, Text] = {
    "1": _("Counts fully"),
    "0.7": _("Counts for much"),
    "0.5": _("Counts half"),
    "0.3": _("Counts a little"),
    "0": _("Left out"),
}
KIND = "kind:"
SEVERAL, FILL, NAMED = "several", "fill", "named"  # cells with several items, gaps within an order, names for codes
YES, NO = "yes", "no"


def settings_of(understood: Understood) -> dict[str, tuple[str, ...]]:
    """Setting → what it can be set to, for this log."""
    found: dict[str, tuple[str, ...]] = {}
    if len(options := understood.get("when", {}).get("options", [])) > 1:
        found["dates"] = tuple(options)
    if levels := understood.get("weight", {}).get("levels", []):
        found["liked"] = tuple(levels)
    for name in _switches(understood):
        found[name] = (YES, NO)
    for value in understood.get("kinds", {}):
        found[KIND + value] = tuple(WEIGHTS)
    return found


def _switches(understood: Understood) -> dict[str, bool]:
    """What of a log is switched on or off as a whole, where it has such a thing."""
    parts = (
        (SEVERAL, understood.get("several")),
        (FILL, understood.get("filled")),
        (NAMED, understood.get("named")),
    )
    return {name: about["used"] for name, about in parts if about}


def as_understood(understood: Understood, choices: Mapping[str, str]) -> dict[str, str]:
    """Choices with which another file is read like this one."""
    when, weight, kinds = (understood.get("when") or {}, understood.get("weight") or {}, understood.get("kinds") or {})
    told = {KIND + kind: f"{about['weight']:g}" for kind, about in kinds.items()}
    if when.get("options"):
        told["dates"] = str(when["kind"])
    if weight.get("levels"):
        told["liked"] = f"{weight['liked']:g}"
    told |= {name: YES if used else NO for name, used in _switches(understood).items()}
    return told | dict(choices)


def allowed(understood: Understood, name: str) -> tuple[str, ...]:
    """What a flag or setting can be set to; empty where there is no such thing."""
    return FLAGS[name].choices if name in FLAGS else settings_of(understood).get(name, ())


def needs_another_look(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Whether a change of choices changes how rows are understood, not only which stay."""
    names = {name for name in (*before, *after) if name not in FLAGS and name != "items_offer"}
    return any(before.get(name) != after.get(name) for name in names)
