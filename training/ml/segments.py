"""Words with their places in a text, also where they are written without blanks between them. No torch."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from functools import cache

Span = tuple[int, int]

LONGEST_RUN = 100
"""Characters that are cut in one go: the cutter's time grows with the square of them, and nobody writes more at a stretch."""
KANA = re.compile(r"[\u3040-\u30ff]")
PART = re.compile(
    rf"(?P<han>[\u3400-\u9fff]{{1,{LONGEST_RUN}}})|(?P<kana>[\u3040-\u30ff]{{1,2}})"
    r"|[\uac00-\ud7af]+|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+(?:['’][^\W\d_]+)?|[!?！？]+"
)


def spans(text: str) -> list[Span]:
    """Start and end of each word. Chinese is cut by a dictionary, Japanese into pairs of characters."""
    cut = _pairs if KANA.search(text) else _chinese
    places: list[Span] = []
    for part in PART.finditer(text):
        if part.lastgroup == "han":
            places += [(part.start() + start, part.start() + end) for start, end in cut(part.group())]
        else:
            places.append(part.span())
    return places


def words(text: str) -> list[str]:
    """The words of a text in small letters."""
    return [text[start:end].lower() for start, end in spans(text)]


def get_ready(texts: list[str]) -> None:
    """Loads the dictionary now, where one of these texts needs it, and not when the first answer waits for it."""
    for text in texts:
        spans(text)


def _chinese(run: str) -> Iterator[Span]:
    return ((start, end) for _word, start, end in _dictionary()(run))


def _pairs(run: str) -> Iterator[Span]:
    return ((start, min(start + 2, len(run))) for start in range(0, len(run), 2))


@cache
def _dictionary() -> Callable[[str], Iterator[tuple[str, int, int]]]:
    """jieba's cutter. Its dictionary is read from the package itself: left alone it would unpack a cache that anybody may
    have put into the machine's folder for temporary files."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba

    cutter = jieba.Tokenizer()
    cutter.FREQ, cutter.total = cutter.gen_pfdict(cutter.get_dict_file())
    cutter.initialized = True
    tokenize: Callable[[str], Iterator[tuple[str, int, int]]] = cutter.tokenize
    return tokenize
