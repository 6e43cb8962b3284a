"""The labels over time as a drawing and as a table: bars of texts, a line for each label."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from projects import moments

SHOWN = 12
WORTH = 0.05
"""Difference of shares that is worth a word."""


@dataclass
class Bucket:
    """A day or a week, with its texts."""

    first: date
    texts: int = 0
    unsure: int = 0
    outside: int = 0
    labels: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def share(self, label: str) -> float | None:
        return self.labels.get(label, 0) / self.texts if self.texts else None


@dataclass(frozen=True)
class Line:
    """One label over time: its path in a drawing of 120 by 32, and its shares in words."""

    label: str
    paths: list[str]
    now: str
    trained: str
    count: int
    clear: bool


def names(found: Sequence[Bucket]) -> list[str]:
    """The labels, the commonest first."""
    counts: dict[str, int] = defaultdict(int)
    for one in found:
        for label, count in one.labels.items():
            counts[label] += count
    return sorted(counts, key=lambda label: (-counts[label], label))


def bars(found: Sequence[Bucket]) -> list[dict[str, object]]:
    """Texts of each bucket as bars in a drawing of 640 by 120; the part that it was not sure about on its own."""
    top = max(one.texts for one in found) or 1
    step = 640 / len(found)
    return [
        {
            "x": round(place * step + step * 0.12, 1),
            "width": round(step * 0.76, 1),
            "y": round(120 - 120 * one.texts / top, 1),
            "height": round(120 * one.texts / top, 1),
            "unsure_y": round(120 - 120 * one.unsure / top, 1),
            "unsure": round(120 * one.unsure / top, 1),
        }
        for place, one in enumerate(found)
    ]


def lines(found: Sequence[Bucket], then: Mapping[str, float]) -> list[Line]:
    texts = sum(one.texts for one in found)
    kept = names(found)[:SHOWN]
    top = max((one.share(label) or 0.0 for one in found for label in kept), default=1.0) or 1.0
    top = max(top, *(then.get(label, 0.0) for label in kept)) if kept else top
    drawn = []
    for label in kept:
        shares = [one.share(label) for one in found]
        count = sum(one.labels.get(label, 0) for one in found)
        last = next((share for share in reversed(shares) if share is not None), 0.0)
        trained = of_100(then[label]) if label in then else "–"
        drawn.append(
            Line(label, paths(shares, top), of_100(last), trained, count, abs(last - then.get(label, last)) >= WORTH)
        )
    return drawn if texts else []


def paths(shares: Sequence[float | None], top: float) -> list[str]:
    """Pieces of a line in a drawing of 120 by 32; buckets without texts leave a gap, a lonely one is a dash."""
    step = 120 / max(1, len(shares) - 1)
    pieces: list[list[tuple[float, float]]] = [[]]
    for place, share in enumerate(shares):
        if share is None:
            pieces.append([])
        else:
            pieces[-1].append((round(place * step, 1), round(30 - 28 * share / top, 1)))
    drawn = []
    for piece in (one for one in pieces if one):
        x, y = piece[0]
        rest = "".join(f"L{a} {b}" for a, b in piece[1:])
        drawn.append(f"M{x} {y}{rest}" if rest else f"M{max(0.0, x - 2)} {y}H{min(120.0, x + 2)}")
    return drawn


def table(found: Sequence[Bucket]) -> list[dict[str, object]]:
    """The same in numbers, the newest first."""
    shown = names(found)[:SHOWN]
    return [
        {
            "day": moments.day(one.first),
            "texts": one.texts,
            "shares": [of_100(share) if (share := one.share(label)) is not None else "–" for label in shown],
            "unsure": of_100(one.unsure / one.texts) if one.texts else "–",
            "outside": of_100(one.outside / one.texts) if one.texts else "–",
        }
        for one in reversed(found)
    ]


def of_100(share: float) -> str:
    """A share as a number of 100; a small one is not called none."""
    number = 100 * share
    return f"{number:.0f}" if number >= 1 or number == 0 else f"{number:.1f}"
