"""What a classifier can say at all, of its manifest: light enough for whoever only shows labels. No torch here."""

from __future__ import annotations

from dataclasses import dataclass, field

from training.ml.stored import Stored, read


@dataclass(frozen=True)
class Labelled:
    """What it can say at all."""

    labels: list[str] = field(default_factory=list)
    multi: bool = False
    """A text may have several labels."""

    @classmethod
    def from_json(cls, values: Stored) -> Labelled:
        return read(cls, values)
