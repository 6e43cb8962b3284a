"""The things a recommender may show, as its model folder lists them. Read once; no torch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from endpoints.events import Knowing
from training.ml.recommend.picks import Item

FILE = "items.jsonl"
Catalogue = Mapping[str, Item]


def of_model(knowing: Knowing) -> Catalogue:
    """Every item by its id."""
    return _read(knowing.folder / FILE)


@lru_cache(maxsize=16)
def _read(path: Path) -> Catalogue:
    with path.open(encoding="utf-8") as lines:
        return {item.item: item for item in map(Item.from_dict, map(json.loads, lines))}


def search(catalogue: Catalogue, words: str, most: int = 20) -> list[Item]:
    """Items whose title or id holds all the words, those that begin with them first."""
    wanted = words.casefold().split()
    if not wanted:
        return []
    found = [
        item for item in catalogue.values() if all(word in f"{item.title} {item.item}".casefold() for word in wanted)
    ]
    return sorted(found, key=lambda item: (not item.title.casefold().startswith(wanted[0]), item.title))[:most]


def categories(catalogue: Catalogue) -> list[str]:
    return sorted({item.category for item in catalogue.values() if item.category})


def cards(catalogue: Catalogue, picks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Picks of the engine as cards: title, price in the reader's way, picture, link, and the reason in words."""
    return [_card(catalogue, pick) for pick in picks if pick["item"] in catalogue]


def _card(catalogue: Catalogue, pick: dict[str, Any]) -> dict[str, Any]:
    item = catalogue[pick["item"]]
    return {
        "item": item.item,
        "title": item.title,
        "category": item.category or "",
        "price": price(item.price),
        "picture": secure(item.picture),
        "link": secure(item.link),
        "reason": reason(catalogue, pick["reason"]),
        "score": pick["score"],
    }


def price(value: float | None) -> str:
    """The number alone: which money it is does not stand in the data."""
    return "" if value is None else str(number_format(value, 0 if value == int(value) else 2, force_grouping=True))


def secure(address: str | None) -> str:
    """Addresses that a page may show: https, nothing that runs."""
    return address if address and address.startswith("https://") else ""


def reason(catalogue: Catalogue, why: dict[str, Any]) -> str:
    """Why it is shown, out of the model's own scores."""
    if why["kind"] == "because" and why["items"]:
        titles = list(dict.fromkeys(catalogue[item].title for item in why["items"] if item in catalogue))[:2]
        return _("Because of %(titles)s") % {"titles": _(" and ").join(titles)} if titles else ""
    if why["kind"] == "text" and why["words"]:
        return _("Fits “%(words)s”") % {"words": ", ".join(why["words"][:3])}
    return {
        "text": _("Fits what you asked for"),
        "rule": _("Put forward by the shop"),
        "popular": _("Many take this"),
    }.get(why["kind"], "")
