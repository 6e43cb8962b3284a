"""Approximate search in large catalogues with faiss: items near a sentence without looking at every one. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.ml.recommend.linear import Dense

LARGE = 50_000
"""Up to so many items everything is compared exactly."""
FOUND = 2000
LISTS, LOOKED_AT = 1024, 48
TRAINED_ON = 40_000
INDEX, MOMENTS = "near.faiss", "near.npz"


@dataclass
class Near:
    """An index over the two vectors of each item side by side, with the mean and spread of each kind of vector."""

    index: Any
    means: Dense
    spreads: Dense
    """Kind × width × width: covariance, from which the deviation of all likenesses follows without computing them."""

    @classmethod
    def of(cls, text: Dense, sentence: Dense) -> Near:
        """Lists of like items (Jégou et al. 2011), vectors in 16 bits."""
        import faiss

        width = text.shape[1] * 2
        index = faiss.IndexIVFScalarQuantizer(
            faiss.IndexFlatIP(width), width, LISTS, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        chance = np.random.default_rng(0)
        some = np.sort(chance.permutation(len(text))[:TRAINED_ON])
        index.train(np.hstack([text[some], sentence[some]]))
        for start in range(0, len(text), 20_000):
            part = slice(start, start + 20_000)
            index.add(np.hstack([text[part], sentence[part]]))
        kinds = (text, sentence)
        means = np.stack([kind.mean(axis=0) for kind in kinds])
        spreads = np.stack([np.cov(kind[some], rowvar=False) for kind in kinds]).astype(np.float32)
        return cls(index, means, spreads)

    def add(self, text: Dense, sentence: Dense) -> None:
        """More items at the end."""
        self.index.add(np.hstack([text, sentence]).astype(np.float32))

    def search(
        self, asked: tuple[Dense, Dense], weights: tuple[float, float], most: int
    ) -> tuple[NDArray[np.int64], Dense]:
        """Positions below `most` of near items for one sentence, and its yardsticks: kind × (mean, deviation)."""
        sticks = np.array([
            [float(mean @ one), float(np.sqrt(max(one @ spread @ one, 1e-12)))]
            for one, mean, spread in zip(asked, self.means, self.spreads, strict=True)
        ], dtype=np.float32)  # fmt: skip
        query = np.concatenate(
            [one * weight / stick[1] for one, weight, stick in zip(asked, weights, sticks, strict=True)]
        )
        self.index.nprobe = LOOKED_AT
        _, found = self.index.search(query[None].astype(np.float32), FOUND)
        kept = found[0][(found[0] >= 0) & (found[0] < most)]
        return kept.astype(np.int64), sticks

    def write(self, folder: Path) -> None:
        import faiss

        faiss.write_index(self.index, str(folder / INDEX))
        np.savez(folder / MOMENTS, means=self.means, spreads=self.spreads)

    @classmethod
    def read(cls, folder: Path) -> Near | None:
        """None where the catalogue was small enough to do without."""
        if not (folder / INDEX).exists():
            return None
        import faiss

        with np.load(folder / MOMENTS, allow_pickle=False) as stored:
            return cls(faiss.read_index(str(folder / INDEX)), stored["means"], stored["spreads"])
