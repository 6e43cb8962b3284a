"""Sentences into wishes: a price, words that must not be there, a thing it should be like. English and Chinese. No torch.

"a gift for a gardener under 20" → text "a gift for a gardener", at most 20; "like the second but cheaper, no plastic" →
position 2, cheaper, without plastic. What is left over is the text to look for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from training.ml.recommend.picks import Item
from training.ml.scores import words

__all__ = ["Wish", "brands", "compact", "fits", "holds", "parse", "settled"]
MONEY = r"(?:[$£€¥￥]|usd|eur|gbp|rmb|cny)"
UNIT = r"(?:[$£€¥￥]|dollars?|bucks|pounds?|quid|euros?|usd|eur|gbp|rmb|cny|yuan|元|块钱|块|塊|人民币|美元|英镑|欧元)"
NUMBER = r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d{1,2})?)"
AMOUNT = rf"{MONEY}?\s*{NUMBER}\s*{UNIT}?"
# A number with one of these behind it is no price.
OTHER_UNIT = (
    r"(?!\s*-?\s*(?:\d|%|years?\b|yrs?\b|months?\b|weeks?\b|days?\b|hours?\b|hrs?\b|minutes?\b|mins?\b|cm\b|mm\b|m\b|km\b|"
    r"kg\b|g\b|lbs?\b|oz\b|ml\b|inch(?:es)?\b|in\b(?!\s+stock)|feet\b|ft\b|people\b|persons?\b|pieces?\b|pages?\b|"
    r"items?\b|calories\b|watts?\b|岁|年|个月|天|小时|分钟|厘米|公斤|克|人|件|页|个|度|公里))"
)
BELOW = (
    r"(?:under|below|less than|lower than|cheaper than|beneath|up to|at most|no more than|not more than|not over|"
    r"not above|max(?:imum)?(?:\s+of)?|within|for less than|<=?|≤)"
)
ABOVE = r"(?:over|above|more than|at least|not under|not below|no less than|starting at|min(?:imum)?(?:\s+of)?|>=?|≥)"
ABOUT = r"(?:around|about|roughly|approximately|approx\.?|circa)"
COST = r"(?:\b(?:(?:that |which )?(?:costs?|costing|priced?(?: at)?)|for)\s+)?"
RANGES = (
    rf"{COST}\b(?:between|from)\s+{AMOUNT}\s*(?:and|to|-|–)\s*{AMOUNT}{OTHER_UNIT}",
    rf"{MONEY}\s*{NUMBER}\s*(?:to|-|–)\s*{MONEY}?\s*{NUMBER}{OTHER_UNIT}",
    rf"\b{NUMBER}\s*(?:to|-|–)\s*{NUMBER}\s*{UNIT}",
    rf"{NUMBER}\s*{UNIT}?\s*(?:到|至|-|–|~)\s*{NUMBER}\s*(?:{UNIT}(?:之间)?|之间)",
)
AT_MOST = (
    rf"{COST}(?:\b|(?<=\s)|^)(?<!\bage )(?<!\baged ){BELOW}\s*{AMOUNT}{OTHER_UNIT}",
    rf"{AMOUNT}\s*(?:or less|or under|or below|or cheaper|max(?:imum)?\b|at most|tops\b|and under|and below)",
    rf"(?:价格|价钱|预算)?(?:在)?(?:低于|少于|小于|不超过|不高于|不多于|最多|至多|不到)\s*{AMOUNT}{OTHER_UNIT}(?:的)?",
    rf"(?:价格|价钱|预算)?(?:在)?{AMOUNT}\s*(?:以下|以内|之内|之下)(?:的)?",
    rf"\bbudget(?:\s+(?:of|is))?\s*:?\s*{AMOUNT}{OTHER_UNIT}|预算(?:是|为)?\s*{AMOUNT}{OTHER_UNIT}",
)
AT_LEAST = (
    rf"{COST}(?:\b|(?<=\s)|^){ABOVE}\s*{AMOUNT}{OTHER_UNIT}",
    rf"{AMOUNT}\s*(?:or more|or over|or above|and up\b|and above|\+(?!\w))",
    rf"(?:价格|价钱)?(?:在)?(?:高于|大于|(?<!不)超过|不低于|不少于|至少|起码)\s*{AMOUNT}{OTHER_UNIT}(?:的)?",
    rf"(?:价格|价钱)?(?:在)?{AMOUNT}\s*(?:以上|起)(?:的)?",
)
NEAR = (rf"{COST}\b{ABOUT}\s*(?:{MONEY}\s*{NUMBER}|{NUMBER}\s*{UNIT}){OTHER_UNIT}", rf"{NUMBER}\s*{UNIT}\s*左右(?:的)?")
AGES = re.compile(r"\b(?:kids?|child(?:ren)?|boys?|girls?|toddlers?|teens?|adults?|people|those|aged?|ages)\s*$", re.I)
YEARS = re.compile(r"\b(?:19|20)\d\d\s*(?:to|and|-|–)\s*(?:19|20)\d\d\b", re.I)
CHEAPER = (
    r"\b(?:cheaper|less expensive|more affordable|less pricey|lower priced?)\b|(?:更|再|要)?便宜(?:一?点|一?些|的)*"
)
DEARER = r"\b(?:more expensive|pricier|dearer|more upmarket|higher priced?)\b|(?:更贵|贵一?点|贵一?些)(?:的)?"
STOCK = (
    r"\b(?:(?:that (?:is|are) )?(?:currently |still )?(?:in stock|available(?: now)?))\b|有货(?:的)?|有现货(?:的)?|现货"
)
BRAND = (
    r"\b(?:(?:but )?(?:not|other than|except)\s+(?:from\s+)?(?:that|this|the same)\s+(?:brand|maker|label|author|company)|"
    r"(?:an)?other (?:brand|maker|label|author)s?|different (?:brand|maker|label|author)s?)\b|"
    r"(?:不要|换|别的|其他|其它)(?:这个|那个|个)?(?:牌子|品牌)"
)
END = r"(?=\s*(?:[,.;!?，。；！？]|\b(?:but|under|below|over|for|with|in stock|less than|up to|and (?:not|no|without))\b|$))"
WITHOUT = (
    rf"(?:,\s*|\b(?:but|and)\s+)?\b(?:without(?: any)?|excluding|except(?: for)?|other than|anything but|nothing with|"
    rf"nothing from|not (?:from|by|with|in|the|an?|any)|not|no)\s+(?!more\b|less\b|over\b|above\b|under\b|below\b|only\b)"
    rf"(?:any |the |an? )?([\w'’&-]+(?:\s+(?!and\b|or\b)[\w'’&-]+){{0,2}}?(?:\s*(?:,|\bor\b|\band\b)\s*(?:no |not )?[\w'’&-]+)?){END}",
    r"(?:不要|不含|没有|不带|别要|除了|非)(?:有)?([^，。；,!！?？的以外]{1,12})(?:的|以外|之外)*",
)
FIRST = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
CHINESE = "一二三四五六七八九十"
PLACE = (
    rf"\b(?:the\s+)?({'|'.join(FIRST)}|last|\d{{1,2}}(?:st|nd|rd|th))(?:\s+(?:one|item|film|movie|book|product|place))?\b"
    rf"|\b(?:number|no\.|#)\s*(\d{{1,2}})\b|第\s*([{CHINESE}]|\d{{1,2}})\s*(?:个|款|件|部|本|条)?|(最后)一?(?:个|款|件)"
)
LIKE = (
    r"\b(?:(?:some|any)(?:thing|one)\s+|(?:some\s+|show me\s+)?more\s+|(?:an?|the)\s+\w+\s+|ones?\s+)?(?:just\s+)?"
    r"(?:(?:things?\s+)?(?:similar to|alike|in the style of|along the lines of)|(?<!would )(?<!i )(?<!i'd )like)\s+(.+?)"
    r"(?=\s*,?\s*\b(?:but|only|except|just)\b\s|\s*[,;]\s|\s*[.!?]?\s*$)",
    r"(?:像|类似于?|和|跟|与)\s*[「“\"《]?(.+?)[」”\"》]?(?:那样|一样|差不多|相似|类似)?(?:的)?(?=\s*[，,]?\s*(?:但是?|不过|只是|就是|$))",
)
LEFT = re.compile(r"^\s*(?:,|;|，|；|but|only|except|just|and|that is|is|但是?|不过|只是|而且|要|的)\s*(?=\W|\w)", re.I)
OPENERS = re.compile(
    r"^\s*(?:please\s+)?(?:(?:can|could) you\s+)?(?:i(?:'m| am)?\s+(?:want|need|would like|looking for|look for)|i'd like|"
    r"show me|find me|give me|recommend(?: me)?|suggest(?: me)?|do you have|have you got|请?(?:给我|帮我)?(?:推荐|找|看看)|"
    r"我想要|我要|我想|有没有|有什么)\s*(?:some(?:thing)?\b|any(?:thing)?\b|一些|一个|一款)?\s*",
    re.I,
)
# Around "like X" or "the second" these say nothing of what is wished.
JOINTS = re.compile(
    r"\b(?:something|anything|things?|items?|products?|ones?|films?|movies?|books?|articles?|videos?|places?|some|show me|"
    r"more|like|similar to|of|but|only|except)\b|像|类似|那样|一样|但是?|不过|只是|一点|一些",
    re.IGNORECASE,
)


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

    def take(self, pattern: str) -> re.Match[str] | None:
        for match in re.finditer(pattern, self.rest, re.IGNORECASE):
            money = re.search(UNIT, match.group(), re.IGNORECASE)
            if money or not (AGES.search(self.rest[: match.start()]) or YEARS.search(match.group())):
                self.rest = f"{self.rest[: match.start()]} {self.rest[match.end() :]}"
                return match
        return None

    def first(self, patterns: Sequence[str]) -> re.Match[str] | None:
        return next((match for pattern in patterns if (match := self.take(pattern))), None)


def parse(sentence: str) -> Wish:
    """The wish in a sentence; conditions that are not understood stay in the text."""
    reader = _Reader(" ".join(sentence.replace("’", "'").split()))
    low, high = _prices(reader)
    cheaper = -1 if reader.take(CHEAPER) else 1 if reader.take(DEARER) else 0
    brand, stock = bool(reader.take(BRAND)), bool(reader.take(STOCK))
    place = _place(reader)
    like = "" if place else _like(reader)
    without = _without(reader)
    text = compact(JOINTS.sub(" ", reader.rest) if place or like else reader.rest)
    return Wish(text, like, place, low, high, cheaper, without, brand, stock)


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
    hint = r"\b(?:like|similar|than|more of|same as)\b|像|类似|比|那样|一样"
    alone = re.match(rf"\s*(?:{PLACE})\s*(?:$|[,.;，。]|\b(?:but|only|please)\b|但)", reader.rest, re.IGNORECASE)
    if not (alone or re.search(hint, reader.rest, re.IGNORECASE)):
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
        parts = re.split(r"\s*(?:,|\bor\b|\band\b|和|或)\s*(?:no |not )?", match.group(1).strip())
        found += [part.strip().lower() for part in parts if part.strip()]
    return tuple(dict.fromkeys(found))


def compact(text: str) -> str:
    """What is left of a sentence, without joints and openers at its ends."""
    text = OPENERS.sub("", " ".join(text.split()))
    while (shorter := LEFT.sub("", text)) != text:
        text = shorter
    text = re.sub(
        r"[\s,;，；.。!?！？]*\b(?:but|and|only|that (?:is|are)|for|with)?[\s,;，；.。!?！？]*$", "", text, flags=re.I
    )
    return " ".join(re.sub(r"\s+([,.;])", r"\1", text).split()).strip(" ,;，；")


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
    named = re.search(r"\b(?:brand|maker|author|manufacturer|by|品牌|作者)\s*[:：]?\s+([\w'&-]+)", item.words, re.I)
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
