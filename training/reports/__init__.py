"""A model's report as pages and the command line show it; one file for each family reads what its training wrote."""

from __future__ import annotations

import importlib
from typing import Any, Protocol, cast

from projects.usecases import UseCase
from training.reports.verdict import Verdict

__all__ = ["FamilyReport", "Verdict", "of", "verdict"]


class FamilyReport(Protocol):
    """What the file of a family has."""

    SYSTEMS: tuple[str, ...]
    """All that is compared, ours first."""
    CONTRACT: dict[str, str]
    """Metric of the report → its fixed name on the command line."""

    def titles(self) -> dict[str, str]:
        """System → what people call it."""

    def answers(self) -> dict[str, str]:
        """System → what it is called where somebody chooses what answers; those that can be published."""

    def verdict(self, report: dict[str, Any]) -> Verdict | None:
        """In words, and only what the figures allow."""

    def context(self, case: UseCase, report: dict[str, Any]) -> dict[str, Any]:
        """What training/_report_<family>.html shows under the verdict."""

    def facts(self, report: dict[str, Any]) -> list[tuple[str, str]]:
        """How it answers, for those who want to know."""

    def columns(self) -> list[str]:
        """What a list of versions shows of each."""

    def figures(self, report: dict[str, Any]) -> list[str]:
        """The figures under these columns."""

    def brief(self, report: dict[str, Any]) -> str:
        """One figure in words, where there is room for one."""

    def caution(self, report: dict[str, Any]) -> str:
        """A sentence when the trained model lost to something simpler, else nothing."""


def of(family: str) -> FamilyReport:
    """How reports of a family are read."""
    return cast(FamilyReport, importlib.import_module(f"{__name__}.{family}"))


def verdict(report: dict[str, Any]) -> Verdict | None:
    """The verdict of any report; reports say which family they are of."""
    return of(str(report.get("family") or "chat")).verdict(report)
