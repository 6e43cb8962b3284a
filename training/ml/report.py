"""What an evaluation found, in figures that a page can show as they stand, and the verdict they allow. No torch here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from training.ml.scores import Interval, interval

SYSTEMS = ("tuned", "base", "retrieval")
METRICS = ("token_f1", "similarity", "foreign", "invented")


@dataclass(frozen=True)
class Scored:
    """One answer of one system to one question."""

    answer: str
    token_f1: float
    similarity: float
    foreign: list[str]
    """Facts that stand neither in the question nor in this row's own right answer."""
    invented: list[str]
    """Facts that stand neither there nor in the known answers used."""


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
    sources: list[dict[str, Any]]
    """Known answers used: id, question, answer, similarity."""
    tuned: Scored
    base: Scored
    retrieval: Scored

    def scored(self, system: str) -> Scored:
        found: Scored = getattr(self, system)
        return found


@dataclass(frozen=True)
class Verdict:
    """What the figures allow to say."""

    against_base: str
    """better, same or worse: the published bot against the untouched base, by meaning and words together."""
    against_retrieval: str
    """The same against giving the nearest known answer."""
    foreign_against_retrieval: str
    """fewer, same or more answers with foreign facts than retrieval alone."""
    recommend: str
    """Which to publish: tuned, retrieval or base."""
    reason: str
    """better, same_with_fewer_foreign_facts, same, retrieval_better or base_better."""


@dataclass(frozen=True)
class Report:
    """report.json."""

    scores: dict[str, dict[str, Interval]]
    """system → metric → mean and interval. foreign and invented are shares of answers that hold one."""
    differences: dict[str, dict[str, Interval]]
    """tuned_minus_retrieval and tuned_minus_base → metric (and quality, the mean of the first two) → paired difference."""
    verdict: Verdict
    unsure: dict[str, Any]
    """Recommended threshold, its reason, and the curve it comes from."""
    rows: list[Tested]
    held_out: int
    """How many held-out rows there are; `rows` may be fewer."""
    handed_over: float
    """Share of questions which the published bot answered with a known answer word for word."""
    seconds: float
    settings: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def plain_scores(self) -> dict[str, dict[str, float]]:
        """metric → system → mean: the shape that quickstart prints."""
        metrics = {metric for found in self.scores.values() for metric in found}
        return {
            metric: {system: found[metric].mean for system, found in self.scores.items() if metric in found}
            for metric in sorted(metrics)
        }


def value(scored: Scored, metric: str) -> float:
    """A metric of one answer as a number."""
    if metric == "quality":
        return (scored.token_f1 + scored.similarity) / 2
    found = getattr(scored, metric)
    return float(bool(found)) if isinstance(found, list) else float(found)


def summarise(rows: Sequence[Tested], seed: int) -> dict[str, dict[str, Interval]]:
    """Mean and interval of each metric for each system."""
    return {
        system: {metric: interval([value(row.scored(system), metric) for row in rows], seed) for metric in METRICS}
        for system in SYSTEMS
    }


def compare(rows: Sequence[Tested], other: str, seed: int) -> dict[str, Interval]:
    """The published bot less the other system, row by row."""
    return {
        metric: interval([value(row.tuned, metric) - value(row.scored(other), metric) for row in rows], seed)
        for metric in (*METRICS, "quality")
    }


def judge(differences: dict[str, dict[str, Interval]]) -> Verdict:
    """A difference counts only when its interval leaves out zero."""
    base, retrieval = differences["tuned_minus_base"], differences["tuned_minus_retrieval"]
    against_base = _word(base["quality"], "better", "worse")
    against_retrieval = _word(retrieval["quality"], "better", "worse")
    foreign = _word(retrieval["foreign"], "more", "fewer")
    recommend, reason = _recommend(against_base, against_retrieval, foreign)
    return Verdict(against_base, against_retrieval, foreign, recommend, reason)


def _recommend(against_base: str, against_retrieval: str, foreign: str) -> tuple[str, str]:
    if against_retrieval == "worse":
        return "retrieval", "retrieval_better"
    if against_base == "worse":
        return "base", "base_better"
    if against_retrieval == "better":
        return "tuned", "better"
    return "tuned", "same_with_fewer_foreign_facts" if foreign == "fewer" else "same"


def _word(difference: Interval, above: str, below: str) -> str:
    if difference.low > 0:
        return above
    return below if difference.high < 0 else "same"
