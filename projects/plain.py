"""Which of many texts are plain, so that nothing in them asks for a careful look; told of all at once, in vectors.

Plain is what the careful look of `projects.quality` would find nothing in: letters of the usual scripts, digits and signs,
no tag, no address, no row of digits, not very long. Whatever is not surely plain is looked at one by one. Texts of ASCII
alone are told by their bytes, all others by the numbers of their characters."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from projects.blanks import missing
from projects.privacy import FEWEST

Flags = NDArray[np.bool_]
BEGIN = 9  # signs from which on no text is a word that people write for nothing; so many at its beginning are looked at
END = "\0"  # between texts that are joined; no text that was read has it
# Signs beyond ASCII, tags and entities, addresses, words for something hidden, and what may be a number of somebody.
_ODD = rf"[^\x00\n\t -~]|[<&\[@]|[0-9](?:[^A-Za-z_0-9]*[0-9]){{{FEWEST - 1}}}"
_WORDS = bytes(ord(chr(code).lower()) if chr(code).isalnum() else 32 for code in range(128)).ljust(256)
_WORDS = END.encode() + _WORDS[1:]
_LETTERS = np.zeros(256, bool)
_LETTERS[[code for code in range(128) if chr(code).isalnum()]] = True
_BLANKS = [ord(sign) for sign in " \n\t"]

# Beyond ASCII: Latin with its accents, Greek, Cyrillic, kana, Hangul and the usual Chinese characters, and their signs. Nothing in
# here joins with what stands beside it when a text is brought to its normal form, so each character can be taken alone.
_SCRIPTS = ((0xC0, 0x180), (0x386, 0x3CF), (0x400, 0x460), (0x3041, 0x3097), (0x30A1, 0x30FF), (0x4E00, 0x9FA6), (0xAC00, 0xD7A4), (0xFF21, 0xFF3B), (0xFF41, 0xFF5B))  # fmt: skip
_SIGNS = "«»„“”‚‘’‹›–—―…·•¿¡€£¥§°×÷\u00a0\u3000、。〈〉《》「」『』【】〔〕〜・々〇" + "".join(
    map(chr, (*range(0xFF01, 0xFF10), *range(0xFF1A, 0xFF21), *range(0xFF3B, 0xFF41), *range(0xFF5B, 0xFF5F)))
)
_GARBLED = ("Ã", "â€", "锟斤拷")  # what a wrong encoding leaves
_TWO = ("ß", "ss")  # the one letter here that is two of another when case is left out
ODD, LETTER, DIGIT, SIGN, BLANK, BREAK = range(6)


def plain(texts: Sequence[str], longest: int) -> Flags:
    """Which of the texts are surely plain and have no more characters than LONGEST."""
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    simple = sizes >= BEGIN
    if not END.join(texts).isascii():
        simple &= np.fromiter(map(str.isascii, texts), bool, len(texts))
    fits = (sizes > 0) & (sizes <= longest)
    found = np.zeros(len(texts), bool)
    for which, told in ((fits & simple, _plain_ascii), (fits & ~simple, _plain_beyond)):
        if which.all():
            found[which] = told(texts, sizes)
        elif which.any():
            found[which] = told([texts[place] for place in np.flatnonzero(which).tolist()], sizes[which])
    return found


def _plain_ascii(texts: Sequence[str], sizes: NDArray[np.int64]) -> Flags:
    import pyarrow  # not at the top: the web process never looks at rows
    from pyarrow import compute

    data = (END.join(texts) + END).encode()
    ends = np.concatenate(([0], np.cumsum(sizes + 1)))
    array = pyarrow.LargeStringArray.from_buffers(len(sizes), pyarrow.py_buffer(ends), pyarrow.py_buffer(data))
    odd = compute.match_substring_regex(array, _ODD).to_numpy(zero_copy_only=False)
    # Three different signs at its beginning, one of them a letter or digit: no row of one sign over and over.
    begin = np.frombuffer(data, np.uint8)[ends[:-1, None] + np.arange(BEGIN)]
    found: Flags = ~odd & (_different(begin) >= 3) & _LETTERS[begin].any(axis=1)
    return found


def _different(begin: NDArray[np.uint8] | NDArray[np.uint32]) -> NDArray[np.int64]:
    """How many different signs each row has, blanks left out."""
    ordered = np.sort(begin, axis=1)
    different: NDArray[np.int64] = 1 + np.count_nonzero(ordered[:, 1:] != ordered[:, :-1], axis=1)
    for blank in _BLANKS:
        different -= (ordered == blank).any(axis=1)
    return different


def _plain_beyond(texts: Sequence[str], sizes: NDArray[np.int64]) -> Flags:
    kinds, _folded = _tables()
    joined = END.join(texts) + END
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    kind = kinds[np.minimum(codes, len(kinds) - 1)]
    ends = np.cumsum(sizes + 1)  # behind the end of each
    starts = ends - sizes - 1
    found = np.ones(len(texts), bool)
    found[np.searchsorted(ends, np.flatnonzero(kind == ODD), side="right")] = False
    found[np.searchsorted(ends, _long_numbers(kind), side="right")] = False
    for spoiled in _GARBLED:
        if spoiled in joined:
            found &= ~np.fromiter((spoiled in text for text in texts), bool, len(texts))
    places = starts[:, None] + np.arange(BEGIN)
    begin = np.where(places < ends[:, None] - 1, codes[np.minimum(places, len(codes) - 1)], np.uint32(32))
    of_kind = kinds[np.minimum(begin, len(kinds) - 1)]
    found &= ((of_kind == LETTER) | (of_kind == DIGIT)).any(axis=1)
    short = sizes < BEGIN
    found &= (_different(begin) >= 3) | (sizes < BEGIN - 1)  # a few signs that are alike are no row of them
    for place in np.flatnonzero(found & short).tolist():
        found[place] = not missing(texts[place])
    return found


def _long_numbers(kind: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Where as many digits stand as may be somebody's number, with no letter between them."""
    digits = np.flatnonzero(kind == DIGIT)
    run = np.cumsum((kind == LETTER) | (kind == BREAK))[digits]
    _runs, first, many = np.unique(run, return_index=True, return_counts=True)
    found: NDArray[np.int64] = digits[first[many >= FEWEST]]
    return found


