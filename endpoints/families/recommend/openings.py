"""What a sentence is by itself: a greeting, an open question, a wish, or what only narrows down the one before."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from training.ml.recommend.wishes import LONGEST, Wish, parse

SHORT = 4
"""A sentence of so few words that begins with "for" or "in" narrows down the one before."""
NARROWING = re.compile(r"^(?:(?:for|in|with|made of|from|and|but)\b|给|适合)", re.IGNORECASE)
GREETING = re.compile(r"^\W*(?:hi|hello|hey|good (?:morning|evening|day)|你好|您好|嗨)\W*$", re.IGNORECASE)
OPEN = re.compile(
    r"^\W*(?:what do others like|what is popular|surprise me|anything|show me something|recommend something|"
    r"有什么推荐|随便|大家都喜欢什么)\W*$",
    re.IGNORECASE,
)


def is_open(said: str) -> bool:
    """Whether it asks for nothing in particular."""
    return bool(GREETING.match(said) or OPEN.match(said))


def narrows(said: str, wish: Wish) -> bool:
    """Whether a sentence means nothing without the one before."""
    if wish.like or wish.place:
        return False
    return not wish.text or (len(said.split()) <= SHORT and bool(NARROWING.match(said.strip())))


def asked_for(messages: Sequence[Mapping[str, str]]) -> str:
    """What was asked last; with the sentence before it, where it says nothing by itself: a bound, or the second card."""
    *earlier, last = [one["content"] for one in messages if one["role"] == "user"] or [""]
    wish = parse(last[:LONGEST])
    alone = is_open(last) or not (wish.place or narrows(last, wish))
    return last if alone or not earlier else f"{earlier[-1]}\n{last}"
