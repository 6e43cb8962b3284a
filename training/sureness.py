"""What a report measured at each threshold of certainty: how much it leaves to people, and how good the rest is."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Threshold:
    """What would happen if it were unsure below this."""

    at: float
    share_below: float
    """Of the rows, that it would leave to a person."""
    quality_below: float | None
    quality_above: float | None


@dataclass(frozen=True)
class Certainty:
    """The thresholds that were tried, the lowest first, and the one to recommend."""

    recommended: float | None = None
    points: list[Threshold] = field(default_factory=list)
    coverage: float | None = None
    """Share of the rows that it was sure of at the recommended one, where the report counted them."""
