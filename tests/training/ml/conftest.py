"""Tiny models and data, made once for all tests here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import tiny
from training.ml.config import TrainConfig
from training.ml.watching import Silent, StepRecord

QUICK = TrainConfig(
    system_prompt="Help.",
    epochs=4,
    learning_rate=1e-2,
    tokens_per_step=2048,
    max_new_tokens=24,
    policy_rows=3,
    validation_rows=3,
    validations=2,
)


class Notebook(Silent):
    """A watcher that remembers."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.steps: list[StepRecord] = []
        self.notes: dict[str, dict[str, object]] = {}
        self.phases: list[str] = []
        self.stop_after = stop_after

    def phase(self, name: str, total: int | None = None) -> None:
        self.phases.append(name)

    def step(self, record: StepRecord) -> None:
        self.steps.append(record)

    def note(self, code: str, **facts: object) -> None:
        self.notes[code] = facts

    def stopping(self) -> bool:
        return self.stop_after is not None and len(self.steps) >= self.stop_after


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Tiny products are slower on many threads, and sums keep one order."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("tiny")


@pytest.fixture(scope="session")
def base(place: Path) -> Path:
    return tiny.chat_model(place / "tiny-chat")


@pytest.fixture(scope="session")
def encoder(place: Path) -> Path:
    return tiny.sentence_encoder(place / "tiny-encoder")


@pytest.fixture(scope="session")
def data(place: Path) -> Path:
    return tiny.dataset(place / "data")


@pytest.fixture(scope="session")
def fitted(place: Path, base: Path, encoder: Path, data: Path):
    """A finished run: its result and what was seen of it."""
    from training.ml import chat

    notebook = Notebook()
    return chat.fit(data, base, encoder, place / "run", QUICK, notebook), notebook
