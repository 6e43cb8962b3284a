"""The family classify: what is done with a dataset of texts and their labels."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects import quality
from projects.errors import UserError
from projects.labels import examining, settling, writing
from projects.labels.names import Decisions
from projects.labels.suggesting import shown_labels
from projects.models import Dataset
from projects.quality import BadRow, Flag, QualityReport
from projects.splitting import Counts

Progress = Callable[[float, int], None]


def _flags() -> dict[str, Flag]:
    said = {
        "empty": gettext_lazy("The text is missing."),
        "duplicate": gettext_lazy("The same text with the same label stands further up."),
        "contradicting": gettext_lazy("The same text stands elsewhere with another label."),
    }
    return {name: dataclasses.replace(flag, help=said.get(name, flag.help)) for name, flag in quality.FLAGS.items()}


class Labelled:
    """Texts with labels, merged as a person decided; see `projects.families.Family`."""

    FLAGS: Mapping[str, Flag] = _flags()

    def examine(self, dataset: Dataset, progress: Progress) -> dict[str, Any]:
        roles = [role.name for role in dataset.project.case.roles[:2]]
        return examining.examine(dataset.rows_file, dataset.mapping, roles, dataset.choices, progress).to_json()

    def kept(self, dataset: Dataset) -> int:
        """Rows that stay; rows that only lack a label count, because they can be labelled."""
        kept, dropped = quality.counts(dataset.rows_file, dataset.choices)
        return kept or int(dataset.report.get("rows", 0)) - dropped

    def too_thin(self, dataset: Dataset) -> str:
        return ""

    def chosen(self, choices: Mapping[str, str]) -> dict[str, str]:
        return quality.chosen(choices)

    def allowed(self, dataset: Dataset, name: str) -> tuple[str, ...]:
        return self.FLAGS[name].choices if name in self.FLAGS else ()

    def looks_again(self, before: Mapping[str, str], after: Mapping[str, str]) -> bool:
        return Decisions.of(before).columns != Decisions.of(after).columns

    def settle(self, dataset: Dataset) -> None:
        """Flags and report follow the decisions about labels at once."""
        report = QualityReport.from_json(dataset.report)
        examining.settle(dataset.rows_file, report, dataset.choices)
        dataset.report = report.to_json()
        Dataset.objects.filter(pk=dataset.pk).update(report=dataset.report)

    def refuse(self, dataset: Dataset) -> None:
        """Raises a UserError where nothing can be learned from these labels."""
        column = dataset.mapping.get(dataset.project.case.roles[1].name) or ""
        if dataset.purpose == "test" or not (column or Decisions.of(dataset.choices).columns):
            return
        cells = examining.cells(dataset.rows_file)
        shown = shown_labels(cells, Decisions.of(dataset.choices))
        unlabelled = dataset.report.get("flags", {}).get("unlabelled", 0)
        if settling.like_ids(len(shown), sum(cells.values())) and len(shown) > 10:
            raise _like_ids(column, len(shown))
        left = examining.balance(dataset.rows_file, dataset.choices)
        if len(left) == 1 and not unlabelled:
            raise _one_label(next(iter(left)))

    def behind(self, dataset: Dataset, flag: str, offset: int, limit: int) -> list[BadRow]:
        return quality.rows_behind(dataset.rows_file, flag, offset, limit)

    def write(self, dataset: Dataset, out: Path, progress: Progress) -> Counts:
        self.settle(dataset)
        self.refuse(dataset)
        test: tuple[Path, Mapping[str, Any]] | None = None
        if dataset.purpose == "test":
            test = (dataset.rows_file, dataset.choices)
        elif dataset.tested_by is not None:
            test = (dataset.tested_by.rows_file, dataset.tested_by.choices)
        return writing.write_examples(dataset.rows_file, dataset.mapping, dataset.choices, out, progress, test)


def _one_label(label: str) -> UserError:
    return UserError(
        _("All rows have the same label, “%(label)s”, so there is nothing to tell apart.") % {"label": label},
        _("Your file is stored as it was."),
        _("Add rows with other labels, or choose the column that holds the label."),
    )


def _like_ids(column: str, labels: int) -> UserError:
    return UserError(
        _("The column “%(column)s” has %(count)d different labels, nearly one for each row. It looks like an id.")
        % {"column": column, "count": labels},
        _("Your file is stored as it was."),
        _("Choose the column that says what kind of text each row is."),
    )
