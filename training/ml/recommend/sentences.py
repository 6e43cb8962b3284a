"""Items for a sentence: the untouched and the adapted encoder, shared words and shared pieces of words together."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.ml.recommend.blending import candidates, learn
from training.ml.recommend.building import Described
from training.ml.recommend.encoder import Encoder
from training.ml.recommend.learner import crop, typo
from training.ml.recommend.linear import Dense
from training.ml.recommend.scoring import Yardstick
from training.ml.recommend.texts import Terms

PARTS = ("text", "sentence", "words", "pieces")
MOST_QUERIES = 400
MOST_CELLS = 8_000_000


@dataclass(frozen=True)
class Finder:
    """How much each kind of likeness counts; each is measured over the whole catalogue first."""

    text: float = 0.3
    sentence: float = 0.3
    words: float = 0.3
    pieces: float = 0.3

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Finder:
        return cls(**{name: float(values[name]) for name in PARTS})

    def total(self, likeness: Mapping[str, Dense]) -> Dense:
        """Queries × items."""
        found = [getattr(self, name) * measured(likeness[name]) for name in PARTS if getattr(self, name)]
        return np.sum(found, axis=0, dtype=np.float32)


def measured(likeness: Dense) -> Dense:
    return Yardstick.of(likeness, np.zeros(likeness.shape, dtype=bool)).measure(likeness)


@dataclass
class Library:
    """The catalogue as sentences see it."""

    text: Dense
    sentence: Dense
    words: Terms
    pieces: Terms
    by_word: Any
    """Terms × items."""
    by_piece: Any

    def likeness(self, encoder: Encoder, queries: Sequence[str]) -> dict[str, Dense]:
        """Queries × items for each kind of likeness."""
        adapted, plain = encoder.both(queries)
        return {
            "text": plain @ self.text.T,
            "sentence": adapted @ self.sentence.T,
            "words": (self.words.rows(queries) @ self.by_word).toarray(),
            "pieces": (self.pieces.rows(queries) @ self.by_piece).toarray(),
        }


def learn_finder(
    encoder: Encoder, texts: list[str], described: Described, terms: tuple[Terms, Terms], chosen: NDArray[np.int64]
) -> Finder:  # fmt: skip
    """Weights from parts of descriptions of items that the adapter never saw, every second one with typos."""
    words, pieces = terms
    most = max(20, min(MOST_QUERIES, MOST_CELLS // max(len(texts), 1)))
    chosen = chosen[:most]
    if len(chosen) < 2:
        return Finder()
    library = Library(
        described.text, described.sentence, words, pieces, described.words.T.tocsr(), pieces.rows(texts).T.tocsr()
    )
    likeness = library.likeness(encoder, queries_of([texts[i] for i in chosen], typos=0.5))
    truth = np.zeros((len(chosen), len(texts)), dtype=bool)
    truth[np.arange(len(chosen)), chosen] = True
    members = [measured(likeness[name]) for name in PARTS]
    found = learn(candidates(members, truth, np.ones_like(truth)), np.arange(len(chosen)))
    return Finder(**{name: float(weight) for name, weight in zip(PARTS, found, strict=True)})


def queries_of(texts: Sequence[str], typos: float, seed: int = 0) -> list[str]:
    """Some words of each text; in a share of them every second longer word has a typo."""
    chance = random.Random(f"queries/{seed}")
    found = []
    for text in texts:
        query = crop(text.replace(",", " ").replace(".", " "), chance)
        if chance.random() < typos:
            query = " ".join(typo(word, chance) if chance.random() < 0.5 else word for word in query.split())
        found.append(query)
    return found
