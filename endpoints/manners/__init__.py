"""What is no question: greetings, thanks, goodbyes, insults, and questions that hang on one before. One file is one language."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
KINDS = ("greeting", "thanks", "goodbye", "rude")
LONGEST = 80
"""Characters; a longer message says something of its own."""
SIGNS = re.compile(r"[^\w']+")


def kind_of(text: str) -> str:
    """Which of KINDS a message is and nothing more, "empty" when it has no letters, else nothing."""
    if len(text) > LONGEST:
        return ""
    plain = _plain(text)
    if not plain:
        return "empty"
    said = _all_said(plain, (*KINDS, "filler"))
    return next((kind for kind in said if kind != "filler"), "")


def hangs(text: str) -> bool:
    """Whether a question points at something and names nothing: "and how much is that?"."""
    if len(text) > LONGEST:
        return False
    return {"pointing", "hollow"} <= set(_all_said(_plain(text), ("pointing", "hollow")))


def introduces(text: str) -> bool:
    """Whether somebody says who they are, or signs: a name stands beside such words."""
    plain = _plain(text)
    return any(
        kind == "called" and (f" {phrase} " in f" {plain} " if phrase.isascii() else phrase in plain)
        for phrase, kind in _phrases()
    )


def same(left: str, right: str) -> bool:
    """Whether two messages differ in signs and capitals only."""
    return _plain(left) == _plain(right)


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return SIGNS.sub(" ", text.replace("_", " ")).strip()


def _all_said(text: str, kinds: tuple[str, ...]) -> list[str]:
    """The kinds of the phrases that a message is made of; none when something is left over."""
    said: list[str] = []
    while text:
        kind, phrase = next(((k, p) for p, k in _phrases() if k in kinds and _begins(text, p)), ("", ""))
        if not phrase:
            return []
        said.append(kind)
        text = text[len(phrase) :].lstrip()
    return said


def _begins(text: str, phrase: str) -> bool:
    """Latin words end where the phrase does; Chinese is written without spaces."""
    if not text.startswith(phrase):
        return False
    after = text[len(phrase) : len(phrase) + 1]
    return not after or after == " " or not (phrase[-1].isascii() and after.isascii())


@cache
def _phrases() -> list[tuple[str, str]]:
    """Phrase and kind of all languages, the longest first."""
    found = []
    for file in sorted(FOLDER.glob("*.json")):
        for kind, phrases in json.loads(file.read_text(encoding="utf-8")).items():
            found += [(_plain(phrase), kind) for phrase in phrases]
    return sorted(found, key=lambda pair: -len(pair[0]))
