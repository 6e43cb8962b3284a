"""Numbers, names and links in a text, and which of an answer's stand in none of its sources. No torch here."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable
from functools import lru_cache

# Visitors' text meets these while others wait for their answers, so each takes a time that grows only with the text's
# length: a run of letters is begun once, at its start, and what would make a pattern try again is asked in Python.
LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"')\]]+|(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]+",
    re.IGNORECASE,
)
BARE_LINK = re.compile(
    r"(?<![a-z0-9.-])[a-z0-9.-]*[a-z0-9-]\.(?:com|org|net|io|cn|de|uk|shop|store|co)\b(?:/[^\s<>\"')\]]*)?",
    re.IGNORECASE,
)
TOKEN = re.compile(r"\b[a-z0-9]+(?:-[a-z0-9]+)*\b", re.IGNORECASE)
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
LISTING = re.compile(r"(?:(?<=^)|(?<=\s))\d{1,2}[.)](?=\s)", re.MULTILINE)
NAME = re.compile(r"\b[A-Z][\w'’-]*")
GAP = re.compile(r"\{\{[^{}]{0,80}\}\}|\[[A-Z][^\]\n]{0,40}\]")
OFTEN, OFTEN_SHARE = 3, 0.01
WORD = re.compile(r"\w[\w'’-]*")
ORDINAL = re.compile(r"(?<!\d)\d+(?:st|nd|rd|th|s|x|pm|am|%)", re.IGNORECASE)
OPENING = 40
"""Characters before a word in which its sentence may be seen to begin."""
EVERYDAY = frozenset(
    [
        "i'm",
        "i'll",
        "i've",
        "i'd",
        "ok",
        "okay",
        "yes",
        "no",
        "hi",
        "hello",
        "dear",
        "thanks",
        "thank",
        "please",
        "sorry",
        "faq",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ]
)


def facts(text: str) -> set[str]:
    """The numbers, codes, links and names of a text, in one spelling each."""
    return _exact(text) | set(_names(text))


def foreign(answer: str, *sources: str, house: Collection[str] = ()) -> list[str]:
    """The facts of an answer that stand in none of the sources, in the order of the alphabet.

    House facts are the team's own (see `house_facts`) and belong to nobody else.
    """
    known, whole, words = _told(sources)
    exact = {fact for fact in _exact(answer) - known if not _inside(fact, whole)}
    found = exact | {name for name in _names(answer) if name not in words}
    return sorted(found.difference(house))


@lru_cache(maxsize=8)
def _told(sources: tuple[str, ...]) -> tuple[frozenset[str], str, frozenset[str]]:
    """The exact facts, the small letters and the words of sources; many answers are held against the same ones."""
    whole = "\n".join(unicodedata.normalize("NFKC", source).lower() for source in sources)
    return frozenset().union(*map(_exact, sources)), whole, frozenset(_words(whole))


def house_facts(pairs: Iterable[tuple[str, str]]) -> frozenset[str]:
    """What many known answers share, such as the team's own number, and words they also write in small letters.

    Neither tells of another visitor's case: a button called Billing is no name where others write billing. A fact that
    answers repeat from their questions, such as an order's number, is a case's own however often it comes.
    """
    small: set[str] = set()
    shared: Counter[str] = Counter()
    echoed: Counter[str] = Counter()
    count = 0
    for question, answer in pairs:
        count += 1
        found = facts(answer)
        shared.update(found)
        echoed.update(found.difference(foreign(answer, question)))
        small.update(_bare(word) for word in WORD.findall(_filled(answer)) if word[0].islower())
    often = max(OFTEN, count * OFTEN_SHARE)
    own = {fact for fact, times in shared.items() if times >= often and echoed[fact] * 10 < times}
    return frozenset(small | own)


def _inside(fact: str, whole: str) -> bool:
    """A link counts as known when a source holds it within a longer one; numbers must match whole."""
    return not fact[0].isdecimal() and fact in whole


def _filled(text: str) -> str:
    """Without what is yet to be filled in, such as {{Order Number}}."""
    return GAP.sub(" ", unicodedata.normalize("NFKC", text))


def _exact(text: str) -> set[str]:
    """Links, codes such as A12-7 and numbers."""
    text = _filled(text)
    found: set[str] = set()
    for pattern in (LINK, BARE_LINK):
        found |= {match.lower().strip(".,;:!?/-") for match in pattern.findall(text)}
        text = pattern.sub(" ", text)
    text = LISTING.sub(" ", text)
    found |= {token.lower() for token in TOKEN.findall(text) if _is_code(token)}
    text = TOKEN.sub(lambda match: " " if _is_code(match.group()) else match.group(), text)
    return found | {_plain(number) for number in NUMBER.findall(text)}


def _is_code(token: str) -> bool:
    """Letters and figures in one word, such as A12-7, but not 2nd."""
    if ORDINAL.fullmatch(token):
        return False
    return any(map(str.isdigit, token)) and any(map(str.isalpha, token))


def _plain(number: str) -> str:
    """1,299.00 and 1299 are the same number."""
    number = re.sub(r",(?=\d{3}\b)", "", number)
    return re.sub(r"[.,]0+$", "", number)


def _names(text: str) -> list[str]:
    """Capitalised words that do not open a sentence, in small letters."""
    text = _filled(text)
    for pattern in (LINK, BARE_LINK):
        text = pattern.sub(" ", text)
    names = []
    for match in NAME.finditer(text):
        word = match.group().rstrip("'’-_")
        name = _bare(word.lower())
        if len(word) < 2 or not (word[-1].isascii() and word[-1].isalnum()):
            continue
        if not _opens_sentence(text, match.start()) and name not in EVERYDAY and not any(map(str.isdigit, name)):
            names.append(name)
    return names


def _opens_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - OPENING) : start].rstrip(" \t\"'“‘(*_#>-•")
    return not before or before[-1] in ".!?:;\n。！？：；" or (before[-1] == ")" and before[-2:-1].isdecimal())


def _words(text: str) -> list[str]:
    return [_bare(word) for word in WORD.findall(text)]


def _bare(word: str) -> str:
    """Without the genitive, so that Anna's and Anna are one name."""
    return re.sub(r"['’]s$", "", word.rstrip("'’-")).rstrip("'’-")
