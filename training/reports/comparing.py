"""One metric for all that was compared, ready to draw: bars with the interval on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Bar:
    """One system's figure with its interval, as shares of the widest one for drawing."""

    system: str
    title: str
    value: str
    interval: str
    share: float
    low: float
    high: float

    @property
    def ours(self) -> bool:
        return self.system == "tuned"


@dataclass(frozen=True)
class Comparison:
    """One metric for all systems."""

    metric: str
    title: str
    lower_is_better: bool
    bars: list[Bar]
    difference: str


def bar(system: str, title: str, found: dict[str, Any], top: float, say: Callable[[float], str]) -> Bar:
    """A system's mean and interval; TOP is the figure that fills the whole width, SAY words a figure."""
    several = found["rows"] > 1
    return Bar(
        system=system,
        title=title,
        value=say(found["mean"]),
        interval=f"{say(found['low'])} – {say(found['high'])}" if several else "",
        share=round(100 * found["mean"] / top, 2),
        low=round(100 * found["low"] / top, 2) if several else 0,
        high=round(100 * found["high"] / top, 2) if several else 0,
    )
