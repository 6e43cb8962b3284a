"""How a training tells what it does. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class StepRecord:
    """One optimiser step."""

    step: int
    total: int
    epoch: float
    """Share of the planned steps done, in passes over the data."""
    loss: float
    validation_loss: float | None
    """Only at the steps where it was looked at."""
    learning_rate: float
    tokens: int
    """Tokens learned from so far."""
    tokens_per_second: float
    seconds: float
    """Time spent training so far, without pauses between resumes."""


class Watcher(Protocol):
    """Whoever wants to know how a training goes, and may ask it to stop."""

    def phase(self, name: str, total: int | None = None) -> None:
        """A new part begins; total is what `advance` counts up to."""

    def advance(self, done: int) -> None:
        """How far the part is."""

    def step(self, record: StepRecord) -> None:
        """One optimiser step is done."""

    def note(self, code: str, **facts: object) -> None:
        """Something worth a line in the log."""

    def stopping(self) -> bool:
        """True asks to stop at the next safe place."""


class Silent:
    """A watcher for those who do not watch."""

    def phase(self, name: str, total: int | None = None) -> None:
        pass

    def advance(self, done: int) -> None:
        pass

    def step(self, record: StepRecord) -> None:
        pass

    def note(self, code: str, **facts: object) -> None:
        pass

    def stopping(self) -> bool:
        return False
