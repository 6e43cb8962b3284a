"""Which known texts hold which words, to rank them by shared words beside shared meaning. Needs numpy, not torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.ml.terms import Terms

STARTS, TEXTS, PARTS = "postings_starts.npy", "postings_texts.npy", "postings_parts.npy"
READ_FOR_TERMS = 50_000
"""Texts whose words are counted; what is first seen after so many is rare enough to do without."""


class Postings:
    """For each term the texts that hold it; mapped from disk, so that a search reads only its own terms."""

    def __init__(self, folder: Path) -> None:
        self.terms = Terms.read(folder, "words")
        self._starts, self._texts, self._parts = (
            np.load(folder / name, mmap_mode="r", allow_pickle=False) for name in (STARTS, TEXTS, PARTS)
        )

    @staticmethod
    def write(folder: Path, texts: Sequence[str]) -> None:
        terms = Terms.of(texts[:READ_FOR_TERMS], "words")
        by_term = terms.rows(texts).tocsc()
        terms.write(folder)
        np.save(folder / STARTS, by_term.indptr.astype(np.int64))
        np.save(folder / TEXTS, by_term.indices.astype(np.int32))
        np.save(folder / PARTS, by_term.data.astype(np.float16))

    @staticmethod
    def there(folder: Path) -> bool:
        return (folder / STARTS).exists()

    def cosines(self, text: str, count: int) -> NDArray[np.float32]:
        """TF-IDF cosine of a text to each of the count known ones, 0 to 1."""
        found = np.zeros(count, dtype=np.float32)
        for place, part in zip(*self.terms.row(text), strict=True):
            start, end = self._starts[place], self._starts[place + 1]
            found[self._texts[start:end]] += part * self._parts[start:end].astype(np.float32)
        return found
