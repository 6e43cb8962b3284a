"""Sentences into wishes: a price, words that must not be there, a thing it should be like. English and Chinese. No torch.

"a gift for a gardener under 20" → text "a gift for a gardener", at most 20; "like the second but cheaper, no plastic" →
position 2, cheaper, without plastic. What is left over is the text to look for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from training.ml.recommend.patterns import (
    AGES,
    ALONE,
    ANY_UNIT,
    AT_LEAST,
    AT_MOST,
    BLANKS,
    BRAND,
    CHEAPER,
    CHINESE,
    DANGLING,
    DEARER,
    FIRST,
    HAN_DIGITS,
    HAN_MONEY,
    HAN_UNITS,
    JOINTS,
    LEFT,
    LIKE,
    LIKENESS,
    LONGEST,
    NEAR,
    OPENERS,
    PARTS,
    PLACE,
    POINTING,
    POLITE,
    RANGES,
    SPELLED,
    SPELLED_LIMIT,
    STOCK,
    WITHOUT,
    YEARS,
)
from training.ml.recommend.picks import Item
from training.ml.scores import words

__all__ = ["FIRST", "LONGEST", "Wish", "brands", "compact", "fits", "holds", "parse", "settled"]


MAKER = re.compile(r"\b(?:brand|maker|author|manufacturer|by|品牌|作者)(?:\s*[:：])?\s+([\w'&-]+)", re.I)


@dataclass(frozen=True)
class Wish:
    """What a sentence asks for."""

    text: str = ""
    """What to look for, without the conditions."""
    like: str = ""
    """The words for a thing it should be like."""
    place: int = 0
    """That thing by its place among the shown ones: 1 is the first, -1 the last, 0 none."""
    price_min: float | None = None
    price_max: float | None = None
    cheaper: int = 0
    """-1 asks for less money than the thing meant, 1 for more."""
    without: tuple[str, ...] = ()
    other_brand: bool = False
    in_stock: bool = False

    @property
    def conditional(self) -> bool:
        """Whether something must hold for everything shown."""
        limits = (self.price_min, self.price_max)
        return any(limit is not None for limit in limits) or bool(self.without or self.in_stock or self.cheaper)


@dataclass
class _Reader:
    """A sentence from which parts are taken out one after the other."""

    rest: str
    found: dict[str, object] = field(default_factory=dict)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        for match in pattern.finditer(self.rest):
            money = ANY_UNIT.search(match.group())
            if money or not (AGES.search(self.rest[: match.start()]) or YEARS.search(match.group())):
                self.rest = " ".join(f"{self.rest[: match.start()]} {self.rest[match.end() :]}".split())
                return match
        return None

    def first(self, patterns: Sequence[re.Pattern[str]]) -> re.Match[str] | None:
        return next((match for pattern in patterns if (match := self.take(pattern))), None)


def parse(sentence: str) -> Wish:
    """The wish in a sentence; conditions that are not understood stay in the text."""
    reader = _Reader(_digits(POLITE.sub(" ", " ".join(sentence[:LONGEST].replace("’", "'").split()))).strip())
    low, high = _prices(reader)
    cheaper = -1 if reader.take(CHEAPER) else 1 if reader.take(DEARER) else 0
    brand, stock = bool(reader.take(BRAND)), bool(reader.take(STOCK))
    place = _place(reader)
    like = "" if place else _like(reader)
    if like.lower() in POINTING:
        place, like = 1, ""
    without = _without(reader)
    text = compact(JOINTS.sub(" ", reader.rest) if place or like or cheaper else reader.rest)
    return Wish(text, like, place, low, high, cheaper, without, brand, stock)


def _digits(sentence: str) -> str:
    """The sentence with spelled-out amounts of money as digits."""
    sentence = SPELLED_LIMIT.sub(lambda match: f"{match.group(1)} {SPELLED[match.group(2).lower()]}", sentence)
    return HAN_MONEY.sub(lambda match: str(_han(match.group(1))), sentence)


def _han(text: str) -> int:
    """The value of a number in Chinese characters."""
    total = section = digit = 0
    for character in text:
        if character in HAN_DIGITS:
            digit = HAN_DIGITS[character]
        elif character == "万":
            total, section, digit = (total + section + digit) * 10000, 0, 0
        else:
            section, digit = section + (digit or 1) * HAN_UNITS[character], 0
    return total + section + digit


def _prices(reader: _Reader) -> tuple[float | None, float | None]:
    between = reader.first(RANGES)
    if between:
        amounts = sorted(_amount(text) for text in between.groups() if text)
        return amounts[0], amounts[-1]
    high = _limit(reader.first(AT_MOST))
    low_match = reader.first(AT_LEAST)
    near = reader.first(NEAR) if high is None and low_match is None else None
    if near:
        middle = _limit(near) or 0.0
        return round(middle * 0.75, 2), round(middle * 1.25, 2)
    return _limit(low_match), high


def _limit(match: re.Match[str] | None) -> float | None:
    return next((_amount(text) for text in match.groups() if text), None) if match else None


def _amount(text: str) -> float:
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", text):
        return float(text.replace(",", ""))
    return float(text.replace(",", "."))


def _place(reader: _Reader) -> int:
    """Which of the shown things is meant; a sentence without a hint of likeness means a search."""
    if not (ALONE.match(reader.rest) or LIKENESS.search(reader.rest)):
        return 0
    match = reader.take(PLACE)
    if not match:
        return 0
    word = next(text for text in match.groups() if text).lower()
    if word in ("last", "最后"):
        return -1
    if word in FIRST:
        return FIRST.index(word) + 1
    return CHINESE.index(word) + 1 if word in CHINESE else int(re.sub(r"\D", "", word))


def _like(reader: _Reader) -> str:
    match = reader.first(LIKE)
    return compact(match.group(1)) if match else ""


def _without(reader: _Reader) -> tuple[str, ...]:
    found: list[str] = []
    while match := reader.first(WITHOUT):
        parts = PARTS.split(match.group(1).strip())
        found += [part.strip().lower() for part in parts if part.strip()]
    return tuple(dict.fromkeys(found))


def compact(text: str) -> str:
    """What is left of a sentence, without joints and openers at its ends."""
    text = OPENERS.sub("", " ".join(text.split()))
    while (shorter := LEFT.sub("", text)) != text:
        text = shorter
    text = DANGLING.sub("", text)
    return " ".join(BLANKS.sub(r"\1", text).split()).strip(" ,;，；")


def settled(wish: Wish, meant: Item | None) -> Wish:
    """The wish with "cheaper" and "not that brand" turned into conditions, once it is known which thing is meant."""
    if meant is None:
        return wish
    low, high = wish.price_min, wish.price_max
    if wish.cheaper and meant.price is not None:
        step = max(abs(meant.price) * 1e-6, 0.005)
        if wish.cheaper < 0:
            high = min(meant.price - step, high if high is not None else meant.price)
        else:
            low = max(meant.price + step, low if low is not None else meant.price)
    without = wish.without + (brands(meant) if wish.other_brand else ())
    return replace(wish, price_min=low, price_max=high, without=tuple(dict.fromkeys(without)))


def brands(item: Item) -> tuple[str, ...]:
    """What an item's maker is probably called: a "brand: X" or "by X" in its text, else the first word of its title."""
    named = MAKER.search(item.words)
    first = words(item.title)[:1]
    return (named.group(1).lower(),) if named else tuple(first)


def holds(item: Item, wish: Wish) -> bool:
    """Whether every condition of the wish holds for the item; an unknown price holds no limit."""
    if wish.in_stock and not item.available:
        return False
    if wish.price_max is not None and (item.price is None or item.price > wish.price_max):
        return False
    if wish.price_min is not None and (item.price is None or item.price < wish.price_min):
        return False
    return fits(item, wish.without)


def fits(item: Item, without: Iterable[str]) -> bool:
    """Whether none of the words stands in the item; several words must all stand there to count."""
    present = {_stem(word) for word in words(item.words)}
    return not any(parts <= present for text in without if (parts := {_stem(word) for word in words(text)}))


def _stem(word: str) -> str:
    """Without the plural: "candles" also means "candle"."""
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word
