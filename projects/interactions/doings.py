"""What the rows of a log are, in the log's own words: purchases, ratings, views … and entries where it does not say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from projects import columns
from projects.interactions.events import doing
from projects.interactions.understood import Understood

MOST = 0.9  # share of the rows that count of which one word must be true
ORDERS = ("basket", "quantity", "price")  # roles that only a log of orders has


@dataclass(frozen=True)
class Doing:
    """What a row says that somebody did."""

    counted: Promise
    """So many of them in a sentence; lazy, like the others."""
    title: Promise
    """What a number counts that stands by itself."""
    often: str | Promise
    """Over a list of things that have most of them."""

    def times(self, many: int) -> str:
        return str(self.counted % {"many": many, "n": number_format(many)})

    def called(self, many: int) -> str:
        return str(self.title % {"many": many})


ENTRIES = Doing(
    ngettext_lazy("%(n)s entry", "%(n)s entries", "many"),
    ngettext_lazy("entry in the log", "entries in the log", "many"),
    _("Most often in the log"),
)
DOINGS: dict[str, Doing] = {
    "bought": Doing(
        ngettext_lazy("%(n)s purchase", "%(n)s purchases", "many"),
        ngettext_lazy("purchase", "purchases", "many"),
        _("Bought most often"),
    ),
    "booked": Doing(
        ngettext_lazy("%(n)s booking", "%(n)s bookings", "many"),
        ngettext_lazy("booking", "bookings", "many"),
        _("Booked most often"),
    ),
    "visited": Doing(
        ngettext_lazy("%(n)s visit", "%(n)s visits", "many"),
        ngettext_lazy("visit", "visits", "many"),
        _("Visited most often"),
    ),
    "rated": Doing(
        ngettext_lazy("%(n)s rating", "%(n)s ratings", "many"),
        ngettext_lazy("rating", "ratings", "many"),
        _("Rated most often"),
    ),
    "liked": Doing(
        ngettext_lazy("%(n)s like", "%(n)s likes", "many"),
        ngettext_lazy("like", "likes", "many"),
        _("Liked most often"),
    ),
    "watched": Doing(
        ngettext_lazy("watched %(n)s time", "watched %(n)s times", "many"),
        ngettext_lazy("time watched", "times watched", "many"),
        _("Watched most often"),
    ),
    "read": Doing(
        ngettext_lazy("read %(n)s time", "read %(n)s times", "many"),
        ngettext_lazy("time read", "times read", "many"),
        _("Read most often"),
    ),
    "played": Doing(
        ngettext_lazy("played %(n)s time", "played %(n)s times", "many"),
        ngettext_lazy("time played", "times played", "many"),
        _("Played most often"),
    ),
    "clicked": Doing(
        ngettext_lazy("%(n)s click", "%(n)s clicks", "many"),
        ngettext_lazy("click", "clicks", "many"),
        _("Clicked most often"),
    ),
    "viewed": Doing(
        ngettext_lazy("%(n)s view", "%(n)s views", "many"),
        ngettext_lazy("view", "views", "many"),
        _("Viewed most often"),
    ),
}


def of(understood: Understood, mapping: Mapping[str, columns.Played], only: str = "") -> Doing:
    """What the rows of a log are: as its kinds of events say, else its ratings, or the columns that only orders have.

    ONLY: the one kind of event there is, where a column says nothing else and so plays no role."""
    counts = Counter[str]()
    for kind, about in understood.get("kinds", {}).items():
        if about["weight"]:
            counts[doing(kind, bool(understood.get("states")))] += about["rows"]
    if counts:
        word, many = counts.most_common(1)[0]
        return DOINGS.get(word, ENTRIES) if many >= MOST * counts.total() else ENTRIES
    if only and (word := doing(only)):
        return DOINGS[word]
    if understood.get("weight", {}).get("kind") in ("stars", "thumbs"):
        return DOINGS["rated"]
    if any(mapping.get(role) for role in ORDERS):
        return DOINGS["bought"]
    return DOINGS.get(doing(columns.first(mapping, "when")), ENTRIES)