@cache
def _tables() -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    """What kind of sign each character is, and what `projects.quality.normal` makes of it; a blank for what is no word."""
    kinds = np.zeros(0x10001, np.uint8)  # the last for all beyond
    folded = np.full(0x10000, 32, np.uint32)
    letters = [
        *map(ord, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
        *(code for one in _SCRIPTS for code in range(*one)),
    ]
    for code in letters:
        alike = unicodedata.normalize("NFKC", chr(code)).casefold()
        if (chr(code).isalpha() and len(alike) == 1 and alike.isalpha()) or chr(code) == _TWO[0]:
            kinds[code], folded[code] = LETTER, ord(alike[0])
    for sign in {*map(chr, range(33, 127)), *_SIGNS} - {*"<&[@"}:
        alike = unicodedata.normalize("NFKC", sign).casefold()
        if not kinds[ord(sign)] and not any(map(str.isalnum, alike)):
            kinds[ord(sign)] = SIGN
    for digit in "0123456789":
        kinds[ord(digit)], folded[ord(digit)] = DIGIT, ord(digit)
    for blank in _BLANKS:
        kinds[blank] = BLANK
    kinds[ord("_")] = kinds[ord(END)] = BREAK  # both end a row of digits, as a letter does
    folded[0] = 0
    return kinds, folded


def keys(texts: Sequence[str]) -> list[int]:
    """What `projects.quality.key` says of these texts, which are plain."""
    if not texts:
        return []
    joined = END.join(texts)
    words = _words_ascii(joined) if joined.isascii() else _words_beyond(joined)
    sha256 = hashlib.sha256
    digests = b"".join([sha256(one.strip()).digest() for one in words.split(END.encode())])
    found: list[int] = (np.frombuffer(digests, ">u8")[::4] >> np.uint64(1)).tolist()
    return found


def _words_ascii(joined: str) -> bytes:
    words = joined.encode().translate(_WORDS)
    while b"  " in words:
        words = words.replace(b"  ", b" ")
    return words


def _words_beyond(joined: str) -> bytes:
    codes = np.frombuffer(joined.replace(*_TWO).encode("utf-32-le"), np.uint32)
    words = _tables()[1][codes]
    blank = words == 32
    again = np.concatenate(([False], blank[1:] & blank[:-1]))
    return words[~again].tobytes().decode("utf-32-le").encode()
