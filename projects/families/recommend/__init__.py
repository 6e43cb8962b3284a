"""The data of recommenders: a log of who took what when, and a table of the things."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from itertools import islice
from pathlib import Path

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from projects.contradictions import Contradictions, Pair
from projects.counts import Counts
from projects.errors import UserError
from projects.families import Counted, Family, Progress
from projects.interactions import examining, figures, flags, words, writing
from projects.interactions.writing import Source
from projects.mapping import BAR, Guess
from projects.models import Dataset
from projects.offers import Offer
from projects.quality import BadRow


class Interactions(Family):
    """A log of who took what when."""

    def examine(self, dataset: Dataset, progress: Progress) -> dict[str, object]:
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
        if dataset.purpose != "test" and min(told.people, told.items) < words.NOTHING:
            todo = _("Add a longer log, or keep more of its rows.")
            raise UserError(words.too_little(told), _("Your file is stored as it was."), todo)

    def copies(self, dataset: Dataset, numbers: Collection[int]) -> dict[int, int]:
        return examining.copies(dataset.rows_file, numbers)

    def contradicting(self, dataset: Dataset, n: int) -> Pair | None:
        return None  # people may take whatever they like

    def contradictions(self, dataset: Dataset) -> Contradictions:
        return Contradictions()

    def behind(self, dataset: Dataset, flag: str, offset: int, limit: int) -> list[BadRow]:
        return examining.behind(dataset.rows_file, flag, offset, limit)

    def write(self, dataset: Dataset, out: Path, progress: Progress) -> Counted:
        test = dataset.tested_by if dataset.purpose != "test" else None
        return writing.write(_source(dataset), out, progress, _source(test) if test else None)

    def guessed(self, guesses: dict[str, Guess]) -> dict[str, Guess]:
        if guesses["item"].column is None and guesses["title"].column is not None:
            # A log that names its items and has no numbers for them: the name is the item.
            guesses["item"], guesses["title"] = guesses["title"], Guess(None)
        if guesses["person"].column is None and (basket := guesses["basket"]).sure:
            # Receipts that name nobody: what is taken together is all that can be learned.
            guesses["person"], guesses["basket"] = Guess(basket.column, BAR, "order_is_person"), Guess(None)
        return guesses

    def offers(self, dataset: Dataset) -> list[Offer]:
        return [
            Offer(f"{one.flag}-cells", one.title, one.text, choices={**dataset.choices, one.flag: flags.YES})
            for one in words.taken(dataset.report.get("understood", {}))
            if one.look
        ]

    def made(self, dataset: Dataset) -> list[str]:
        taken = words.taken(dataset.report.get("understood", {}))
        said = [f"{one.title} {words.TAKEN[one.choice]}. {one.text}" for one in taken]
        return said + words.order_of_days(dataset.mapping, dataset.report.get("understood", {}))

    def first(self, out: Path, many: int) -> list[dict[str, object]]:
        with (out / "interactions.jsonl").open(encoding="utf-8") as file:
            return [json.loads(line) for line in islice(file, many)]

    def test_choices(self, dataset: Dataset) -> Mapping[str, object]:
        return flags.as_understood(dataset.report.get("understood", {}), dataset.choices)

    def amount(self, counts: Counts) -> str:
        people = counts.people or 0
        return ngettext("%(n)s person", "%(n)s people", people) % {"n": number_format(people)}


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


DATA = Interactions(
    flags.FLAGS,
    READING=0.3,
    takes_items=True,
    hint=gettext_lazy(
        "First the log: who bought, read or watched what, and when. A table of your items can come right after it."
    ),
)
