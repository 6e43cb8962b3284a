"""What comes out of a training, of any family."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the loop needs torch, and who reads a result does not
    from training.ml.loop import Outcome


@dataclass(frozen=True)
class FitResult:
    """What came out of a training."""

    model: Path | None
    """The model folder; None when the training was stopped before its end."""
    stopped: str
    """finished, early (the validation loss rose) or cancelled."""
    steps: int
    total: int
    loss: float
    validation_loss: float | None
    best_step: int
    seconds: float
    tokens: int
    examples: int

    @classmethod
    def of(cls, outcome: Outcome, model: Path | None, seconds: float, examples: int) -> FitResult:
        """How a training ended, told with the folder that it made and the time of the whole."""
        return cls(
            model=model,
            stopped=outcome.stopped,
            steps=outcome.steps,
            total=outcome.total,
            loss=outcome.loss,
            validation_loss=outcome.validation_loss,
            best_step=outcome.best_step,
            seconds=round(seconds, 2),
            tokens=outcome.tokens,
            examples=examples,
        )
