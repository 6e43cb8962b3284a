"""Letters without the marks on them: Réclamation and Reclamation are the same word, typed on two keyboards."""

from __future__ import annotations

import unicodedata

# Letters whose mark is a part of them, and the other ways to write some letters of Arabic.
_LETTERS = str.maketrans({
    "ı": "i", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE",
    "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه",
})  # fmt: skip
# How German, Swedish and Danish letters are typed where the keyboard has none.
_TYPED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_EAST = "\u2e80"  # from here on a mark makes another syllable: ハ and バ


def without(text: str) -> str:
    """The text with plain letters; what is no letter of Europe or Arabia stays as it is."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", text.translate(_LETTERS))
    plain, before = [], ""
    for char in apart:
        if unicodedata.combining(char) and before < _EAST:
            continue
        before = char
        plain.append(char)
    return unicodedata.normalize("NFC", "".join(plain))


def typed(text: str) -> str:
    """The same with ä as ae and ö as oe."""
    return without(text.translate(_TYPED))
