"""What was understood of a log, as plain JSON in its report. A log that an earlier version looked at lacks what is newer."""

from __future__ import annotations

from typing import TypedDict

from projects.dates import Form


class Weight(TypedDict, total=False):
    """What the numbers of a log say."""

    kind: str  # stars, thumbs or amount
    levels: list[str]
    liked: float
    high: float
    unrated: bool  # 0 stands for "taken, not rated"


class Kind(TypedDict):
    """One kind of event."""

    rows: int
    means: str
    weight: float


class Several(TypedDict, total=False):
    """Cells with several items."""

    sign: str
    clear: bool
    used: bool
    decided: bool  # by a person
    example: str
    parts: list[str]


class Filled(TypedDict, total=False):
    """What only the first line of a basket says."""

    roles: list[str]
    rows: int
    used: bool


class Named(TypedDict, total=False):
    """Items without a code that have a title."""

    rows: int
    used: bool


class Understood(TypedDict, total=False):
    """All of it. What a log does not have is empty."""

    when: Form
    weight: Weight
    kinds: dict[str, Kind]
    states: bool
    widths: dict[str, int]
    many_kinds: bool
    signed: bool
    letters: str
    several: Several
    filled: Filled
    named: Named
