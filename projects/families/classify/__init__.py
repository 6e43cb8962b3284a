"""The data of classifiers: texts and their labels."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects import columns, contradictions, quality, rows, splitting
from projects.contradictions import Contradictions, Pair
from projects.errors import UserError
from projects.families import Family, Progress
from projects.labels import columns as label_columns
from projects.labels import examining, offering, settling, writing
from projects.labels.columns import Column
from projects.labels.names import Decisions
from projects.labels.suggesting import shown_labels
from projects.models import Dataset
from projects.offers import Offer
from projects.quality import BadRow, Flag, QualityReport
from projects.splitting import Counts
from projects.usecases import Role


def _flags() -> dict[str, Flag]:
    said = {
        "empty": gettext_lazy("The text is missing."),
        "duplicate": gettext_lazy("The same text with the same label stands further up."),
        "contradicting": gettext_lazy("The same text stands elsewhere with another label."),
        "settled": gettext_lazy("You kept another label of the same text. Keep them to have both again."),
    }
    return {name: dataclasses.replace(flag, help=said.get(name, flag.help)) for name, flag in quality.FLAGS.items()}


class Labelled(Family):
    """Texts with labels, merged as a person decided."""

    def examine(self, dataset: Dataset, progress: Progress) -> dict[str, object]:
        roles = [role.name for role in dataset.project.case.roles[:2]]
        return examining.examine(dataset.rows_file, dataset.mapping, roles, dataset.choices, progress).to_json()

    def kept(self, dataset: Dataset) -> int:
        """Rows that stay; rows that only lack a label count, because they can be labelled."""
        kept, dropped = quality.counts(dataset.rows_file, dataset.choices)
        return kept or int(dataset.report.get("rows", 0)) - dropped

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
        if dataset.pk:  # a dry run has no row
            Dataset.objects.filter(pk=dataset.pk).update(report=dataset.report)

    def refuse(self, dataset: Dataset) -> None:
        """Raises a UserError where nothing can be learned from these labels."""
        column = columns.first(dataset.mapping, dataset.project.case.roles[1].name)
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

    def copies(self, dataset: Dataset, numbers: Collection[int]) -> dict[int, int]:
        return quality.copies(dataset.rows_file, numbers)

    def contradicting(self, dataset: Dataset, n: int) -> Pair | None:
        found = contradictions.of_row(dataset.rows_file, n)
        if found is None:
            return None
        with rows.opened(dataset.rows_file) as db:
            return found[0], settling.written(db, n)

    def contradictions(self, dataset: Dataset) -> Contradictions:
        decisions = Decisions.of(dataset.choices)
        with rows.opened(dataset.rows_file) as db:
            held = [Column.of(one) for one in rows.recall(db, "label_columns", [])]
            none = str(rows.recall(db, "none", ""))

        def answer(cells: list[str | None]) -> str:
            return ", ".join(decisions.labels(label_columns.cell(cells, held, none)))

        return contradictions.shown(dataset.rows_file, answer)

    def behind(self, dataset: Dataset, flag: str, offset: int, limit: int) -> list[BadRow]:
        return quality.rows_behind(dataset.rows_file, flag, offset, limit)

    def needs(self, dataset: Dataset) -> list[Role]:
        """Text and label: without labels a file can be labelled in the studio, but nothing is learned from it."""
        held = Decisions.of(dataset.choices).columns
        text, label = dataset.project.case.roles[:2]
        lacking = [role for role in (text, label) if not dataset.mapping.get(role.name)]
        return [role for role in lacking if role is text or not held]

    def offers(self, dataset: Dataset) -> list[Offer]:
        return offering.offers(dataset)

    def first(self, out: Path, many: int) -> list[dict[str, object]]:
        found = splitting.first(out, many)
        return [example | {"label": ", ".join(example["labels"])} for example in found]

    def write(self, dataset: Dataset, out: Path, progress: Progress) -> Counts:
        self.settle(dataset)
        self.refuse(dataset)
        test: tuple[Path, Mapping[str, object]] | None = None
        pinned = frozenset(dataset.pinned if dataset.purpose != "test" else ())
        if dataset.purpose == "test":
            test = (dataset.rows_file, dataset.choices)
        elif dataset.tested_by is not None:
            test = (dataset.tested_by.rows_file, dataset.tested_by.choices)
        return writing.write_examples(
            dataset.rows_file, dataset.mapping, dataset.choices, out, progress, test, pinned
        )  # fmt: skip


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


DATA = Labelled(_flags(), READING=0.45, labelled=True)
