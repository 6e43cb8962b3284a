"""Numbers, names and links in a text, and which of an answer's stand in none of its sources. No torch here."""

from __future__ import annotations

import re
import unicodedata

LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"')\]]+|[\w.+-]+@[\w-]+\.[\w.-]+", re.IGNORECASE)
BARE_LINK = re.compile(
    r"\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|cn|de|uk|shop|store|co)\b(?:/[^\s<>\"')\]]*)?", re.IGNORECASE
)
CODE = re.compile(r"\b(?=[a-z-]*\d)(?=[\d-]*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*\b", re.IGNORECASE)
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
LISTING = re.compile(r"(?:(?<=^)|(?<=\s))\d{1,2}[.)](?=\s)", re.MULTILINE)
NAME = re.compile(r"\b[A-Z][\w'’-]*[a-z0-9A-Z]\b")
WORD = re.compile(r"\w[\w'’-]*")
ORDINAL = re.compile(r"^\d+(?:st|nd|rd|th|s|x|pm|am|%)$", re.IGNORECASE)
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


def foreign(answer: str, *sources: str) -> list[str]:
    """The facts of an answer that stand in none of the sources, in the order of the alphabet."""
    known = set().union(*(_exact(source) for source in sources)) if sources else set()
    whole = "\n".join(unicodedata.normalize("NFKC", source).lower() for source in sources)
    words = set(_words(whole))
    exact = {fact for fact in _exact(answer) - known if not _inside(fact, whole)}
    return sorted(exact | {name for name in _names(answer) if name not in words})


def _inside(fact: str, whole: str) -> bool:
    """A link counts as known when a source holds it within a longer one; numbers must match whole."""
    return not fact[0].isdigit() and fact in whole


def _exact(text: str) -> set[str]:
    """Links, codes such as A12-7 and numbers."""
    text = unicodedata.normalize("NFKC", text)
    found: set[str] = set()
    for pattern in (LINK, BARE_LINK):
        found |= {match.lower().rstrip(".,;:!?/") for match in pattern.findall(text)}
        text = pattern.sub(" ", text)
    text = LISTING.sub(" ", text)
    codes = [code for code in CODE.findall(text) if not ORDINAL.match(code)]
    found |= {code.lower() for code in codes}
    for code in codes:
        text = text.replace(code, " ")
    return found | {_plain(number) for number in NUMBER.findall(text)}


def _plain(number: str) -> str:
    """1,299.00 and 1299 are the same number."""
    number = re.sub(r",(?=\d{3}\b)", "", number)
    return re.sub(r"[.,]0+$", "", number)


def _names(text: str) -> list[str]:
    """Capitalised words that do not open a sentence, in small letters."""
    text = unicodedata.normalize("NFKC", text)
    for pattern in (LINK, BARE_LINK):
        text = pattern.sub(" ", text)
    names = []
    for match in NAME.finditer(text):
        name = _bare(match.group().lower())
        if not _opens_sentence(text, match.start()) and name not in EVERYDAY and not any(map(str.isdigit, name)):
            names.append(name)
    return names


def _opens_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \t\"'“‘(*_#>-•")
    return not before or before[-1] in ".!?:;\n。！？：；" or bool(re.search(r"\d[.)]$", before))


def _words(text: str) -> list[str]:
    return [_bare(word) for word in WORD.findall(text)]


def _bare(word: str) -> str:
    """Without the genitive, so that Anna's and Anna are one name."""
    return re.sub(r"['’]s$", "", word.rstrip("'’-")).rstrip("'’-")
