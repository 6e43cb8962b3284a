"""Presets: one file for each family, which makes every choice of a training from the data and the machine. No torch."""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from training.ml.config import DataFacts, HardwareFacts, Reason, TrainConfig


class Presets(Protocol):
    """What the file of a family has."""

    def preset(self, name: str, data: DataFacts, machine: HardwareFacts) -> tuple[TrainConfig, list[Reason]]:
        """The choices for this data on this machine, each with its reason."""

    def estimate(self, config: TrainConfig, data: DataFacts, machine: HardwareFacts) -> float:
        """Seconds for training and report together."""


def of(family: str) -> Presets:
    """The presets of a family."""
    return cast(Presets, importlib.import_module(f"{__name__}.{family}"))
