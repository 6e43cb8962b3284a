"""How the pages show data of a family, while it is checked and once it is ready. One file is one family with its `LOOK`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from projects import discover
from projects.models import Dataset, Project
from projects.usecases import Text


class Page(Protocol):
    """A module that says what the templates show."""

    def everything(self, found: Dataset) -> dict[str, object]:
        """All of the check page."""

    def report(self, found: Dataset) -> dict[str, object]:
        """The part of it that changes with every choice."""

    def result(self, found: Dataset) -> dict[str, object]:
        """Data that is ready."""


@dataclass(frozen=True)
class Look:
    """Data of one family on the page."""

    page: Page
    check: str
    """The template of the check page; it has a part called `report`."""
    ready: str
    """The template of data that is ready."""
    lead: Text = ""
    """What is said first of data that is ready, where it is not the number of examples."""
    apart: Text = ""
    """Why the rows for the test are an honest test."""


@cache
def every() -> Mapping[str, Look]:
    return discover.parts(__name__, "LOOK", Look)


def of_project(project: Project) -> Look:
    try:
        return every()[project.case.family]
    except KeyError:
        raise discover.UnknownPart(__name__, project.case.family) from None
