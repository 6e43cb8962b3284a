"""A tiny classifier of each kind, learned once for all tests here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import tiny
from tests.training.ml.conftest import Notebook
from training.ml import classify
from training.ml.config import TrainConfig

QUICK = TrainConfig(
    epochs=2, rank=4, alpha=8, learning_rate=5e-3, tokens_per_step=1024, max_tokens=96, validations=2, retrieved=0
)


def write(folder: Path, train, validation=(), test=()) -> Path:
    """Pairs of a text and its labels as a dataset folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, pairs in (("train", train), ("validation", validation), ("test", test)):
        lines = [
            {"id": f"{name}{row:06d}", "row": row, "text": text, "labels": [labels] if isinstance(labels, str) else labels}
            for row, (text, labels) in enumerate(pairs)
        ]  # fmt: skip
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder


def signals(count: int) -> list[tuple[str, list[str]]]:
    """Texts with one, two or three of three labels, each told by a word of its own."""
    words = {"price": "costly", "staff": "waiter", "food": "noodles"}
    found = []
    for i in range(count):
        there = [name for bit, name in enumerate(words) if (i % 7 + 1) >> bit & 1]
        found.append((f"Visit {i}: " + " and ".join(words[name] for name in there) + " it was", there))
    return found


@pytest.fixture(scope="session")
def moods(place) -> Path:
    return tiny.labelled(place / "moods")


@pytest.fixture(scope="session")
def run(place, encoder, moods):
    """A finished run: its result and what was seen of it."""
    notebook = Notebook()
    return classify.fit(moods, encoder, encoder, place / "moods-run", QUICK, notebook), notebook


@pytest.fixture(scope="session")
def loaded(run, encoder):
    return classify.load(run[0].model, encoder)


@pytest.fixture(scope="session")
def report(run, moods, encoder):
    """As it lies in the folder."""
    return json.loads(json.dumps(classify.evaluate(run[0].model, moods, encoder, encoder).to_json()))


@pytest.fixture(scope="session")
def several(place, encoder):
    """A classifier that may give several labels, and its data."""
    data = write(place / "several", signals(140), signals(42), signals(35))
    result = classify.fit(data, encoder, encoder, place / "several-run", QUICK)
    return classify.load(result.model, encoder), data
