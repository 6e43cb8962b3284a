"""The report: held-out purchases ranked by the blend and by every simple method."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from training.ml.watching import Watcher


def evaluate(
    model: Path,
    data: Path,
    base: Path,
    embedder: Path,
    watcher: Watcher | None = None,
    limit: int | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Score a model folder on a dataset's held-out part; the report is also written into the folder."""
    raise NotImplementedError
