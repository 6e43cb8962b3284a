"""Texts that come word for word: found again by their numbers, without a search. Needs numpy, not torch."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]
_SIGNS = re.compile(r"[\W_]+")


def literal(text: str) -> str:
    """The text with its signs and capitals, however its blanks were written."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def normal(text: str) -> str:
    """The text as far as two people who ask the same would agree: no case, no signs, single blanks."""
    plain = literal(text).casefold()
    return " ".join(_SIGNS.sub(" ", plain).split()) or plain


def number(text: str) -> int:
    """The same for the same text, and hardly ever for another."""
    # Half a character, as broken JSON holds it, has a number too.
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8], "big")


def numbers(texts: Sequence[str]) -> Numbers:
    return np.array([number(text) for text in texts], dtype=np.uint64)


def positions(known: Numbers, text: str) -> list[int]:
    """Where the number of a text stands among the known ones."""
    found: list[int] = np.flatnonzero(known == np.uint64(number(text))).tolist()
    return found
