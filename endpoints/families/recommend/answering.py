"""A recommender answers: what is asked, with what was said and shown before, becomes cards, each with its reason."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from django.utils import translation
from django.utils.translation import gettext as _

from endpoints import correcting, serving, tokens
from endpoints.events import Done, Drawn, Event, Knowing, Piece, Request, Result, Usage
from endpoints.families.recommend import catalogue
from endpoints.families.recommend.correcting import Wanted
from endpoints.families.recommend.openings import asked_for, is_open, narrows
from endpoints.models import Message
from endpoints.words import language_of
from projects.enumerating import listed
from projects.whole import whole
from training.ml.prompts import question_of, search_text
from training.ml.recommend.picks import Item, Pick
from training.ml.recommend.wishes import FIRST, LONGEST, Wish, fits, parse

SHOWN = 5
MOST_LOOKED = 20_000
"""Things among which it is looked whether what was asked for is there at another price."""
NOT_THAT = re.compile(
    rf"^\s*(?:not|no|without|skip|remove)\s+(?:the\s+)?({'|'.join(FIRST)}|last)(?:\s+one)?\s*[.!]?\s*$"
    r"|^\s*(?:不要|去掉)第?\s*([一二三四五六七八九十\d]+)\s*个?\s*$",
    re.IGNORECASE,
)
ARTICLE = re.compile(r"^(?:an?|the|some|any)\s+", re.IGNORECASE)
CHINESE = "一二三四五六七八九十"


@dataclass(frozen=True)
class Asked:
    """What is looked for now."""

    query: str
    shown: list[str] = field(default_factory=list)  # the items of the last answer, in their order
    dropped: list[str] = field(default_factory=list)  # what the visitor does not want to see again
    liked: list[str] = field(default_factory=list)  # what the visitor asked for more of, oldest first
    meant: str = ""  # the one of the shown things that this sentence names


async def load(knowing: Knowing) -> None:
    """The model into the engine, which proves that it recommends as it did after training."""
    await serving.load(knowing.model, knowing.folder)


async def answer(request: Request) -> AsyncIterator[Event]:
    """Cards, the same in words, Done."""
    knowing, said = request.knowing, question_of(request.messages)[:LONGEST]
    things = catalogue.of_model(knowing)
    asked = understood(said, request.results)
    texts = dict.fromkeys(
        [asked_for(request.messages), search_text(request.messages)]
    )  # as corrections before were kept
    correction = await correcting.holding(request.project, list(texts))
    picks = await find(request, asked, Wanted.of(correction))
    wish = parse(asked.query)
    # Cards stand in a page, whose words are around them; only where nobody says which does the sentence tell.
    with translation.override(language_of("" if request.language else said, request.language)):
        cards = catalogue.cards(things, picks)
        note = lacking(things, wish, picks) if cards else ""
        text = in_words(cards, asked, note) if cards else nothing(things, wish)
    result: dict[str, object] = {"items": cards, "query": asked.query, "dropped": asked.dropped, "liked": asked.liked}
    if note:
        result["note"] = note
    if cards:
        yield Result("cards", result)
    yield Piece(text, 0)
    used = Usage(await tokens.count(knowing.base, [said]), await tokens.count(knowing.base, [text]))
    yield Done(Message.State.DONE, used)


async def find(request: Request, asked: Asked, wanted: Wanted) -> list[Pick]:
    """Picks of the engine under the owner's rules, what this visitor has put aside and what the team has corrected."""
    rules = {**request.rules, "exclude": [*request.rules.get("exclude", []), *asked.dropped], "shown": asked.shown}
    k = int(request.options.get("k", SHOWN))
    found = await serving.recommend(
        request.knowing.model,
        folder=request.knowing.folder,
        history=[item for item in asked.liked if item != asked.meant],  # the query names that one
        query=asked.query or None,
        k=k,
        rules=wanted.rules(rules),
        answers_with=request.knowing.answers_with,
    )
    return wanted.put_first(found, rules, k)


