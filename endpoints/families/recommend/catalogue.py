"""The things a recommender may show, as its model folder lists them. Read once; no torch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from django.utils.translation import gettext as _

from endpoints import chat
from endpoints.events import Knowing
from projects import money
from projects.enumerating import listed
from training.ml.recommend.picks import Item, Pick, Why

FILE = "items.jsonl"
Catalogue = Mapping[str, Item]


def of_model(knowing: Knowing) -> Catalogue:
    """Every item by its id."""
    return of_folder(knowing.folder)


def of_folder(folder: Path) -> Catalogue:
    try:
        return _read(folder / FILE)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise chat.damaged(folder, error) from error


@lru_cache(maxsize=16)
def _read(path: Path) -> Catalogue:
    with path.open(encoding="utf-8") as lines:
        return {item.item: item for item in map(Item.from_json, map(json.loads, lines))}


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


def cards(catalogue: Catalogue, picks: Sequence[Pick]) -> list[dict[str, object]]:
    """Picks of the engine as cards: title, price in the reader's way, picture, link, and the reason in words."""
    shown = [pick for pick in picks if pick.item in catalogue]
    prices = [catalogue[pick.item].price for pick in shown]
    places = 2 if any(one is not None and one != int(one) for one in prices) else 0  # 699.00 beside 5.95
    return [_card(catalogue, pick, places) for pick in shown]


def _card(catalogue: Catalogue, pick: Pick, places: int) -> dict[str, object]:
    item = catalogue[pick.item]
    return {
        "item": item.item,
        "title": item.title,
        "category": item.category or "",
        "price": money.shown(item.price, places, item.currency or ""),
        "picture": secure(item.picture),
        "link": secure(item.link),
        "reason": reason(catalogue, pick.reason),
        "score": pick.score,
    }


def secure(address: str | None) -> str:
    """Addresses that a page may show: https, nothing that runs."""
    return address if address and address.startswith("https://") else ""


def reason(catalogue: Catalogue, why: Why) -> str:
    """Why it is shown, out of the model's own scores."""
    if why.kind == "because" and why.items:
        titles = list(dict.fromkeys(catalogue[item].title for item in why.items if item in catalogue))[:2]
        return _("Because of %(titles)s") % {"titles": _(" and ").join(titles)} if titles else ""
    if why.kind == "text" and why.words:
        return _("Fits “%(words)s”") % {"words": listed(why.words[:3])}
    return {
        "text": _("Fits what you asked for"),
        "rule": _("Put forward by the shop"),
        "popular": _("Many take this"),
    }.get(why.kind, "")
