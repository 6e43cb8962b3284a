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
from training.ml.postings import Postings

PAIRS = "knowledge.jsonl"
VECTORS = "knowledge.npy"
HOUSE = "house.json"
BLOCK = 4096
THE_SAME = 0.97
"""Two questions this near are one question, and its own answer comes before any other."""
SHARED_WORDS = 0.5
"""What a cosine of words counts beside the mean cosine of meanings; see docs/decisions.md."""
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
class Asked:
    """What is searched for."""

    text: str
    vector: Sequence[float] | Vectors
    whole: str = ""
    """All that the visitor said, when that is more than the text."""


@dataclass(frozen=True)
class Hit:
    """A known answer that a search found; similarity is the cosine to its question, or to question and answer if nearer."""

    known: Known
    similarity: float
    rank: float = 0.0
    """How well it fits: by the meaning of all its views and by shared words. More than 1 for a question asked before."""


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
        Postings.write(folder, [pair.views[-1] for pair in pairs])
        own = house_facts((pair.question, pair.answer) for pair in islice(pairs, TOLD_FROM))
        (folder / HOUSE).write_text(json.dumps(sorted(own), ensure_ascii=False), encoding="utf-8")

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, position: int) -> Known:
        with (self._folder / PAIRS).open("rb") as lines:
            lines.seek(int(self._starts[position]))
            return Known(**json.loads(lines.readline()))

    @cached_property
    def house(self) -> frozenset[str]:
        """What belongs to the team's own answers in general, and so to nobody else's case."""
        stored = self._folder / HOUSE
        return frozenset(json.loads(stored.read_text(encoding="utf-8"))) if stored.exists() else frozenset()

    @cached_property
    def _words(self) -> Postings | None:
        return Postings(self._folder) if Postings.there(self._folder) else None

    def best(self, asked: Asked, k: int = 1, without: Collection[str] = ()) -> list[Hit]:
        """As `search`, but of answers that fit nearly as well those come first that hold no facts of somebody else's case."""
        found = self.search(asked, LOOKED_AT + k, without)
        whole = asked.whole or asked.text
        anothers = {
            h.known.id: OF_ANOTHERS_CASE * bool(foreign(h.known.answer, whole, house=self.house)) for h in found
        }
        return sorted(found, key=lambda h: anothers[h.known.id] - h.rank)[:k]

    def search(self, asked: Asked, k: int = 1, without: Collection[str] = ()) -> list[Hit]:
        """The k best known pairs with different answers, best first, by meaning and shared words.

        A question that was asked before comes first all the same. `without` holds ids and question texts to leave out: a
        row must not find itself while learning.
        """
        if not len(self) or k < 1:
            return []
        cosines = self._cosines(np.asarray(asked.vector, dtype=np.float32))
        ranks = self._ranks(cosines, asked.text)
        hits: list[Hit] = []
        answers: set[str] = set()
        for position in _descending(ranks, most=200 + k):
            known = self[int(position)]
            if known.id in without or known.question in without or known.answer in answers:
                continue
            answers.add(known.answer)
            nearness = float(max(cosines[position, 0], cosines[position, -1]))
            hits.append(Hit(known, round(nearness, 4), round(float(ranks[position]), 4)))
            if len(hits) == k:
                break
        return hits

    def _ranks(self, cosines: Vectors, text: str) -> Vectors:
        ranks: Vectors = cosines.mean(axis=1)
        if self._words is not None:
            ranks += SHARED_WORDS * self._words.cosines(text, len(self))
        return np.where(cosines[:, 0] >= THE_SAME, 2 + cosines[:, 0], ranks)

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
