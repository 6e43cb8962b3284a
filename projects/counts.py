"""What a dataset came to: the one shape in which the rest of the house reads the counts that a family wrote.

Stored in the dataset's row and in `dataset.json`. A family writes what it counts and leaves out the rest, so that a log has no
texts without a label and a set of texts has no people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields


@dataclass(frozen=True)
class Counts:
    rows: int = 0
    kept: int = 0
    dropped: int = 0
    train: int | None = None
    validation: int = 0
    test: int | None = None
    """None where the sides were not counted."""
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Flag → rows dropped for it; the first reason counts."""
    unlabelled: int = 0
    """Texts without a label, kept apart."""
    label_count: int = 0
    """Different labels."""
    people: int | None = None
    items: int = 0
    """Of the whole catalogue."""
    taken: int | None = None
    """Items that somebody took."""
    interactions: int = 0
    started: float | None = None
    """While a file is being read: when that began, in seconds since 1970."""

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> Counts:
        """As any version stored them: what is missing was not counted, what is unknown is passed over."""
        names = {one.name for one in fields(cls)}
        known: dict[str, object] = {name: value for name, value in values.items() if name in names}
        return cls(**known)  # type: ignore[arg-type]
