"""A recommender answers: what is asked, with what was said and shown before, becomes cards, each with its reason."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from endpoints import catalogue, serving
from endpoints.events import Done, Event, Knowing, Piece, Request, Result, Usage
from endpoints.models import Message
from endpoints.words import language_of, rough_tokens
from training.ml.prompts import question_of
from training.ml.recommend.wishes import FIRST, LONGEST, Wish, parse

SHOWN = 5
SHORT = 4
"""A sentence of so few words that begins with "for" or "in" narrows down the one before."""
NARROWING = re.compile(r"^(?:(?:for|in|with|made of|from|and|but)\b|给|适合)", re.IGNORECASE)
GREETING = re.compile(r"^\W*(?:hi|hello|hey|good (?:morning|evening|day)|你好|您好|嗨)\W*$", re.IGNORECASE)
OPEN = re.compile(
    r"^\W*(?:what do others like|what is popular|surprise me|anything|show me something|recommend something|"
    r"有什么推荐|随便|大家都喜欢什么)\W*$",
    re.IGNORECASE,
)
NOT_THAT = re.compile(
    rf"^\s*(?:not|no|without|skip|remove)\s+(?:the\s+)?({'|'.join(FIRST)}|last)(?:\s+one)?\s*[.!]?\s*$"
    r"|^\s*(?:不要|去掉)第?\s*([一二三四五六七八九十\d]+)\s*个?\s*$",
    re.IGNORECASE,
)
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
    picks = await find(request, asked)
    with translation.override(language_of(said, request.language)):
        cards = catalogue.cards(things, picks)
        text = in_words(cards, asked, said) if cards else nothing(parse(asked.query))
    result = {"items": cards, "query": asked.query, "dropped": asked.dropped, "liked": asked.liked}
    if cards:
        yield Result("cards", result)
    yield Piece(text, 0)
    yield Done(Message.State.DONE, Usage(rough_tokens(said), rough_tokens(text)))


async def find(request: Request, asked: Asked) -> list[dict[str, Any]]:
    """Picks of the engine under the owner's rules and what this visitor has put aside."""
    rules = dict(request.rules)
    rules["exclude"] = [*rules.get("exclude", []), *asked.dropped]
    rules["shown"] = asked.shown
    return await serving.recommend(
        request.knowing.model,
        folder=request.knowing.folder,
        history=[item for item in asked.liked if item != asked.meant],  # the query names that one
        query=asked.query or None,
        k=int(request.options.get("k", SHOWN)),
        rules=rules,
        answers_with=request.knowing.answers_with,
    )


def understood(said: str, results: Sequence[dict[str, Any]]) -> Asked:
    """The sentence with the answers before it: "cheaper" and "for children" narrow down what was asked before."""
    last: dict[str, Any] = next((one for one in reversed(results) if one.get("kind") == "cards"), {})
    shown = [card["item"] for card in last.get("items", [])]
    dropped, liked = list(last.get("dropped", [])), list(last.get("liked", []))
    before = str(last.get("query", ""))
    if place := _put_aside(said, len(shown)):
        return Asked(before, shown, [*dropped, shown[place - 1]], liked)
    if GREETING.match(said) or OPEN.match(said):
        return Asked("", shown, dropped, liked)
    wish = parse(said)
    if wish.place and shown and abs(wish.place) <= len(shown):
        chosen = shown[wish.place - 1 if wish.place > 0 else wish.place]
        return Asked(said, shown, dropped, [*[one for one in liked if one != chosen], chosen], chosen)
    query = f"{_kept(before, wish)} {said}".strip() if before and _narrows(said, wish) else said
    return Asked(query, shown, dropped, liked)


def _kept(before: str, wish: Wish) -> str:
    """What still holds of the sentence before: a new price takes the old one's place."""
    if wish.price_max is None and wish.price_min is None:
        return before
    old = parse(before)
    return " ".join([old.text, *(f"without {word}" for word in old.without)])


def _narrows(said: str, wish: Wish) -> bool:
    """Whether a sentence means nothing without the one before."""
    if wish.like or wish.place:
        return False
    return not wish.text or (len(said.split()) <= SHORT and bool(NARROWING.match(said.strip())))


def _put_aside(said: str, shown: int) -> int:
    """The place, from 1, of the card that the visitor does not want; 0 for none."""
    match = NOT_THAT.match(said)
    if not match or not shown:
        return 0
    word = (match.group(1) or match.group(2)).lower()
    place = shown if word == "last" else FIRST.index(word) + 1 if word in FIRST else 0
    if not place:
        place = CHINESE.index(word) + 1 if word in CHINESE else int(word) if word.isdigit() else 0
    return place if place <= shown else 0


def in_words(cards: Sequence[dict[str, Any]], asked: Asked, said: str) -> str:
    """The cards as lines of text, for programs and for who hears the page read."""
    lines = []
    for number, card in enumerate(cards, 1):
        price = f", {card['price']}" if card["price"] else ""
        why = f" ({card['reason']})" if card["reason"] else ""
        lines.append(f"{number}. {card['title']}{price}{why}")
    opening = _("Here is what I found:") if asked.query else _("This is what many take. What are you looking for?")
    return "\n".join([opening, *lines])


def nothing(wish: Wish) -> str:
    """Says that nothing fits, and which condition could be given up."""
    found = [_("I found nothing that fits all of this.")]
    if wish.price_max is not None or wish.price_min is not None or wish.cheaper:
        found.append(_("Try another price."))
    if wish.without:
        found.append(_("Or leave out: not %(words)s.") % {"words": ", ".join(wish.without)})
    if wish.in_stock:
        found.append(_("Or ask for things that are not in stock, too."))
    if len(found) == 1:
        found.append(_("Try it in other words."))
    return " ".join(found)
