"""Finds the known answers nearest to the questions of rows."""

from __future__ import annotations

from collections.abc import Sequence

from training.ml.embed import Embedder
from training.ml.knowledge import Hit, Knowledge
from training.ml.prompts import search_text
from training.ml.rows import Row


class Finder:
    """Knowledge with the embedding model that its vectors were made with."""

    def __init__(self, knowledge: Knowledge, embedder: Embedder) -> None:
        self.knowledge, self.embedder = knowledge, embedder

    def find(self, rows: Sequence[Row], k: int, itself: bool = False) -> list[list[Hit]]:
        """The k nearest known answers for each row. A row that is learned from must not find itself."""
        if k < 1 or not rows:
            return [[] for _ in rows]
        vectors = self.embedder.encode([search_text(row.asked) for row in rows])
        left_out = [() if itself else (row.id, row.question) for row in rows]
        return [
            self.knowledge.search(vector, k, without=without) for vector, without in zip(vectors, left_out, strict=True)
        ]
