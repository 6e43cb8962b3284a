"""What each family of use cases does with its data: look at the rows, count them, write them down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, cast

from django.utils.translation import gettext as _

from projects import quality, splitting
from projects.errors import UserError
from projects.interactions import examining, figures, flags, words, writing
from projects.interactions.writing import Source
from projects.labels.family import Labelled
from projects.mapping import Guess
from projects.models import Dataset
from projects.quality import BadRow, Flag

Progress = Callable[[float, int], None]


class Counted(Protocol):
    """What was written, in numbers."""

    kept: int
    sha256: str


class Family(Protocol):
    """What is done with a dataset of one family."""

    FLAGS: Mapping[str, Flag]

    def examine(self, dataset: Dataset, progress: Progress) -> dict[str, Any]:
        """Looks at every row; the report to store."""

    def kept(self, dataset: Dataset) -> int:
        """How many rows stay under the choices of now."""

    def chosen(self, choices: Mapping[str, str]) -> dict[str, str]:
        """The choice for every flag."""

    def allowed(self, dataset: Dataset, name: str) -> tuple[str, ...]:
        """What a flag or setting can be set to; empty where there is no such thing."""

    def looks_again(self, before: Mapping[str, str], after: Mapping[str, str]) -> bool:
        """Whether a change of choices means that the rows have to be looked at again."""

    def settle(self, dataset: Dataset) -> None:
        """Brings what depends on the choices up to them, where they do not need another look."""

    def refuse(self, dataset: Dataset) -> None:
        """Raises a UserError where nothing can be learned from the rows that stay."""

    def behind(self, dataset: Dataset, flag: str, offset: int, limit: int) -> list[BadRow]:
        """A page of the rows that carry a flag."""

    def write(self, dataset: Dataset, out: Path, progress: Progress) -> Counted:
        """Writes the ready files into OUT."""


class Texts:
    """Families whose rows are texts with an answer or a label."""

    FLAGS: Mapping[str, Flag] = quality.FLAGS

    def examine(self, dataset: Dataset, progress: Progress) -> dict[str, Any]:
        roles = dataset.project.case.roles
        return quality.examine(dataset.rows_file, dataset.mapping, roles, dataset.choices, progress).to_json()

    def kept(self, dataset: Dataset) -> int:
        return quality.counts(dataset.rows_file, dataset.choices)[0]

    def chosen(self, choices: Mapping[str, str]) -> dict[str, str]:
        return quality.chosen(choices)

    def allowed(self, dataset: Dataset, name: str) -> tuple[str, ...]:
        return self.FLAGS[name].choices if name in self.FLAGS else ()

    def looks_again(self, before: Mapping[str, str], after: Mapping[str, str]) -> bool:
        return False

    def settle(self, dataset: Dataset) -> None:
        pass

    def refuse(self, dataset: Dataset) -> None:
        pass

    def behind(self, dataset: Dataset, flag: str, offset: int, limit: int) -> list[BadRow]:
        return quality.rows_behind(dataset.rows_file, flag, offset, limit)

    def write(self, dataset: Dataset, out: Path, progress: Progress) -> Counted:
        return splitting.write_examples(
            dataset.rows_file,
            dataset.mapping,
            dataset.choices,
            out,
            family=dataset.project.case.family,
            progress=progress,
            test_db=test_rows(dataset),
        )


class Interactions:
    """Recommendation: a log of who took what when."""

    FLAGS: Mapping[str, Flag] = flags.FLAGS

    def examine(self, dataset: Dataset, progress: Progress) -> dict[str, Any]:
        return examining.examine(dataset.rows_file, dataset.mapping, dataset.choices, progress)

    def kept(self, dataset: Dataset) -> int:
        return figures.kept(dataset.rows_file, dataset.choices)

    def chosen(self, choices: Mapping[str, str]) -> dict[str, str]:
        return flags.chosen(choices)

    def allowed(self, dataset: Dataset, name: str) -> tuple[str, ...]:
        return flags.allowed(dataset.report.get("understood", {}), name)

    def looks_again(self, before: Mapping[str, str], after: Mapping[str, str]) -> bool:
        return flags.needs_another_look(before, after)

    def settle(self, dataset: Dataset) -> None:
        pass

    def refuse(self, dataset: Dataset) -> None:
        told = figures.figures(dataset.rows_file, dataset.choices)
        if dataset.purpose != "test" and min(told.people, told.items) < words.LEAST:
            todo = _("Add a longer log, or keep more of its rows.")
            raise UserError(words.too_little(told), _("Your file is stored as it was."), todo)

    def behind(self, dataset: Dataset, flag: str, offset: int, limit: int) -> list[BadRow]:
        return examining.behind(dataset.rows_file, flag, offset, limit)

    def write(self, dataset: Dataset, out: Path, progress: Progress) -> Counted:
        test = dataset.tested_by if dataset.purpose != "test" else None
        return writing.write(_source(dataset), out, progress, _source(test) if test else None)


def _source(dataset: Dataset) -> Source:
    table = dataset.items_file if dataset.items_mapping.get("item") and dataset.items_file.exists() else None
    return Source(
        dataset.rows_file,
        dataset.choices,
        dataset.mapping,
        dataset.report.get("understood", {}),
        table,
        dataset.items_mapping if table else {},
    )


def test_rows(dataset: Dataset) -> Path | None:
    """Where the rows of the test are: in the data itself, in another dataset, or None for a part of the data."""
    if dataset.purpose == "test":
        return dataset.rows_file
    return dataset.tested_by.rows_file if dataset.tested_by else None


FAMILIES: dict[str, Family] = {"recommend": cast(Family, Interactions()), "classify": cast(Family, Labelled())}
TEXTS: Family = cast(Family, Texts())


def guessed(family: str, guesses: dict[str, Guess]) -> dict[str, Guess]:
    """The guesses for the columns, where one follows from another."""
    if family == "recommend" and guesses["item"].column is None and guesses["title"].column is not None:
        # A log that names its items and has no numbers for them: the name is the item.
        guesses["item"], guesses["title"] = guesses["title"], Guess(None)
    return guesses


def of(family: str) -> Family:
    """How data of a family is treated; what is not said otherwise is texts."""
    return FAMILIES.get(family, TEXTS)
