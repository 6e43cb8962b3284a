"""The known questions and answers of a model folder and the search for the best ones. Needs numpy, not torch."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.ml.facts import foreign, house_facts

PAIRS = "knowledge.jsonl"
VECTORS = "knowledge.npy"
HOUSE = "house.json"
BLOCK = 4096
THE_SAME = 0.97
"""Two questions this near are one question, and its own answer comes before any other."""
LOOKED_AT = 8
OF_ANOTHERS_CASE = 0.05
"""How much better an answer with somebody else's numbers, names or links must fit to be taken before one without."""
TOLD_FROM = 10_000
"""Pairs read to learn which facts are the team's own."""
Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Known:
    """One question whose answer the team has given."""

    id: str
    question: str
    answer: str

    @property
    def views(self) -> tuple[str, str, str]:
        """The texts it is found by: what people ask may be near to the question, to what the answer says, or to both."""
        return self.question, self.answer, f"{self.question}\n{self.answer}"


@dataclass(frozen=True)
class Hit:
    """A known answer that a search found; similarity is the cosine to its question, or to question and answer if nearer."""

    known: Known
    similarity: float
    rank: float = 0.0
    """Mean of the cosines to all views, above 1 for a question asked before."""


class Knowledge:
    """Known pairs with a unit vector for each of their views. Pairs stay on disk until a search returns them."""

    def __init__(self, folder: Path, starts: NDArray[np.int64], vectors: NDArray[np.float16]) -> None:
        self._folder = folder
        self._starts = starts
        self._vectors = vectors

    @classmethod
    def open(cls, folder: Path) -> Knowledge:
        """Open what `write` left in a model folder; vectors are mapped, not read."""
        starts = [0]
        with (folder / PAIRS).open("rb") as lines:
            for line in lines:
                starts.append(starts[-1] + len(line))
        stored = np.load(folder / VECTORS, mmap_mode="r", allow_pickle=False)
        views = stored if stored.ndim == 3 else stored[:, None, :]  # models of version 0.1 know the question only
        return cls(folder, np.asarray(starts[:-1], dtype=np.int64), views)

    @staticmethod
    def write(folder: Path, pairs: Sequence[Known], vectors: Vectors) -> None:
        """Store pairs and the unit vectors of their views, pairs x views x width, in the same order."""
        with (folder / PAIRS).open("w", encoding="utf-8") as lines:
            for pair in pairs:
                lines.write(json.dumps(asdict(pair), ensure_ascii=False) + "\n")
        np.save(folder / VECTORS, vectors.astype(np.float16))
        own = house_facts((pair.question, pair.answer) for pair in islice(pairs, TOLD_FROM))
        (folder / HOUSE).write_text(json.dumps(sorted(own), ensure_ascii=False), encoding="utf-8")

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, position: int) -> Known:
        with (self._folder / PAIRS).open("rb") as lines:
            lines.seek(int(self._starts[position]))
            return Known(**json.loads(lines.readline()))

    def vectors(self) -> Vectors:
        """All unit vectors, pairs x views x width, in the order of the pairs."""
        return np.asarray(self._vectors, dtype=np.float32)

    @cached_property
    def house(self) -> frozenset[str]:
        """What belongs to the team's own answers in general, and so to nobody else's case."""
        stored = self._folder / HOUSE
        return frozenset(json.loads(stored.read_text(encoding="utf-8"))) if stored.exists() else frozenset()

    def best(
        self, embedding: Sequence[float] | Vectors, asked: str, k: int = 1, without: Collection[str] = ()
    ) -> list[Hit]:
        """As `search`, but of answers that fit nearly as well those come first that hold no facts of somebody else's case."""
        found = self.search(embedding, LOOKED_AT + k, without)
        anothers = {
            h.known.id: OF_ANOTHERS_CASE * bool(foreign(h.known.answer, asked, house=self.house)) for h in found
        }
        return sorted(found, key=lambda h: anothers[h.known.id] - h.rank)[:k]

    def search(self, embedding: Sequence[float] | Vectors, k: int = 1, without: Collection[str] = ()) -> list[Hit]:
        """The k best known pairs with different answers, best first: by the sum of the cosines to all their views.

        A question that was asked before comes first all the same. `without` holds ids and question texts to leave out: a
        row must not find itself while learning.
        """
        if not len(self) or k < 1:
            return []
        cosines = self._cosines(np.asarray(embedding, dtype=np.float32))
        asked, views = cosines[:, 0], cosines.shape[1]
        ranks = cosines.sum(axis=1) + np.where(asked >= THE_SAME, views + asked, 0)
        hits: list[Hit] = []
        answers: set[str] = set()
        for position in _descending(ranks, most=200 + k):
            known = self[int(position)]
            if known.id in without or known.question in without or known.answer in answers:
                continue
            answers.add(known.answer)
            nearness, rank = float(max(asked[position], cosines[position, -1])), float(ranks[position]) / views
            hits.append(Hit(known, round(nearness, 4), round(rank, 4)))
            if len(hits) == k:
                break
        return hits

    def _cosines(self, embedding: Vectors) -> Vectors:
        found = np.empty(self._vectors.shape[:2], dtype=np.float32)
        for start in range(0, len(self), BLOCK):
            found[start : start + BLOCK] = self._vectors[start : start + BLOCK].astype(np.float32) @ embedding
        return found


def _descending(ranks: Vectors, most: int) -> NDArray[np.intp]:
    """Positions from the best on; a partial sort, because few are looked at."""
    if len(ranks) <= most:
        return np.argsort(-ranks, kind="stable")
    best = np.argpartition(-ranks, most)[:most]
    return best[np.argsort(-ranks[best], kind="stable")]
