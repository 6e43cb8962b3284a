"""Measures this machine in a process of its own and prints one line of JSON: `python -m training.probe`."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from training.ml.stored import Stored, present, read

if TYPE_CHECKING:
    import torch

SECONDS = 0.15
LOOKS = 5  # the best one counts: other programs may have the processor for a moment


@dataclass(frozen=True)
class Measured:
    """What a machine can do, as its worker's row keeps it."""

    device: str = "cpu"
    bf16: bool = False
    cores: int = 2
    memory: int = 0
    gflops: float = 0.0

    @classmethod
    def from_json(cls, values: Stored) -> Measured:
        return read(cls, present(values))


def measure() -> Measured:
    import torch

    from training.ml.hardware import hardware

    found = hardware()
    return Measured(
        device=found.kind,
        bf16=found.dtype == torch.bfloat16,
        cores=found.cores,
        memory=found.memory,
        gflops=round(max(_gflops(found.device, found.dtype) for _ in range(LOOKS)), 1),
    )


def _gflops(device: str, dtype: torch.dtype) -> float:
    """Multiplications of the size that training does, for a moment."""
    import torch

    rows, wide, high = 1024, 576, 1536
    left = torch.randn(rows, wide, device=device).to(dtype)
    right = torch.randn(wide, high, device=device).to(dtype)
    left @ right
    began, count = time.monotonic(), 0
    while time.monotonic() - began < SECONDS:
        product = left @ right
        count += 1
    float(product.sum())
    return 2 * rows * wide * high * count / (time.monotonic() - began) / 1e9


if __name__ == "__main__":
    print(json.dumps(asdict(measure())))
