"""What the page of ready data offers to whoever wants its file read another way."""

from __future__ import annotations

from dataclasses import dataclass

from projects import reopening
from projects.models import Dataset


@dataclass(frozen=True)
class Again:
    readable: bool
    waits: Dataset | None
    """The check that is open already."""
    before: Dataset | None
    brought: list[Dataset]


def of(dataset: Dataset) -> Again | None:
    if dataset.purpose == "test":
        return None
    return Again(
        reopening.readable(dataset), reopening.waits(dataset), reopening.before(dataset), reopening.brought(dataset)
    )
