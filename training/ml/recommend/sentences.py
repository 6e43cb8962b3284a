"""Items for a sentence: the untouched and the adapted encoder, shared words and shared pieces of words together."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.ml.recommend.blending import candidates, learn
from training.ml.recommend.building import Described
from training.ml.recommend.encoder import Encoder
from training.ml.recommend.learner import crop, typo
from training.ml.recommend.linear import Dense, Table
from training.ml.recommend.near import Near
from training.ml.recommend.scoring import Yardstick
from training.ml.terms import Terms

PARTS = ("text", "sentence", "words", "pieces")
MOST_QUERIES = 400
MOST_CELLS = 8_000_000


@dataclass(frozen=True)
class Finder:
    """How much each kind of likeness counts, after it was measured over the whole catalogue."""

    text: float = 0.3
    sentence: float = 0.3
    words: float = 0.3
    pieces: float = 0.3

    def total(self, likeness: Mapping[str, Dense]) -> Dense:
        """Queries × items."""
        found = np.zeros_like(likeness["words"], dtype=np.float32)
        for name in PARTS:
            if weight := getattr(self, name):
                found += weight * likeness[name]
        return found


def measured(likeness: Dense) -> Dense:
    return Yardstick.of(likeness, np.zeros(likeness.shape, dtype=bool)).measure(likeness)


@dataclass
class Library:
    """The catalogue as sentences see it."""

    text: Dense
    sentence: Dense
    words: Terms
    pieces: Terms
    by_word: Table
    """Terms × items."""
    by_piece: Table
    near: Near | None = None
    """Approximate search, of a large catalogue."""

    def likeness(self, encoder: Encoder, queries: Sequence[str]) -> dict[str, Dense]:
        """Queries × items for each kind of likeness, each measured over the whole catalogue."""
        adapted, plain = encoder.both(queries)
        found = {
            "words": measured((self.words.rows(queries) @ self.by_word).toarray()),
            "pieces": measured((self.pieces.rows(queries) @ self.by_piece).toarray()),
        }
        if self.near is None:
            return found | {"text": measured(plain @ self.text.T), "sentence": measured(adapted @ self.sentence.T)}
        rows = [self._nearly(one, other) for one, other in zip(plain, adapted, strict=True)]
        return found | {"text": np.stack([row[0] for row in rows]), "sentence": np.stack([row[1] for row in rows])}

    def _nearly(self, plain: Dense, adapted: Dense) -> tuple[Dense, Dense]:
        """The same for one query by approximate search; items that are not near count as average."""
        assert self.near is not None
        places, sticks = self.near.search((plain, adapted), (1.0, 1.0), len(self.text))
        found = np.zeros((2, len(self.text)), dtype=np.float32)
        for row, (one, vectors) in enumerate(((plain, self.text), (adapted, self.sentence))):
            found[row, places] = (vectors[places] @ one - sticks[row, 0]) / sticks[row, 1]
        return found[0], found[1]


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
    members = [likeness[name] for name in PARTS]
    found = learn(candidates(members, truth, np.ones_like(truth)), np.arange(len(chosen)))
    if not np.any(found):
        return Finder()  # texts that tell nothing apart
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
