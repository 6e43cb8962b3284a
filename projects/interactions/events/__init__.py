"""What a kind of event or the state of an order says about a liking, by the words in its name. One file is one language.

Each file has WORDS: what it means → words. A word stands at the beginning of one of the name's words; with * before it
anywhere in the name. Where a language has no blanks it stands anywhere. What people
did has words of its own where it can be told more closely: read, watched."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import cast

from projects import discover
from projects.mapping import plain

# What the words are looked for as, what it means, and how much it says. The first that fits counts.
MEANINGS: tuple[tuple[str, str, float], ...] = (
    ("kept", "buy", 1.0),  # given back in part, or a return that was taken back: the rest stays bought
    ("return", "return", 0.0),
    ("unpaid", "cart", 0.7),
    ("cancel", "cancel", 0.0),
    ("shown", "shown", 0.0),
    ("cart", "cart", 0.7),
    ("wish", "wish", 0.7),
    ("buy", "buy", 1.0),
    ("click", "click", 0.5),
    ("view", "view", 0.3),
)


# What people did, where a name says it more closely than its meaning; and by the meaning elsewhere.
CLOSER = ("booked", "visited", "watched", "read", "played")
DONE = {"buy": "bought", "wish": "liked", "click": "clicked", "view": "viewed"}


@cache
def _words() -> tuple[tuple[str, float, tuple[str, ...]], ...]:
    languages = cast(list[Mapping[str, tuple[str, ...]]], discover.objects(__name__, "WORDS"))
    return tuple(
        (means, weight, tuple(word for words in languages for word in words.get(name, ())))
        for name, means, weight in MEANINGS
    )


def meaning(kind: str) -> tuple[str, float]:
    """What a kind of event is, by the words in its name, and how much it says."""
    name = f" {plain(kind)} "
    for means, weight, words in _words():
        if any(_stands(word, name) for word in words):
            return means, weight
    return "other", 1.0


def doing(kind: str, state: bool = False) -> str:
    """What people did by the name of a kind of event, or of the state of an order: "bought", "read"; "" where it is open."""
    name = f" {plain(kind)} "
    languages = cast(list[Mapping[str, tuple[str, ...]]], discover.objects(__name__, "WORDS"))
    for what in CLOSER:
        if any(_stands(word, name) for words in languages for word in words.get(what, ())):
            return what
    means, _weight = meaning(kind)
    return "bought" if state and means == "cart" else DONE.get(means, "")


def _stands(word: str, name: str) -> bool:
    if word[0] == "*":
        return word[1:] in name
    # Chinese, Japanese and Thai have no blanks between words.
    return (word if word[0] > "\u0e00" and not "\uac00" <= word[0] <= "\ud7af" else f" {word}") in name
