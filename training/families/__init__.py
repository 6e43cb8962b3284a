"""What the site asks of a family about learning: its report, what its data comes to. One folder is one family.

Each folder has one object, `LEARNING`, found by listing. What needs no Django stands in `training/ml/<family>`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, Protocol, TypeVar

from projects import discover
from projects.models import Dataset, Project
from projects.usecases import UseCase
from training.ml import reports
from training.ml.config import DataFacts
from training.ml.stored import Stored
from training.sureness import Certainty
from training.verdicts import Caution, Verdict

Report = TypeVar("Report", bound=reports.Report)


class FamilyReport(Protocol[Report]):
    """What the module `report` of a family has. What it says of a report it says of what `read` made of it."""

    SYSTEMS: tuple[str, ...]
    """All that is compared, ours first."""
    CONTRACT: dict[str, str]
    """Metric of the report → its fixed name on the command line."""

    def titles(self) -> dict[str, str]:
        """System → what people call it."""

    def answers(self) -> dict[str, str]:
        """System → what it is called where somebody chooses what answers; those that can be published."""

    def read(self, stored: Stored) -> Report:
        """A report from what was stored of it, by this version or any before it."""

    def verdict(self, report: Report) -> Verdict | None:
        """In words, and only what the figures allow."""

    def context(self, case: UseCase, report: Report) -> dict[str, object]:
        """What training/_report_<family>.html shows under the verdict."""

    def facts(self, report: Report) -> list[tuple[str, str]]:
        """How it answers, for those who want to know."""

    def columns(self) -> list[str]:
        """What a list of versions shows of each."""

    def figures(self, report: Report) -> list[str]:
        """The figures under these columns."""

    def brief(self, report: Report) -> str:
        """One figure in words, where there is room for one."""

    def tested(self, report: Report) -> str:
        """How many of what it was measured on, in two words."""

    def measured_on(self, report: Report) -> str:
        """What it was measured on, in a sentence."""

    def beside(self, ours: float, theirs: float, rows: int, number: int) -> str:
        """What this version and version NUMBER came to on the same rows, in a sentence."""

    def recalled(self, right: int, rows: int) -> str:
        """How many of the ROWS that people corrected it answers as they were corrected, in a sentence."""

    def unfit(self, report: Report) -> dict[str, str]:
        """System → why it cannot be recommended, of those that can be published."""

    def certainty(self, report: Report, answers_with: str = "") -> Certainty:
        """What each threshold comes to where ANSWERS_WITH, else what is recommended, answers; nothing without one."""

    def caution(self, report: Report) -> Caution | None:
        """What speaks against publishing the trained model, if anything does."""


@dataclass(frozen=True)
class Learning(Generic[Report]):
    """What is asked of a family before and after a training."""

    report: FamilyReport[Report]
    facts: Callable[[Dataset, Dataset | None], DataFacts]
    """How much there is to learn from in a dataset, and to be tested on in another one where there is one."""
    tested_beside: bool = False
    """Whether the test always lies beside what was learned from, such as a log with the past of its people."""
    shows_rows: bool = False
    """Whether the rows behind its report can be read, and what is wrong with them put right."""


@cache
def every() -> Mapping[str, Learning[Any]]:
    """By name, each with a report of its own kind: only the family itself knows which."""
    return discover.parts(__name__, "LEARNING", Learning)


def of(family: str) -> Learning[Any]:
    """What is asked of a family."""
    try:
        return every()[family]
    except KeyError:
        raise discover.UnknownPart(__name__, family) from None


def of_project(project: Project) -> Learning[Any]:
    return of(project.case.family)
