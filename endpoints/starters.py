"""What a visitor may begin with: what the family finds in the team's own data, never another's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from endpoints import families
from projects import language, privacy
from training.ml.everyday import WIDE
from training.models import ModelVersion

MOST = 3
SHORTEST, LONGEST = 12, 80
WIDE_SHORTEST, WIDE_LONGEST = 5, 40
"""The same where a letter says as much as a word, as in Chinese."""


def starters(model: ModelVersion) -> list[str]:
    """Of the data, or nothing: a shop for potters has nothing new for the kitchen."""
    return families.of_project(model.project).starters(model)[:MOST]


def presentable(text: str) -> bool:
    """Whether a text of the data can stand before others: a short line that names no number and nobody's address."""
    if not text.isprintable() or text != " ".join(text.split()) or sum(char.isdecimal() for char in text) > 3:
        return False
    wide = len(WIDE.findall(text)) > 0.3 * len(text)
    shortest, longest = (WIDE_SHORTEST, WIDE_LONGEST) if wide else (SHORTEST, LONGEST)
    return shortest <= len(text) <= longest and privacy.mask(text) == text


def spread(texts: Iterable[tuple[str, str]]) -> list[str]:
    """A few of these texts, each with its kind: of as many languages and kinds as there is room for, the first of equals."""
    told = {text: (language.of(text), kind) for text, kind in texts if presentable(text)}
    # A text too short to tell is in the language of most.
    usual = next((tongue for tongue, _many in Counter(one for one, _kind in told.values()).most_common() if tongue), "")
    left = {text: (tongue or usual, kind) for text, (tongue, kind) in told.items()}
    tongues: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    chosen: list[str] = []
    while left and len(chosen) < MOST:
        text = min(left, key=lambda one: (tongues[left[one][0]], kinds[left[one][1]]))
        tongue, kind = left.pop(text)
        tongues[tongue] += 1
        kinds[kind] += 1
        chosen.append(text)
    return chosen
