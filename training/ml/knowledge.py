"""The known questions and answers of a model folder and the search for the nearest ones. Needs numpy, not torch."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.ml.facts import house_facts

PAIRS = "knowledge.jsonl"
VECTORS = "knowledge.npy"
BLOCK = 8192
Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Known:
    """One question whose answer the team has given."""

    id: str
    question: str
    answer: str


@dataclass(frozen=True)
class Hit:
    """A known answer that a search found; similarity is the cosine of the two questions."""

    known: Known
    similarity: float


class Knowledge:
    """Known pairs with one unit vector per question. Pairs stay on disk until a search returns them."""

    def __init__(self, pairs: Path, starts: NDArray[np.int64], vectors: NDArray[np.float16]) -> None:
        self._pairs = pairs
        self._starts = starts
        self._vectors = vectors

    @classmethod
    def open(cls, folder: Path) -> Knowledge:
        """Open what `write` left in a model folder; vectors are mapped, not read."""
        pairs, vectors = folder / PAIRS, folder / VECTORS
        starts = [0]
        with pairs.open("rb") as lines:
            for line in lines:
                starts.append(starts[-1] + len(line))
        return cls(pairs, np.asarray(starts[:-1], dtype=np.int64), np.load(vectors, mmap_mode="r"))

    @staticmethod
    def write(folder: Path, pairs: Iterable[Known], vectors: Vectors) -> None:
        """Store pairs and their unit vectors, in the same order."""
        with (folder / PAIRS).open("w", encoding="utf-8") as lines:
            for pair in pairs:
                lines.write(json.dumps(asdict(pair), ensure_ascii=False) + "\n")
        np.save(folder / VECTORS, vectors.astype(np.float16))

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, position: int) -> Known:
        with self._pairs.open("rb") as lines:
            lines.seek(int(self._starts[position]))
            return Known(**json.loads(lines.readline()))

    def vectors(self) -> Vectors:
        """All unit vectors, in the order of the pairs."""
        return np.asarray(self._vectors, dtype=np.float32)

    def house_facts(self) -> frozenset[str]:
        """What belongs to the team's own answers in general; read from the first ten thousand."""
        known = (self[position] for position in range(min(len(self), 10_000)))
        return house_facts((pair.question, pair.answer) for pair in known)

    def search(self, embedding: Sequence[float] | Vectors, k: int = 1, without: Collection[str] = ()) -> list[Hit]:
        """The k nearest known pairs with different answers, nearest first.

        `without` holds ids and question texts to leave out: a row must not find itself while learning.
        """
        if not len(self) or k < 1:
            return []
        similarities = self._similarities(np.asarray(embedding, dtype=np.float32))
        hits: list[Hit] = []
        answers: set[str] = set()
        for position in _descending(similarities, most=200 + k):
            known = self[int(position)]
            if known.id in without or known.question in without or known.answer in answers:
                continue
            answers.add(known.answer)
            hits.append(Hit(known, round(float(similarities[position]), 4)))
            if len(hits) == k:
                break
        return hits

    def _similarities(self, embedding: Vectors) -> Vectors:
        found = np.empty(len(self), dtype=np.float32)
        for start in range(0, len(self), BLOCK):
            found[start : start + BLOCK] = self._vectors[start : start + BLOCK].astype(np.float32) @ embedding
        return found


def _descending(similarities: Vectors, most: int) -> NDArray[np.intp]:
    """Positions from the most similar on; a partial sort, because few are looked at."""
    if len(similarities) <= most:
        return np.argsort(-similarities, kind="stable")
    best = np.argpartition(-similarities, most)[:most]
    return best[np.argsort(-similarities[best], kind="stable")]
