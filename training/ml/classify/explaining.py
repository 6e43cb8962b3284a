"""The words that decided: each is left out once, and what that costs the label is its weight (occlusion, Zeiler and Fergus
2014, arXiv 1311.2901; words as in Li et al. 2016, arXiv 1612.08220). Tested by deleting what it names."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

import numpy as np

from training.ml import segments
from training.ml.classify.linear import TINY, Floats
from training.ml.segments import Span

MOST_PIECES = 80
"""Longer texts are left out in longer pieces."""
LEAST = 0.1
"""Pieces with less than this share of the strongest one's weight are not named."""
Probability = Callable[[list[str]], Floats]


def spans(text: str) -> list[Span]:
    """Start and end of each word, or of a few together in a long text."""
    found = segments.spans(text)
    together = -(-len(found) // MOST_PIECES) or 1
    return [(found[i][0], found[min(i + together, len(found)) - 1][1]) for i in range(0, len(found), together)]


def without(text: str, gone: Sequence[Span]) -> str:
    """The text without these pieces."""
    kept, last = [], 0
    for start, end in sorted(gone):
        kept.append(text[last:start])
        last = max(last, end)
    return re.sub(r"\s{2,}", " ", "".join(kept) + text[last:]).strip()


def words(text: str, probability: Probability) -> list[tuple[int, int, float]]:
    """(start, end, weight) of the pieces whose absence makes the label less likely, in the text's order; the strongest has weight 1."""
    pieces = spans(text)
    if len(pieces) < 2:
        return [(start, end, 1.0) for start, end in pieces]
    found = _log_odds(probability([text, *(without(text, [piece]) or " " for piece in pieces)]))
    loss = found[0] - found[1:]
    strongest = float(loss.max())
    if strongest <= 0:
        return []
    pairs = zip(pieces, loss, strict=True)
    return [(start, end, float(lost / strongest)) for (start, end), lost in pairs if lost >= LEAST * strongest]


def strongest(found: Sequence[tuple[int, int, float]], count: int) -> list[Span]:
    """The pieces with the highest weights."""
    return [(start, end) for start, end, _weight in sorted(found, key=lambda one: -one[2])[:count]]


def by_chance(text: str, count: int, seed: str) -> list[Span]:
    """As many pieces by chance, to compare with."""
    pieces = spans(text)
    return random.Random(seed).sample(pieces, min(count, len(pieces)))


def _log_odds(probabilities: Floats) -> Floats:
    clipped = np.clip(probabilities.astype(np.float64), TINY, 1 - TINY)
    found: Floats = (np.log(clipped) - np.log1p(-clipped)).astype(np.float32)
    return found
