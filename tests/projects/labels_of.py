"""Makes datasets of labelled texts, for tests."""

from __future__ import annotations

import csv
import io
import json

import pytest

from projects import datasets, importing, reading, uploading
from projects.models import Dataset, Project

WORDS = ["kettle", "lid", "spout", "handle", "cup", "filter", "base", "cord", "button", "whistle"]
HTMX = {"HX-Request": "true"}


def table(rows, header=("text", "label")) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows([header, *rows])
    return file.getvalue().encode()


def texts(label, count, start=0):
    """Different texts with one label."""
    return [
        (f"The {WORDS[n % 10]} of my {WORDS[n // 10 % 10]} number {n} is what I write about", label)
        for n in range(start, start + count)
    ]


def lines(dataset: Dataset, name: str) -> list[dict]:
    with (dataset.folder / f"{name}.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def every(dataset: Dataset) -> list[dict]:
    return [one for name in ("train", "validation", "test") for one in lines(dataset, name)]


@pytest.fixture
def unguarded(monkeypatch):
    """Without the child process, where a test is not about it."""
    monkeypatch.setattr(reading, "read_guarded", reading.read)


@pytest.fixture
def feelings(team, owner, unguarded):
    return Project.objects.create(team=team, name="How it sounds", use_case="sentiment", created_by=owner)


@pytest.fixture
def check(feelings, owner):
    """Rows, or the bytes of a file → a dataset that waits for its check."""

    def check(given, name="reviews.csv", project=feelings, **more) -> Dataset:
        content = given if isinstance(given, bytes) else table(given)
        dataset = datasets.create_dataset(project, uploading.store(project, owner, name, [content]), owner, **more)
        importing.read(dataset)
        assert dataset.state == Dataset.State.CHECKING, dataset.error
        return dataset

    return check


def finished(dataset: Dataset) -> Dataset:
    importing.finish(dataset)
    assert dataset.state == Dataset.State.READY, dataset.error
    return dataset
