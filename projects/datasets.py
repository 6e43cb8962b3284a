"""A dataset is made, and what stands in one that is ready."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from projects import queue, users
from projects.models import AuditEvent, Dataset, Project, Upload
from projects.users import Doer


@dataclass(frozen=True)
class Act:
    """What a person did that made the dataset: its one line in the record."""

    action: str
    facts: Mapping[str, object] = field(default_factory=dict)
    target: str = ""
    """What it was done to, where that is not the dataset."""


ADDED = Act("dataset.added")


def create_dataset(
    project: Project, upload: Upload, user: Doer, made_of: Iterable[Dataset] = (), act: Act = ADDED, **given: object
) -> Dataset:
    """A dataset to be read, and the word to a worker. GIVEN: fields of the row such as mapping, purpose, choices.

    MADE_OF: the sets whose rows it takes, where it is no file that somebody brought. ACT: what the record says."""
    given.setdefault("name", upload.name)
    dataset = Dataset.objects.create(project=project, upload=upload, created_by_id=users.key(user), **given)
    dataset.made_of.set(made_of)
    facts = {"dataset": dataset.pk, "bytes": upload.size, **act.facts}
    AuditEvent.record(project.team, user, act.action, act.target or dataset.name, **facts)
    queue.tell("read_dataset", dataset.pk)
    return dataset


def examples(folder: Path) -> Iterator[tuple[str, str]]:
    """Question and answer of every example of a ready dataset, in the order of its rows."""
    found: list[tuple[int, str, str]] = []
    for side in ("train", "validation", "test"):
        for line in (folder / f"{side}.jsonl").open(encoding="utf-8"):
            example = json.loads(line)
            found.append((example["row"], *(message["content"] for message in example["messages"][-2:])))
    for _row, question, answer in sorted(found):
        yield question, answer
