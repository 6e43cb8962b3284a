"""What the evaluation of a recommender found: report.json. No torch here."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Annotated

from pydantic import Field

from training.ml.reports import Corrected, Live, Scores
from training.ml.scores import Interval
from training.ml.stored import Stored, present, read

RANKED = "ndcg@10"

Figures = dict[str, Interval]
"""A way to answer → its mean and interval."""
Ranked = Annotated[Figures, Field(alias=RANKED)]
"""How high up the right things stand, stored under the name of the measure."""


@dataclass(frozen=True)
class Verdict:
    """What the figures allow to say."""

    recommend: str = ""
    """Which way to answer should be published."""
    best_simple: str = ""
    against_best: str = ""
    """better, same or worse: the blend beside the best simple method."""
    hits_of_100: int = 0
    """Of what is recommended: in how many of 100 cases the next thing is among the ten shown."""
    popularity_hits_of_100: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Tested:
    """One person: what they had, what was shown to them, and what they took."""

    person: str = ""
    history: list[str] = field(default_factory=list)
    shown: list[tuple[str, float]] = field(default_factory=list)
    """The ten, each with its score."""
    systems: dict[str, list[str]] = field(default_factory=dict)
    """What other ways to answer showed."""
    taken: list[str] = field(default_factory=list)
    hits: int = 0


@dataclass(frozen=True)
class NewItems:
    """Things that nobody had taken, ranked among themselves."""

    items: int = 0
    people: int = 0
    ndcg: Ranked = field(default_factory=dict)
    best_simple: str = ""
    ratio_to_best: Interval | None = None
    times_random: float = 0.0
    """How many times as good as chance."""


@dataclass(frozen=True)
class Sentences:
    """How well parts of descriptions lead to their thing, as they are and with typos; `ratio` is that of ours to both."""

    queries: int = 0
    plain: Figures = field(default_factory=dict)
    typos: Figures = field(default_factory=dict)


@dataclass(frozen=True)
class LikeBut:
    """ "Like X but W", parsed, beside one embedding of the whole sentence."""

    queries: int = 0
    ndcg: Ranked = field(default_factory=dict)
    ratio_to_one_embedding: Interval | None = None
    ratio_with_history: Interval | None = None


@dataclass(frozen=True)
class Conditions:
    """Things shown under a condition on price or stock, and those that fulfil it."""

    shown: int = 0
    held: int = 0
    share: float | None = None


@dataclass(frozen=True, kw_only=True)
class Report:
    """report.json. What has a default was not in every report that was ever written."""

    family: str = "recommend"
    protocol: str = ""
    people: int = 0
    items: int = 0
    interactions: int = 0
    scores: Scores = field(default_factory=dict)
    differences: Scores = field(default_factory=dict)
    """tuned_minus_best and ratio_to_best → metric → difference or ratio."""
    best_simple: str = ""
    new_items: NewItems | None = None
    sentences: Sentences | None = None
    like_but: LikeBut | None = None
    conditions: Conditions = field(default_factory=Conditions)
    blend: dict[str, float] = field(default_factory=dict)
    """Member → its share."""
    rows: list[Tested] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    """Of the things in the rows."""
    verdict: Verdict = field(default_factory=Verdict)
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
        found = {name: value for name, value in asdict(self).items() if name not in ("live", "corrected") or value}
        for name in ("new_items", "like_but"):
            found[name] = found[name] and {RANKED if key == "ndcg" else key: one for key, one in found[name].items()}
        return found