def understood(said: str, results: Sequence[Drawn]) -> Asked:
    """The sentence with the answers before it: "cheaper" and "for children" narrow down what was asked before."""
    last: Drawn = next((one for one in reversed(results) if one.get("kind") == "cards"), {})
    shown = [card["item"] for card in last.get("items", [])]
    dropped, liked = list(last.get("dropped", [])), list(last.get("liked", []))
    before = str(last.get("query", ""))
    if place := _put_aside(said, len(shown)):
        return Asked(before, shown, [*dropped, shown[place - 1]], liked)
    if is_open(said):
        return Asked("", shown, dropped, liked)
    wish = parse(said)
    if wish.place and shown and abs(wish.place) <= len(shown):
        chosen = shown[wish.place - 1 if wish.place > 0 else wish.place]
        return Asked(said, shown, dropped, [*[one for one in liked if one != chosen], chosen], chosen)
    query = f"{_kept(before, wish)} {said}".strip() if before and narrows(said, wish) else said
    return Asked(query, shown, dropped, liked)


def _kept(before: str, wish: Wish) -> str:
    """What still holds of the sentence before: a new price takes the old one's place."""
    if wish.price_max is None and wish.price_min is None:
        return before
    old = parse(before)
    return " ".join([old.text, *(f"without {word}" for word in old.without)])


def _put_aside(said: str, shown: int) -> int:
    """The place, from 1, of the card that the visitor does not want; 0 for none."""
    match = NOT_THAT.match(said)
    if not match or not shown:
        return 0
    word = (match.group(1) or match.group(2)).lower()
    place = shown if word == "last" else FIRST.index(word) + 1 if word in FIRST else 0
    if not place:
        place = CHINESE.index(word) + 1 if word in CHINESE else whole(word)
    return place if place <= shown else 0


def in_words(cards: Sequence[dict[str, object]], asked: Asked, note: str) -> str:
    """The cards as lines of text, for programs and for who hears the page read."""
    lines = []
    for number, card in enumerate(cards, 1):
        price = f", {card['price']}" if card["price"] else ""
        why = f" ({card['reason']})" if card["reason"] else ""
        lines.append(f"{number}. {card['title']}{price}{why}")
    opening = _("Here is what I found:") if asked.query else _("This is what many take. What are you looking for?")
    return "\n".join([note or opening, *lines])


def lacking(things: catalogue.Catalogue, wish: Wish, picks: Sequence[Pick]) -> str:
    """What was asked for and is not among what is shown: a price that nobody knows, or a thing at that price."""
    if not (wish.cheaper or wish.price_max is not None or wish.price_min is not None):
        return ""
    if all(item.price is None for item in things.values()):
        return _("I do not know any prices here, so these may cost more or less.")
    thing = ARTICLE.sub("", wish.text)
    if not thing or any(_is(things[pick.item], thing) for pick in picks if pick.item in things):
        return ""
    if not any(_is(item, thing) for item in islice(things.values(), MOST_LOOKED)):
        return ""  # at any price
    said = {
        -1: _("I found no cheaper “%(thing)s”. These come nearest:"),
        0: _("I found no “%(thing)s” at this price. These come nearest:"),
        1: _("I found no dearer “%(thing)s”. These come nearest:"),
    }[wish.cheaper]
    return said % {"thing": thing[:80]}


def _is(item: Item, text: str) -> bool:
    """Whether all the words stand in it."""
    return not fits(item, (text,))


def nothing(things: catalogue.Catalogue, wish: Wish) -> str:
    """Says that nothing fits, and which condition could be given up."""
    limited = wish.price_max is not None or wish.price_min is not None
    found = {
        -1: [_("I found nothing cheaper that fits.")],
        0: [_("I found nothing that fits all of this.")],
        1: [_("I found nothing dearer that fits.")],
    }[wish.cheaper]
    if limited and all(item.price is None for item in things.values()):
        found.append(_("I do not know any prices here. Ask without a price."))
    elif limited:
        found.append(_("Try another price."))
    if wish.without:
        found.append(_("Or leave out: not %(words)s.") % {"words": listed(wish.without)})
    if wish.in_stock:
        found.append(_("Or ask for things that are not in stock, too."))
    if len(found) == 1:
        found.append(_("Try it in other words."))
    return " ".join(found)
