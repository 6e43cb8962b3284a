"""Which language a text is in: by its script, and for Latin letters by its most common words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

_WORDS = {
    "en": "the and you your is are to of my how what can for it this that with have not do i in on a no",
    "de": "der die das und ist nicht ich sie ein eine zu den mit wie für auf von es wir bitte kann mein",
    "fr": "le la les et est je vous une un des pour pas que dans mon ma votre comment avec sur du ne",
    "es": "el la los las y es que de en un una por para con mi su no cómo está puedo se del",
    "it": "il lo gli e è che di un una per con mio non come sono della nel posso alla",
    "pt": "o os as e é que de um uma para com meu não como está posso em do da no na",
    "nl": "de het een en is ik niet van dat met voor op mijn hoe je zijn kan wat",
}
_LATIN = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
)


def of(text: str) -> str:
    """A language code, or "" where the text is too short or has no letters to tell."""
    piece = text[:600]
    if not piece.isascii() and (script := _script(piece)):
        return script
    words = set(re.findall(r"\b[^\W\d_]+\b", piece.lower()))  # the letter of a number such as A118 is no word
    votes = {language: len(known & words) for language, known in _LATIN.items()}
    best = max(votes, key=lambda language: (votes[language], language == "en"))
    return best if votes[best] >= 2 or (votes[best] == 1 and len(words) <= 6) else ""


def _script(piece: str) -> str:
    letters = sum(char.isalpha() for char in piece) or 1
    for language, pattern in _SCRIPTS:
        if len(pattern.findall(piece)) > (0.1 if language == "ja" else 0.25) * letters:
            return language
    return ""


def shares(texts: Iterable[str]) -> dict[str, float]:
    """Each language's share of the texts that could be told, most first."""
    found = Counter(language for text in texts if (language := of(text)))
    total = sum(found.values())
    return {language: round(many / total, 4) for language, many in found.most_common()}


def name_of(code: str) -> str:
    """A language as its reader calls it; nobody is shown a code."""
    if not code:
        return ""
    try:
        return str(get_language_info({"zh": "zh-hans"}.get(code, code))["name_translated"])
    except KeyError:
        return _("Another language")
