"""What people call their columns. One file is one language.

Each file has WORDS: what a name says → words; a star at the end stands for other endings. HEAD tells which word of a name
says what it is: in "customer question" the last one, in "question du client" the first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from projects import accents, discover

EXACT, HEADED, INSIDE = 1.0, 0.85, 0.4
_NUMBER = re.compile(r"(?:q ?|frage |question |第)?\d{1,3}题? (?=\S)")  # of a question in a form
LONGEST = 5  # words of a name that is no sentence
_BLANKLESS = "\u2e80"  # Chinese, Japanese and Korean write words without blanks between them
_SAID = ("question", "message", "review")
_BARE = frozenset(
    ("message", "messages", "comment", "comments", "text", "body", "content", "words", "内容", "留言", "评论", "內容")
)


@cache
def _words() -> tuple[dict[str, set[tuple[str, bool]]], list[tuple[str, str]], dict[str, set[str]]]:
    """Words with what they say and whether they stand first; stems; words of languages without blanks."""
    whole: dict[str, set[tuple[str, bool]]] = {}
    stems: list[tuple[str, str]] = []
    dense: dict[str, set[str]] = {}
    for module in discover.modules(__name__):
        first = getattr(module, "HEAD", "last") == "first"
        for said, words in module.WORDS.items():
            for word in map(plain, words):
                if word.endswith("*"):
                    stems.append((word[:-1], said))
                    continue
                whole.setdefault(word, set()).add((said, first))
                if word[0] >= _BLANKLESS:
                    dense.setdefault(word.replace(" ", ""), set()).add(said)
    return whole, stems, dense


def plain(word: str) -> str:
    return accents.without(word).casefold()


@lru_cache(maxsize=4_096)
def said(name: str) -> dict[str, float]:
    """What a name (in lower case, words apart) says: "answer", "rating", "other" ..., each with how plainly."""
    found: dict[str, float] = {}
    name = name[number.end() :] if (number := _NUMBER.match(name)) else name
    for what, how in _matches(plain(name)):
        found[what] = max(found.get(what, 0.0), how)
    _who_speaks(found, name.split())
    if found.get("other") == EXACT:  # what the team keeps to itself
        found = {what: how for what, how in found.items() if what not in _SAID or how == EXACT}
    return found


def _matches(name: str) -> Iterator[tuple[str, float]]:
    whole, stems, dense = _words()
    tokens = name.split()
    squeezed = "".join(tokens)
    for what, _first in whole.get(name, set()) | whole.get(squeezed, set()):
        yield what, EXACT
    for at in range(len(tokens)):
        for end in range(at + 1, min(len(tokens), at + 4) + 1):
            if end - at == len(tokens):
                continue
            for what, first in whole.get(" ".join(tokens[at:end]), ()):
                head = at == 0 if first else end == len(tokens)
                if head or len(tokens) <= LONGEST:
                    yield what, HEADED if head else INSIDE
    for stem, what in stems:
        if (
            name.startswith(stem)
            or (" " in stem and stem in name)
            or (len(tokens) > 1 and any(token.startswith(stem) for token in tokens))
        ):
            yield what, HEADED
    if name[:1] >= _BLANKLESS and len(squeezed) <= 20:
        for word, known in dense.items():
            if len(word) >= 2 and word in squeezed and word != squeezed:
                for what in known:
                    yield what, HEADED if squeezed.endswith(word) else INSIDE


def _who_speaks(found: dict[str, float], tokens: list[str]) -> None:
    """The reply of a shop is an answer, whatever else its name says; that of a customer is none."""
    customer = "customer" in found and tokens[:1] != [""] and plain(tokens[0]) in _customers() if tokens else False
    if customer and "answer" in found and "to" not in tokens:
        found.pop("answer")
        found["message"] = max(found.get("message", 0.0), HEADED)
    talks = any(what in found for what in _SAID) or bool(_BARE & set(tokens))
    if "team" in found and talks and not customer and found["team"] < EXACT:
        found["answer"] = max(found.get("answer", 0.0), HEADED)
    if found.get("answer", 0.0) >= INSIDE and not customer:
        for what in _SAID:
            if found.get(what, 0.0) <= max(found["answer"], HEADED):
                found.pop(what, None)
        if "answer" in found:
            found["answer"] = max(found["answer"], HEADED)


@cache
def _customers() -> frozenset[str]:
    return frozenset(word for word, known in _words()[0].items() if any(what == "customer" for what, _first in known))
