"""The texts whose labels the team has given, by number: asked word for word they get these labels. No torch here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.ml import exact
from training.ml.classify.linear import Floats
from training.ml.classify.rows import Labels, Row

FILE = "memory.npz"
SURE = 0.99
"""How sure a remembered label is; even a person who labels is not always right."""


def _none() -> exact.Numbers:
    return np.zeros(0, dtype=np.uint64)


@dataclass(frozen=True)
class Memory:
    """Numbers of texts, as they were written and without their signs, each with the row of its labels."""

    literal: exact.Numbers = field(default_factory=_none)
    normal: exact.Numbers = field(default_factory=_none)
    labels: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 1), dtype=np.int32))
    """[texts, most labels of a text]: places of the labels, -1 where there are fewer."""

    @classmethod
    def of(cls, rows: Sequence[Row], labels: Labels) -> Memory:
        """What these rows say; a label that was never learned cannot be given."""
        places = {name: place for place, name in enumerate(labels.names)}
        kept = [row for row in rows if set(row.labels) <= set(places)]
        most = max((len(row.labels) for row in kept), default=1)
        found = np.full((len(kept), most), -1, dtype=np.int32)
        for i, row in enumerate(kept):
            found[i, : len(row.labels)] = sorted(places[label] for label in row.labels)
        return cls(
            exact.numbers([exact.literal(row.text) for row in kept]),
            exact.numbers([exact.normal(row.text) for row in kept]),
            found,
        )

    def save(self, folder: Path) -> None:
        np.savez(folder / FILE, literal=self.literal, normal=self.normal, labels=self.labels)

    @classmethod
    def read(cls, folder: Path) -> Memory:
        """As it was saved; empty before the report is made, and in models of version 0.1."""
        if not (folder / FILE).exists():
            return cls()
        with np.load(folder / FILE, allow_pickle=False) as found:
            return cls(found["literal"], found["normal"], found["labels"])

    def __len__(self) -> int:
        return len(self.literal)

    def places(self, text: str) -> list[int]:
        """The labels of a text; where rows contradict each other, those of most rows, and none where these are equal."""
        if not len(self):
            return []
        found = exact.positions(self.literal, exact.literal(text))
        found = found or exact.positions(self.normal, exact.normal(text))
        said = Counter(tuple(self.labels[at].tolist()) for at in found).most_common(2)
        if not said or (len(said) == 2 and said[0][1] == said[1][1]):
            return []
        return [place for place in said[0][0] if place >= 0]

    def over(
        self, probabilities: Floats, texts: Sequence[str], spellings: Sequence[str]
    ) -> tuple[Floats, NDArray[np.bool_]]:  # fmt: skip
        """The probabilities with those of known texts put right, float32 [texts, labels], and which texts are known."""
        found, known = probabilities.copy(), np.zeros(len(texts), dtype=bool)
        for i, (text, spelling) in enumerate(zip(texts, spellings, strict=True)):
            places = self.places(text) or (self.places(spelling) if spelling != text else [])
            if places:
                known[i] = True
                found[i] = _sure(found[i], places)
        return found, known


def _sure(row: Floats, places: Sequence[int]) -> Floats:
    """The labels of PLACES as good as certain, the others in their order below them."""
    given = np.zeros(len(row), dtype=bool)
    given[list(places)] = True
    sure = np.maximum(row, SURE)
    rest = np.where(given, 0, row)
    if len(places) > 1:
        rest = np.minimum(rest, 1 - SURE)
    else:  # one label: all of them together make 1
        rest = rest * (1 - sure[places[0]]) / max(float(rest.sum()), 1e-9)
    return np.where(given, sure, rest).astype(np.float32)
