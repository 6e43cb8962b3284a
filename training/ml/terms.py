"""Words and pieces of words of texts as sparse vectors, so that a shared rare word or a typo counts. No torch."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from training.ml.scores import words

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MOST_TERMS = 60_000


def word_terms(text: str) -> list[str]:
    """Words without plural, and pairs of neighbours."""
    found = [plain(word) for word in words(text)]
    return found + [f"{a} {b}" for a, b in pairwise(found)]


def piece_terms(text: str) -> list[str]:
    """Runs of two to four letters inside words, with the edges of words marked."""
    found = []
    for word in words(text):
        edged = f" {word} "
        found += [edged[i : i + n] for n in (2, 3, 4) for i in range(len(edged) - n + 1)]
    return found


def plain(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


KINDS: dict[str, Callable[[str], list[str]]] = {"words": word_terms, "pieces": piece_terms}


@dataclass(frozen=True)
class Terms:
    """A vocabulary with the weight of each term; rows of texts are unit vectors of (1 + log count) × weight."""

    kind: Literal["words", "pieces"]
    places: dict[str, int]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, texts: Sequence[str], kind: Literal["words", "pieces"]) -> Terms:
        """The vocabulary of texts; weights fall with the share of texts that hold a term."""
        found: Counter[str] = Counter()
        for text in texts:
            found.update(list(dict.fromkeys(KINDS[kind](text))))  # no set: its order is another in every process
        fewest = 1 if len(texts) < 20_000 else 2
        kept = [(term, count) for term, count in found.most_common(MOST_TERMS) if count >= fewest]
        weights = [math.log((1 + len(texts)) / (1 + count)) + 1 for _, count in kept]
        return cls(kind, {term: i for i, (term, _) in enumerate(kept)}, np.array(weights, dtype=np.float32))

    def row(self, text: str) -> tuple[list[int], NDArray[np.float32]]:
        """The places of a text's known terms and their parts of its unit vector."""
        counts = Counter(place for term in KINDS[self.kind](text) if (place := self.places.get(term)) is not None)
        row = np.array([(1 + math.log(n)) * self.weights[place] for place, n in counts.items()], dtype=np.float32)
        return list(counts), row / np.linalg.norm(row) if len(row) else row

    def rows(self, texts: Iterable[str]) -> csr_matrix:
        """Texts x terms, float32 CSR with unit rows; a text without known terms is a row of zeros."""
        import scipy.sparse as sp  # searching a few texts needs none of it

        pointers, columns, values = [0], list[int](), []
        for text in texts:
            places, row = self.row(text)
            values.append(row)
            columns += places
            pointers.append(len(columns))
        data = np.concatenate(values) if values else np.zeros(0, dtype=np.float32)
        return sp.csr_matrix((data, columns, pointers), shape=(len(pointers) - 1, len(self.weights)))

    def write(self, folder: Path) -> None:
        text = json.dumps(list(self.places), ensure_ascii=False)
        (folder / f"{self.kind}.json").write_text(text, encoding="utf-8")
        np.save(folder / f"{self.kind}_weights.npy", self.weights)

    @classmethod
    def read(cls, folder: Path, kind: Literal["words", "pieces"]) -> Terms:
        names = json.loads((folder / f"{kind}.json").read_text(encoding="utf-8"))
        weights = np.load(folder / f"{kind}_weights.npy", allow_pickle=False)
        return cls(kind, {term: i for i, term in enumerate(names)}, weights)
