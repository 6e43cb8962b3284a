"""A model folder and its encoder into memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.ml import artifact
from training.ml.recommend.picks import Item


@dataclass
class LoadedRecommender:
    """A model in memory, ready to answer."""

    manifest: artifact.Manifest
    folder: Path
    items: dict[str, Item]


def load(model: Path, base: Path, device: str | None = None) -> LoadedRecommender:
    """A published model on its encoder, every file checked; raises BrokenModel and WrongBase."""
    raise NotImplementedError


def with_items(loaded: LoadedRecommender, items: Iterable[Item | Mapping[str, Any]]) -> LoadedRecommender:
    """The same model with more items, known by their text at once; a known id gets the new price, text and stock."""
    raise NotImplementedError
