"""What the evaluation of a classifier found: report.json. No torch here."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from training.ml.reports import Corrected, Live, Scores
from training.ml.scores import Interval
from training.ml.stored import Stored, present, read


@dataclass(frozen=True)
class Verdict:
    """What the figures allow to say."""

    recommend: str = ""
    """Which way to answer should be published; base says that this training did harm."""
    best_simple: str = ""
    """The best of the ways that need no training."""
    against_best: str = ""
    """better, same or worse: the trained model beside that one."""
    against_base: str = ""
    """The same beside the untouched base."""
    reason: str = ""
    against_majority: str | None = None
    """better, or same as always saying the commonest label; None before it was compared in pairs."""


@dataclass(frozen=True)
class Tested:
    """One held-out text with what it should be and what was said."""

    id: str
    row: int
    text: str
    truth: list[str]
    predicted: list[str]
    confidence: float
    top: list[tuple[str, float]] = field(default_factory=list)
    """The likeliest labels with their probabilities."""
    systems: dict[str, list[str]] = field(default_factory=dict)
    """What the other ways to answer said."""


@dataclass(frozen=True)
class PerClass:
    """How well one label is known; 0 to 1."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int
    """Rows that truly have it."""


@dataclass(frozen=True)
class Bin:
    """Rows of about the same certainty."""

    low: float
    high: float
    count: int
    confidence: float
    """How sure it was of them in the mean."""
    accuracy: float


@dataclass(frozen=True)
class Covered:
    """What a threshold leaves."""

    threshold: float
    coverage: float
    """Share of the texts that it is sure of."""
    accuracy: float | None
    """Share of those that are right; None where there are none."""


@dataclass(frozen=True)
class Unsure:
    """The threshold to recommend, and what it leaves."""

    threshold: float | None = None
    coverage: float | None = None
    accuracy: float | None = None


@dataclass(frozen=True)
class Refused:
    """Held-out texts that belong to one of the labels and were called none of them, which a person then has to look at."""

    rows: int = 0
    right: int = 0
    """Of those: how many would have got their own label."""


@dataclass(frozen=True)
class Certain:
    """How far a way to answer is sure enough to answer alone, as it is served.

    Below the threshold, or like none of the labels, a text goes to a person.
    """

    coverage: list[Covered] = field(default_factory=list)
    unsure: Unsure | None = None
    refused: Refused | None = None


@dataclass(frozen=True)
class Explained:
    """How often the answer changes when the words it names are deleted, and when as many others are."""

    deleted_top: float | None = None
    deleted_random: float = 0.0
    rows: int = 1
    words: int = 0


@dataclass(frozen=True)
class Beyond:
    """How one way to answer treats texts that belong nowhere."""

    recall: float | None
    in_scope_accuracy: float | None


@dataclass(frozen=True)
class OutOfScope:
    """Where the data has a label for texts that belong nowhere."""

    label: str
    rows: int = 0
    systems: dict[str, Beyond] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Report:
    """report.json. What has a default was not in every report that was ever written."""

    family: str = "classify"
    labels: list[str] = field(default_factory=list)
    multi: bool = False
    scores: Scores = field(default_factory=dict)
    differences: Scores = field(default_factory=dict)
    """tuned_minus_best, tuned_minus_base and recommended_minus_majority → metric → paired difference."""
    verdict: Verdict = field(default_factory=Verdict)
    blend: dict[str, float] = field(default_factory=dict)
    """Method → its share of the answer."""
    explanations: Explained = field(default_factory=Explained)
    reliability: list[Bin] = field(default_factory=list)
    ece: Interval | None = None
    """Expected calibration error."""
    coverage: list[Covered] = field(default_factory=list)
    """Of the trained model, as are `unsure` and `refused`."""
    unsure: Unsure | None = None
    refused: Refused | None = None
    """None in reports made before it was counted."""
    certain: dict[str, Certain] = field(default_factory=dict)
    """The same of the other ways to answer, so that each is published with its own figures."""
    per_class: list[PerClass] = field(default_factory=list)
    confusion: list[list[int]] | None = None
    """Rows: truth, columns: what was said; None where a text has several labels."""
    out_of_scope: OutOfScope | None = None
    rows: list[Tested] = field(default_factory=list)
    held_out: int = 0
    """How many held-out texts there are; `rows` may be fewer."""
    seconds: float = 0.0
    live: Live | None = None
    """Written beside it when the version gets its number."""
    corrected: Corrected | None = None
    """Likewise; None where nothing had been corrected."""

    @classmethod
    def from_json(cls, values: Stored) -> Report:
        return read(cls, present(values))

    def to_json(self) -> dict[str, object]:
        """As it is stored."""
        optional = {"confusion": self.confusion, "live": self.live, "corrected": self.corrected}
        return {name: value for name, value in asdict(self).items() if optional.get(name, self) is not None}

    def certain_of(self, system: str) -> Certain:
        """How far a way to answer is sure; the trained model's figures where its own are not there."""
        return self.certain.get(system) or Certain(self.coverage, self.unsure, self.refused)

    @property
    def tested(self) -> int:
        """How many texts it was measured on."""
        return self.held_out or len(self.rows)
