"""What an evaluation found, in figures that a page can show as they stand, which the verdict is made from. No torch here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from training.ml.chat.judging import Verdict
from training.ml.reports import Corrected, Live, Scores
from training.ml.scores import Interval, bounded, paired, share
from training.ml.stored import Stored, present, read

SYSTEMS = ("tuned", "base", "retrieval")
METRICS = ("token_f1", "similarity", "foreign", "invented")
SHARES = ("foreign", "invented")


@dataclass(frozen=True)
class Scored:
    """One answer of one system to one question."""

    answer: str
    token_f1: float
    similarity: float
    foreign: list[str] = field(default_factory=list)
    """Facts that stand neither in the question nor in this row's own right answer."""
    invented: list[str] = field(default_factory=list)
    """Facts that stand neither there nor in the known answers used."""


@dataclass(frozen=True)
class Source:
    """A known answer that was used."""

    id: str
    question: str
    answer: str
    similarity: float


@dataclass(frozen=True)
class CurvePoint:
    """What would happen if the bot were unsure below a similarity."""

    similarity: float
    share_below: float
    quality_below: float | None
    quality_above: float | None
    count_below: int = 0
    clear: bool = False
    """Whether the answers below are worse by more than chance makes them."""


@dataclass(frozen=True)
class Unsure:
    """From which likeness to a known question on it counts as sure."""

    threshold: float | None = None
    """The one to recommend."""
    reason: str = ""
    curve: list[CurvePoint] = field(default_factory=list)
    """What it comes from."""


@dataclass(frozen=True)
class Tested:
    """One held-out question with the answers of all systems."""

    id: str
    row: int
    question: str
    reference: str
    kind: str
    """hand_over when the published bot gave a known answer word for word, else generate."""
    nearest: float
    """Similarity of the nearest known question."""
    unsure: bool
    sources: list[Source]
    """Known answers used."""
    tuned: Scored
    base: Scored
    retrieval: Scored

    def scored(self, system: str) -> Scored:
        found: Scored = getattr(self, system)
        return found


@dataclass(frozen=True)
class Report:
    """report.json. What has a default was not in every report that was ever written."""

    scores: Scores = field(default_factory=dict)
    """system → metric → mean and interval. foreign and invented are shares of answers that hold one."""
    differences: Scores = field(default_factory=dict)
    """tuned_minus_retrieval and tuned_minus_base → metric (and quality, the mean of the first two) → paired difference."""
    verdict: Verdict = field(default_factory=Verdict)
    unsure: Unsure = field(default_factory=Unsure)
    rows: list[Tested] = field(default_factory=list)
    held_out: int = 0
    """How many held-out rows there are; `rows` may be fewer."""
    handed_over: float = 0.0
    """Share of questions which the published bot answered with a known answer word for word."""
    seconds: float = 0.0
    settings: dict[str, object] = field(default_factory=dict)
    live: Live | None = None
    """Written beside it when the version gets its number."""
    corrected: Corrected | None = None
    """Likewise; None where nothing had been corrected."""

    @classmethod
    def from_json(cls, values: Stored) -> Report:
        return read(cls, present(values))

    def to_json(self) -> dict[str, object]:
        """As it is stored."""
        return {name: value for name, value in asdict(self).items() if name not in ("live", "corrected") or value}


def value(scored: Scored, metric: str) -> float:
    """A metric of one answer as a number."""
    if metric == "quality":
        return (scored.token_f1 + scored.similarity) / 2
    found = getattr(scored, metric)
    return float(bool(found)) if isinstance(found, list) else float(found)


def summarise(rows: Sequence[Tested], seed: int) -> dict[str, dict[str, Interval]]:
    """Mean and interval of each metric for each system."""
    return {
        system: {
            metric: _summary([value(row.scored(system), metric) for row in rows], metric, seed) for metric in METRICS
        }
        for system in SYSTEMS
    }


def _summary(values: Sequence[float], metric: str, seed: int) -> Interval:
    return share(values) if metric in SHARES else bounded(values, seed)


def compare(rows: Sequence[Tested], other: str, seed: int) -> dict[str, Interval]:
    """The published bot less the other system, row by row."""
    return {
        metric: paired([value(row.tuned, metric) - value(row.scored(other), metric) for row in rows], seed)
        for metric in (*METRICS, "quality")
    }
