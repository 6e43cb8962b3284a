"""Reads and checks a file as the wizard does, in a folder that is thrown away: what was understood, nothing stored."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypedDict

from django.utils.translation import gettext as _

from projects import columns, families, importing, mapping, offers, quality, refusals, unused
from projects.columns import Played
from projects.errors import UserError
from projects.formats import Reading
from projects.models import Dataset, Project, Upload
from projects.offers import Offer
from projects.usecases import UseCase

logger = logging.getLogger(__name__)
ROUNDS = 20  # offers taken one after the other; each can bring up the next
SHOWN = 3  # examples


class Calm(importing.Heart):
    """Nobody waits for a sign of life."""

    def __init__(self, dataset: Dataset) -> None:
        super().__init__(dataset, "")

    def beat(self, **fields: object) -> None:
        pass

    def part(self, begin: float, end: float) -> Callable[..., None]:
        return _silent


@dataclass
class Wish:
    """What a person says about a file beforehand."""

    mapping: Mapping[str, Played] = field(default_factory=dict)  # role → column
    overrides: Mapping[str, object] = field(default_factory=dict)  # how it is read
    accept: Sequence[str] = ()  # offers to take: ids, kinds, or all
    items: Path | None = None
    items_mapping: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Outcome:
    """What became of the file."""

    dataset: Dataset
    offers: list[Offer] = field(default_factory=list)
    counts: dict[str, object] = field(default_factory=dict)  # rows, kept, dropped, reasons ...
    labels: dict[str, int] = field(default_factory=dict)
    first: list[dict[str, object]] = field(default_factory=list)
    refused: str = ""
    ours: bool = False  # refused because of what the studio lacks

    def to_json(self) -> dict[str, object]:
        """The contract of `quickstart --check`, see there."""
        dataset, reading = self.dataset, Reading.from_json(self.dataset.reading)
        used, what = columns.used(dataset.mapping), dataset.guesses.get(unused.KEY, {})
        report = quality.QualityReport.from_json(dataset.report)
        said = [quality.warning_sentence(code, facts) for code, facts in report.warnings]
        return {
            "reading": _reading(reading),
            "mapping": {role: one for role in dataset.mapping if (one := chosen(dataset, role))},
            "unused": unused.among(reading.names, used, what),
            "rows": self.counts.get("rows", reading.rows or 0),
            "kept": self.counts.get("kept", 0),
            "dropped": self.counts.get("reasons", {}),
            "unlabelled": self.counts.get("unlabelled", 0),
            "labels": self.labels,
            "offers": [one.to_json() for one in self.offers],
            "notes": [str(refusals.sentence(one.code, one.facts)) for one in reading.notes]
            + families.of_project(dataset.project).made(dataset),
            "warnings": [str(refusals.sentence(one.code, one.facts)) for one in reading.warnings]
            + list(map(str, said)),
            "refused": self.refused or None,
            "first": self.first,
        }


def run(case: UseCase, file: Path, wish: Wish) -> Outcome:
    """Goes as far as examples on the disk, then throws them away. What the person can mend is in `refused`."""
    with TemporaryDirectory(prefix="atelier-check-") as folder:
        dataset = Dataset(project=Project(use_case=case.slug), upload=_upload(file))
        dataset.folder = Path(folder)
        dataset.mapping, dataset.overrides = dict(wish.mapping), dict(wish.overrides)
        if wish.items:
            dataset.items, dataset.items_mapping = _upload(wish.items), dict(wish.items_mapping)
        outcome = Outcome(dataset)
        try:
            _understand(outcome, wish)
            lacking(dataset)
            _write(outcome)
        except UserError as error:
            outcome.refused = str(error)
            if isinstance(error, refusals.ReadingError) and error.ours:
                logger.error("The file was not read: %s", error)
                outcome.ours = True
    return outcome


def lacking(dataset: Dataset) -> None:
    """Raises a UserError for a role without a column that nothing can be learned without."""
    for role in families.of_project(dataset.project).needs(dataset):
        guess = dataset.guesses.get(role.name) or {}
        reading = Reading.from_json(dataset.reading)
        empty = {column.name for column in reading.columns if column.kind == "empty"}
        unsaved = [one for one in reading.warnings if one.code == "formulas_without_results"]
        if bare := [one for one in unsaved if one.facts["column"] in empty]:
            raise UserError(str(refusals.sentence(bare[0].code, bare[0].facts)), _("The file stays as it is."))
        raise mapping.unsure(role.name, guess.get("column"), reading.names)


class Chosen(TypedDict):
    """The column of a role and how sure that is: 1 where the person said so. COLUMNS are all that are read together."""

    column: str
    columns: list[str]
    confidence: float


def chosen(dataset: Dataset, role: str) -> Chosen | None:
    held, guess = columns.of(dataset.mapping, role), dataset.guesses.get(role) or {}
    if not held:
        return None
    guessed = guess.get("column") in held
    confidence = guess["confidence"] if guessed else 1.0
    column = guess["column"] if guessed else held[0]
    return {"column": column, "columns": held, "confidence": min(1.0, round(confidence, 2))}


def _silent(share: float, rows: int = 0) -> None:
    """Nobody looks at the progress."""


def _upload(file: Path) -> Upload:
    upload = Upload(name=file.name, size=file.stat().st_size)
    upload.path = file.resolve()
    return upload


def _understand(outcome: Outcome, wish: Wish) -> None:
    dataset = outcome.dataset
    given: dict[str, Played] = dict(wish.mapping)
    for _round in range(ROUNDS):
        for name, value in importing.understand(dataset, Calm(dataset)).items():
            setattr(dataset, name, value)
        outcome.offers = families.open_offers(dataset)
        taken = offers.wanted(outcome.offers, wish.accept)
        if taken is None:
            return
        dataset.mapping = given
        if taken.overrides is not None:
            dataset.overrides = taken.overrides
        if taken.mapping is not None:
            dataset.mapping = given = taken.mapping
        if taken.choices is not None:
            dataset.choices = taken.choices


def _write(outcome: Outcome) -> None:
    dataset = outcome.dataset
    family = families.of_project(dataset.project)
    family.refuse(dataset)
    out = dataset.folder / "examples"
    counts = family.write(dataset, out, _silent)
    outcome.counts = dict(vars(counts))
    if not counts.kept:
        raise importing.nothing_left()
    stored = json.loads((out / "dataset.json").read_text(encoding="utf-8"))
    outcome.labels = stored.get("labels", {})
    outcome.first = family.first(out, SHOWN)


def _reading(reading: Reading) -> dict[str, object]:
    names = (
        "format",
        "packed",
        "encoding",
        "delimiter",
        "quote",
        "member",
        "sheet",
        "table",
        "header_row",
        "path",
        "language",
    )
    told = {name: getattr(reading, name) for name in names}
    told["header_row"] += reading.top if reading.header_row else 0
    talk = reading.talk
    if talk is not None:
        about = ("form", "confidence", "conversations", "turns", "pairs", "left_out")
        told["conversation"] = {name: getattr(talk, name) for name in about}
        told["conversation"] |= {"speakers": [one.name for one in talk.speakers], "team": talk.team}
    return {**told, "joined": reading.joined, "columns": reading.names}
