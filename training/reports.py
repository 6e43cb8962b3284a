"""A model's report as pages and the command line show it: read by the family that wrote it."""

from __future__ import annotations

import logging
from typing import Any

from training import families
from training.families import FamilyReport
from training.ml.families import of_report
from training.ml.reports import Report
from training.ml.stored import Stored
from training.verdicts import Standing, Verdict

__all__ = ["FamilyReport", "Report", "Standing", "Verdict", "of", "read", "recommended"]
logger = logging.getLogger(__name__)


def of(family: str) -> FamilyReport[Any]:
    """How reports of a family are read."""
    return families.of(family).report


def read(stored: Stored, family: str = "") -> Report:
    """A report, by the family that it names where none is given. One that cannot be read is an empty one to pages."""
    reader = of(family or of_report(stored))
    report: Report
    try:
        report = reader.read(stored)
    except ValueError:
        logger.exception("A stored report cannot be read")
        report = reader.read({})
    return report


def recommended(family: FamilyReport[Report], report: Report) -> str:
    """Which way to answer a report of a family recommends; the trained model where it recommends none."""
    found = family.verdict(report)
    return found.recommend if found else report.verdict.recommend or "tuned"
