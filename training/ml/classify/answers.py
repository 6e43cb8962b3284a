"""What a classifier says about a text, as it goes from the engine to whoever asked. No torch here."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from training.ml.stored import Stored, read


@dataclass(frozen=True)
class Word:
    """A piece of the text that speaks for the label."""

    start: int
    end: int
    """Characters, the last one not counted."""
    weight: float
    """0 to 1."""


@dataclass(frozen=True)
class Answer:
    """What a classifier says about one text."""

    label: str
    score: float
    """Calibrated probability of the label; of several, how sure the least certain yes or no among all labels is."""
    scores: dict[str, float]
    """The likeliest labels with their probabilities, the likeliest first."""
    labels: list[str] = field(default_factory=list)
    """All labels given; more than one only where the data had several a text."""
    words: list[Word] = field(default_factory=list)
    out_of_scope: bool = False

    @classmethod
    def from_json(cls, values: Stored) -> Answer:
        return read(cls, values)

    def to_json(self) -> dict[str, object]:
        return asdict(self)
