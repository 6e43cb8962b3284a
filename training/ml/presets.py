"""What a family's presets are: every choice of a training, made from the data and the machine. No torch."""

from __future__ import annotations

from typing import Protocol

from training.ml.config import DataFacts, HardwareFacts, Reason, TrainConfig


class Presets(Protocol):
    """What the module `presets` of a family has."""

    SETTINGS: tuple[str, ...]
    """The fields of TrainConfig that this family learns or answers with and that a person may set, as they are shown."""
    MEMORY: dict[str, int]
    """Those of them that are halved when the memory was too small, and how small they may become."""

    def preset(self, name: str, data: DataFacts, machine: HardwareFacts) -> tuple[TrainConfig, list[Reason]]:
        """The choices for this data on this machine, each with its reason."""

    def estimate(self, config: TrainConfig, data: DataFacts, machine: HardwareFacts) -> float:
        """Seconds for training and report together."""
