"""One metric for all that was compared, ready to draw: bars with the interval on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from training.ml.scores import Interval, wilson


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


def bar(system: str, title: str, found: Interval, top: float, say: Callable[[float], str], share: bool = False) -> Bar:
    """A system's mean and interval; TOP is the figure that fills the whole width, SAY words a figure.

    Of a share of the rows the interval is worked out here, since older reports hold one that 30 of 30 makes certain;
    so is that of any figure whose every redrawn sample says the same.
    """
    several = found.rows > 1
    certain = found.low == found.high == found.mean and found.mean in (0, 1)
    if share or certain:
        low, high = wilson(found.mean, found.rows)
        found = replace(found, low=low, high=high)
    return Bar(
        system=system,
        title=title,
        value=say(found.mean),
        interval=f"{say(found.low)} – {say(found.high)}" if several else "",
        share=round(100 * found.mean / top, 2),
        low=round(100 * found.low / top, 2) if several else 0,
        high=round(100 * found.high / top, 2) if several else 0,
    )
