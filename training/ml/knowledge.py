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

from training.ml import exact
from training.ml.errors import BrokenModel
from training.ml.facts import foreign, house_facts
from training.ml.postings import Postings

PAIRS = "knowledge.jsonl"
VECTORS = "knowledge.npy"
HOUSE = "house.json"
NUMBERS = "knowledge_numbers.npy"
BLOCK = 4096
THE_SAME = 0.97
"""Two questions this near are one question, and its own answer comes before any other."""
SHARED_WORDS = 0.5
"""What a cosine of words counts beside the mean cosine of meanings; see docs/decisions.md."""
LOOKED_AT = 8
WORD_FOR_WORD = 4.0
"""The rank of a known question that is asked word for word: above every rank that meaning and words can reach."""
MOST_ALIKE = 50
"""Known questions of the same words that are told apart by their signs."""
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
    spellings: tuple[str, ...] = ()
    """What else the known questions may have word for word: the last message alone, or what masking makes of it."""


@dataclass(frozen=True)
class Hit:
    """A known answer that a search found; similarity is the cosine to its question, or to question and answer if nearer."""

    known: Known
    similarity: float
    rank: float = 0.0
    """How well it fits: by the meaning of all its views and by shared words. More than 1 for a question asked before."""
    same: bool = False
    """Whether this very question was asked, word for word."""


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
        try:
            with (folder / PAIRS).open("rb") as lines:
                for line in lines:
                    starts.append(starts[-1] + len(line))
            stored = np.lib.format.open_memmap(folder / VECTORS, mode="r")  # npy alone: no archive, no pickle
        except (OSError, ValueError, EOFError) as error:
            raise BrokenModel(file=VECTORS) from error
        if len(stored) != len(starts) - 1:
            raise BrokenModel(file=PAIRS)
        views = stored if stored.ndim == 3 else stored[:, None, :]  # models of version 0.1 know the question only
        return cls(folder, np.asarray(starts[:-1], dtype=np.int64), views)

    @staticmethod
    def write(folder: Path, pairs: Sequence[Known], vectors: Vectors | NDArray[np.float16]) -> None:
        """Store pairs and the unit vectors of their views, pairs x views x width, in the same order."""
        with (folder / PAIRS).open("w", encoding="utf-8") as lines:
            for pair in pairs:
                lines.write(json.dumps(asdict(pair), ensure_ascii=False) + "\n")
        np.save(folder / VECTORS, vectors.astype(np.float16))
        np.save(folder / NUMBERS, exact.numbers([exact.normal(pair.question) for pair in pairs]))
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

    @cached_property
    def _numbers(self) -> exact.Numbers:
        """Of each question; none in models of version 0.1."""
        stored = self._folder / NUMBERS
        return np.load(stored, allow_pickle=False) if stored.exists() else np.zeros(0, dtype=np.uint64)

    @property
    def vectors(self) -> NDArray[np.float16]:
        """Pairs x views x width, in the order of the pairs."""
        return self._vectors

    def same(self, text: str, without: Collection[str] = ()) -> int | None:
        """The position of the question that is asked word for word. Where only signs tell several apart, they decide."""
        found = [(at, self[at]) for at in exact.positions(self._numbers, exact.normal(text))[:MOST_ALIKE]]
        found = [(at, one) for at, one in found if one.id not in without and one.question not in without]
        asked = exact.literal(text)
        spelled = [(at, exact.literal(one.question)) for at, one in found]
        for at, question in spelled:
            if question == asked:
                return at
        for at, question in spelled:
            if question.casefold() == asked.casefold():
                return at
        return found[0][0] if len({one.answer for _at, one in found}) == 1 else None

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
        alike = (self.same(text, without) for text in (asked.text, *asked.spellings))
        same = next((position for position in alike if position is not None), None)
        if same is not None:
            ranks[same] = WORD_FOR_WORD
        hits: list[Hit] = []
        answers: set[str] = set()
        for position in _descending(ranks, most=200 + k):
            known = self[int(position)]
            if known.id in without or known.question in without or known.answer in answers:
                continue
            answers.add(known.answer)
            nearness = 1.0 if position == same else float(max(cosines[position, 0], cosines[position, -1]))
            hits.append(Hit(known, round(nearness, 4), round(float(ranks[position]), 4), bool(position == same)))
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
