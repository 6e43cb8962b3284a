"""What each family of use cases does with its data: look at the rows, count them, write them down.

One folder is one family, found by listing; each has one object, `DATA`, which everything outside asks.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from django.utils.formats import number_format
from django.utils.translation import ngettext

from projects import discover, offers
from projects.contradictions import Contradictions, Pair
from projects.counts import Counts
from projects.formats import Reading
from projects.mapping import Guess
from projects.models import Dataset, Project
from projects.offers import Offer
from projects.quality import BadRow, Flag
from projects.usecases import Role, Text

Progress = Callable[[float, int], None]


class Counted(Protocol):
    """What was written, in numbers."""

    kept: int
    sha256: str


@dataclass(frozen=True)
class Family(ABC):
    """What is done with a dataset of one family."""

    FLAGS: Mapping[str, Flag]
    READING: float
    """The part of the time until the check that reading the file takes; the rest goes into looking at its rows."""
    labelled: bool = False
    """Whether its rows have labels, which can be merged, given by hand and put right."""
    takes_items: bool = False
    """Whether a table of items can lie beside its file."""
    hint: Text = ""
    """What to add first, where that is not plain."""

    @abstractmethod
    def examine(self, dataset: Dataset, progress: Progress) -> dict[str, object]:
        """Looks at every row; the report to store."""

    @abstractmethod
    def kept(self, dataset: Dataset) -> int:
        """How many rows stay under the choices of now."""

    @abstractmethod
    def chosen(self, choices: Mapping[str, str]) -> dict[str, str]:
        """The choice for every flag."""

    @abstractmethod
    def allowed(self, dataset: Dataset, name: str) -> tuple[str, ...]:
        """What a flag or setting can be set to; empty where there is no such thing."""

    @abstractmethod
    def looks_again(self, before: Mapping[str, str], after: Mapping[str, str]) -> bool:
        """Whether a change of choices means that the rows have to be looked at again."""

    @abstractmethod
    def settle(self, dataset: Dataset) -> None:
        """Brings what depends on the choices up to them, where they do not need another look."""

    @abstractmethod
    def refuse(self, dataset: Dataset) -> None:
        """Raises a UserError where nothing can be learned from the rows that stay."""

    @abstractmethod
    def behind(self, dataset: Dataset, flag: str, offset: int, limit: int) -> list[BadRow]:
        """A page of the rows that carry a flag."""

    @abstractmethod
    def copies(self, dataset: Dataset, numbers: Collection[int]) -> dict[int, int]:
        """Which of these rows say the same as one further up: row → the line of the first that says it."""

    @abstractmethod
    def contradicting(self, dataset: Dataset, n: int) -> Pair | None:
        """The question and the answer of a row that contradicts another, as they are kept among the choices."""

    @abstractmethod
    def contradictions(self, dataset: Dataset) -> Contradictions:
        """The questions with different answers, for a person to say which stays."""

    @abstractmethod
    def write(self, dataset: Dataset, out: Path, progress: Progress) -> Counted:
        """Writes the ready files into OUT."""

    def guessed(self, guesses: dict[str, Guess]) -> dict[str, Guess]:
        """The guesses for the columns, where one follows from another."""
        return guesses

    def needs(self, dataset: Dataset) -> list[Role]:
        """The roles without a column that nothing can be learned without."""
        return [role for role in dataset.project.case.roles if role.required and not dataset.mapping.get(role.name)]

    def offers(self, dataset: Dataset) -> list[Offer]:
        """What could be made of the rows, as choices to take or leave."""
        return []

    def test_choices(self, dataset: Dataset) -> Mapping[str, object]:
        """What was understood of a dataset, for a test file that is too short to show it."""
        return {}

    def amount(self, counts: Counts) -> str:
        """How much there is to learn from, in two words."""
        return ngettext("%(n)s example", "%(n)s examples", counts.kept) % {"n": number_format(counts.kept)}

    def made(self, dataset: Dataset) -> list[str]:
        """What was made of the rows without being asked, in sentences."""
        return []

    @abstractmethod
    def first(self, out: Path, many: int) -> list[dict[str, object]]:
        """The first examples of the ready files in OUT."""


@cache
def every() -> Mapping[str, Family]:
    return discover.parts(__name__, "DATA", Family)  # type: ignore[type-abstract]


def of(family: str) -> Family:
    """How data of a family is treated."""
    try:
        return every()[family]
    except KeyError:
        raise discover.UnknownPart(__name__, family) from None


def of_project(project: Project) -> Family:
    return of(project.case.family)


def open_offers(dataset: Dataset) -> list[Offer]:
    """What is offered for a dataset, the reading first: what is in the cells changes with it."""
    reading = Reading.from_json(dataset.reading)
    found = offers.of_reading(reading, dataset.overrides)
    found += offers.of_columns(reading, dataset.mapping, dataset.guesses)
    return [*found, *of_project(dataset.project).offers(dataset)] if dataset.report else found
