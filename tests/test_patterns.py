"""No text of an outsider keeps a pattern busy: each is held against hostile texts, whatever is added later."""

from __future__ import annotations

import re
import re._parser as parser  # the only reader of patterns there is
import time
from collections.abc import Callable, Iterator

import pytest

from tests import patterns

SIZES = (4_000, 100_000)
SLOWEST = 0.05
# Seconds in which an idle machine of the usual kind goes through the yardstick; a slower or busier one is given more.
USUAL = 0.0055
YARDSTICK = re.compile(r"(?:[ab]\d?[.,])")
WORST = 4
PIECES = (
    "a.", "a-1", "a", "1", " ", "@", "(", "[", "A_-", "{{ ", "<a ", "<", "a@", "1,", "1.", "1 ", "-", "/", ":", ",", "\n", "\n ",
    "\r", "\t", "　", "中", "中a", "a中1", "“", '"', "'", "\\", "#", "*", "★", "☆ ", "=", "+1 ", "86-", "AB12 ", "www.", "https://",
    "not ", "under ", "without a, ", "a or ", "&amp", "é", "ß", "_", "a b", "0", "4", "A", "Aa ", ";", "|", "，", "。",
)  # fmt: skip


def hostile(pattern: re.Pattern[str]) -> Iterator[Callable[[int], str]]:
    """Runs of many pieces, near misses made of the pattern's own words, and each with an end that does not fit."""
    own = sorted(_literals(pattern), key=len)[-12:]
    pieces = [*PIECES, *own, *(f"{one} " for one in own), *(f"{one}a" for one in own), *(one[:-1] for one in own)]
    pieces += [f"{a}{b}" for a in own[:6] for b in own[:6] if a != b]
    for piece in dict.fromkeys(one for one in pieces if one):
        yield lambda size, piece=piece: (piece * (size // len(piece) + 1))[:size]
        yield lambda size, piece=piece: (piece * (size // len(piece) + 1))[: size - 1] + "!"
    for opening in own[-6:]:
        for piece in ("a", "1", " ", "-", ".", "a ", "\n"):
            yield lambda size, opening=opening, piece=piece: (opening + piece * size)[:size]


def _literals(pattern: re.Pattern[str]) -> set[str]:
    """The plain words that stand in a pattern."""
    found: set[str] = set()

    def walk(parts: object) -> None:
        word = ""
        for part in parts if isinstance(parts, parser.SubPattern | list | tuple) else []:
            if isinstance(part, tuple) and len(part) == 2 and str(part[0]) == "LITERAL":
                word += chr(part[1])
                continue
            if word:
                found.add(word)
                word = ""
            walk(part)
        if word:
            found.add(word)

    walk(parser.parse(pattern.pattern, pattern.flags & ~re.LOCALE))
    return found


FOUND, UNKNOWN = patterns.collect()


def took(one: patterns.Found, text: str) -> tuple[float, str, str]:
    """Seconds of the slower of two ways to ask, which way that was, and the text."""
    asked = text.encode("utf-8", "replace") if isinstance(one.pattern.pattern, bytes) else text
    times = []
    for way in (one.pattern.findall, one.pattern.fullmatch):
        began = time.process_time()
        way(asked)
        times.append((time.process_time() - began, way.__name__, text))
    return max(times)


def allowed() -> float:
    """The limit in seconds on this machine at this moment."""
    text = "a1." * 33_333
    began = time.process_time()
    YARDSTICK.findall(text)
    return SLOWEST * max(1.0, (time.process_time() - began) / USUAL)


def too_slow(one: patterns.Found, text: str) -> str:
    """What to say of a text that takes too long each time it is tried, and nothing of one that does not."""
    for _try in range(6):
        seconds, way, _text = took(one, text)
        if seconds < allowed():
            return ""
    return f"{one.pattern.pattern!r}: {way} takes {seconds:.2f} s for {len(text)} of {text[:40]!r}"


def complaint(one: patterns.Found) -> str:
    """The first text of 4,000 characters that is too slow, or of the worst of these with 100,000."""
    short, long = (min(size, one.most or size) for size in SIZES)
    ranked = []
    for make in hostile(one.pattern):
        text = make(short)
        seconds, _way, _text = took(one, text)
        if seconds > SLOWEST and (said := too_slow(one, text)):
            return said
        ranked.append((seconds, make))
    ranked.sort(key=lambda pair: -pair[0])
    return next((said for _seconds, make in ranked[:WORST] if (said := too_slow(one, make(long)))), "")


@pytest.mark.parametrize("one", FOUND, ids=lambda one: one.where)
def test_it_answers_a_hostile_text_at_once(one: patterns.Found) -> None:
    assert complaint(one) == ""


def test_it_sees_a_pattern_that_takes_too_long() -> None:
    assert "takes" in complaint(patterns.Found("a quadratic one", re.compile(r"a+b"), most=24_000))


def test_every_pattern_is_known_before_it_runs() -> None:
    assert UNKNOWN == []
