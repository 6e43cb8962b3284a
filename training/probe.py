"""Measures this machine in a process of its own and prints one line of JSON: `python -m training.probe`."""

from __future__ import annotations

import json
import time
from typing import Any

SECONDS = 0.15
LOOKS = 5  # the best one counts: other programs may have the processor for a moment


def measure() -> dict[str, Any]:
    import torch

    from training.ml.hardware import hardware

    found = hardware()
    return {
        "device": found.device,
        "bf16": found.dtype == torch.bfloat16,
        "cores": found.cores,
        "memory": found.memory,
        "gflops": round(max(_gflops(found.device, found.dtype) for _ in range(LOOKS)), 1),
    }


def _gflops(device: str, dtype: Any) -> float:
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
    print(json.dumps(measure()))
