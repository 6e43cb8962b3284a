"""Finds the known answers that fit the questions of rows."""

from __future__ import annotations

from collections.abc import Sequence

from training.ml.embed import Embedder
from training.ml.knowledge import Hit, Knowledge, Vectors
from training.ml.prompts import search_text, words_asked
from training.ml.rows import Row


class Finder:
    """Knowledge with the embedding model that its vectors were made with."""

    def __init__(self, knowledge: Knowledge, embedder: Embedder) -> None:
        self.knowledge, self.embedder = knowledge, embedder

    def find(self, rows: Sequence[Row], k: int, itself: bool = False) -> list[list[Hit]]:
        """The k best known answers for each row. A row that is learned from must not find itself."""
        if k < 1 or not rows:
            return [[] for _ in rows]
        left_out = [() if itself else (row.id, row.question) for row in rows]
        asked = [words_asked(row.asked) for row in rows]
        found = zip(self._vectors(rows), asked, left_out, strict=True)
        return [self.knowledge.best(vector, words, k, without) for vector, words, without in found]

    def nearest(self, rows: Sequence[Row]) -> list[list[Hit]]:
        """What a plain search would give for each row: retrieval alone."""
        return [self.knowledge.search(vector) for vector in self._vectors(rows)] if rows else []

    def _vectors(self, rows: Sequence[Row]) -> Vectors:
        return self.embedder.encode([search_text(row.asked) for row in rows])
