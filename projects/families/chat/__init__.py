"""The data of chats: questions with their answers, and the conversations that they come from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from projects import columns, contradictions, quality, rows, splitting
from projects.contradictions import Contradictions, Pair
from projects.families import Counted, Family, Progress
from projects.models import Dataset
from projects.quality import BadRow, QualityReport


class Texts(Family):
    """Questions with their answers."""

    def examine(self, dataset: Dataset, progress: Progress) -> dict[str, object]:
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
        report = QualityReport.from_json(dataset.report)
        quality.settle(dataset.rows_file, report, dataset.choices)
        dataset.report = report.to_json()
        if dataset.pk:  # a dry run has no row
            Dataset.objects.filter(pk=dataset.pk).update(report=dataset.report)

    def refuse(self, dataset: Dataset) -> None:
        pass

    def behind(self, dataset: Dataset, flag: str, offset: int, limit: int) -> list[BadRow]:
        return quality.rows_behind(dataset.rows_file, flag, offset, limit)

    def copies(self, dataset: Dataset, numbers: Collection[int]) -> dict[int, int]:
        return quality.copies(dataset.rows_file, numbers)

    def contradicting(self, dataset: Dataset, n: int) -> Pair | None:
        return contradictions.of_row(dataset.rows_file, n)

    def contradictions(self, dataset: Dataset) -> Contradictions:
        with rows.opened(dataset.rows_file) as db:
            places = columns.remembered(rows.recall(db, "places", {}))
            needed = rows.recall(db, "needed", [])
        return contradictions.shown(dataset.rows_file, lambda cells: columns.text(cells, places[needed[-1]]).strip())

    def write(self, dataset: Dataset, out: Path, progress: Progress) -> Counted:
        if contradictions.KEPT in dataset.choices:
            self.settle(dataset)  # where the last press was cut off
        return splitting.write_examples(
            dataset.rows_file,
            dataset.mapping,
            dataset.choices,
            out,
            family=dataset.project.case.family,
            progress=progress,
            test_db=_test_rows(dataset),
            pinned=dataset.pinned if dataset.purpose != "test" else (),
        )

    def first(self, out: Path, many: int) -> list[dict[str, object]]:
        found = splitting.first(out, many)
        for example in found:
            for message in reversed(example["messages"]):
                names = {"user": "question", "assistant": "answer"}
                example.setdefault(names.get(message["role"], message["role"]), message["content"])
        return found


def _test_rows(dataset: Dataset) -> Path | None:
    """Where the rows of the test are: in the data itself, in another dataset, or None for a part of the data."""
    if dataset.purpose == "test":
        return dataset.rows_file
    return dataset.tested_by.rows_file if dataset.tested_by else None


DATA = Texts(quality.FLAGS, READING=0.45)
