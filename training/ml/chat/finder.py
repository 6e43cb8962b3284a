"""Finds the known answers that fit the questions of rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from training.ml.chat.rows import Row
from training.ml.embed import Embedder
from training.ml.knowledge import Asked, Hit, Knowledge
from training.ml.prompts import search_text, words_asked


class Finder:
    """Knowledge with the embedding model that its vectors were made with."""

    def __init__(self, knowledge: Knowledge, embedder: Embedder, without: Collection[str] = ()) -> None:
        """WITHOUT: ids of known pairs that are never found."""
        self.knowledge, self.embedder, self.without = knowledge, embedder, without

    def find(self, rows: Sequence[Row], k: int, itself: bool = False) -> list[list[Hit]]:
        """The k best known answers for each row. A row that is learned from must not find itself."""
        if k < 1 or not rows:
            return [[] for _ in rows]
        left_out = [self.without if itself else (*self.without, row.id, row.question) for row in rows]
        return [
            self.knowledge.best(asked, k, without) for asked, without in zip(self._asked(rows), left_out, strict=True)
        ]

    def nearest(self, rows: Sequence[Row]) -> list[list[Hit]]:
        """What a plain search would give for each row: retrieval alone."""
        return [self.knowledge.search(asked, without=self.without) for asked in self._asked(rows)] if rows else []

    def likeness(self, texts: Sequence[str]) -> list[float]:
        """How near the nearest known question is to each text that somebody might ask: one similarity for each."""
        rows = [Row("", 0, [{"role": "user", "content": text}, {"role": "assistant", "content": ""}]) for text in texts]
        return [hits[0].similarity if hits else 0.0 for hits in self.find(rows, 1, itself=True)]

    def _asked(self, rows: Sequence[Row]) -> list[Asked]:
        texts = [search_text(row.asked) for row in rows]
        vectors = self.embedder.encode(texts)
        return [
            Asked(text, vector, words_asked(row.asked)) for text, vector, row in zip(texts, vectors, rows, strict=True)
        ]
