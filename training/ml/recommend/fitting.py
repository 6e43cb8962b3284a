"""Learning to recommend from a dataset folder into a run folder."""

from __future__ import annotations

from pathlib import Path

from training.ml.config import TrainConfig
from training.ml.fitting import FitResult
from training.ml.watching import Watcher


def fit(
    data: Path, base: Path, embedder: Path, out: Path, config: TrainConfig, watcher: Watcher | None = None
) -> FitResult:  # fmt: skip
    """Learn from a dataset folder into a run folder; goes on from out/checkpoints when there is something."""
    raise NotImplementedError
