"""What this machine can do for learning."""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from pathlib import Path

import torch

from training.ml.errors import MissingDevice


@dataclass(frozen=True)
class Hardware:
    """Where to compute and in which number format, with the reason."""

    device: str
    dtype: torch.dtype
    reason: str
    cores: int
    memory: int

    @property
    def kind(self) -> str:
        """cpu or cuda, whichever of several cards it is."""
        return self.device.partition(":")[0]


def hardware(device: str | None = None) -> Hardware:
    """The device asked for here or in ATELIER_DEVICE, else a GPU when there is one.

    bfloat16 only where the processor multiplies it directly, and on another kind of device not at all.
    Raises MissingDevice where a card is asked for that is not there: a processor in its place would be ten times as slow.
    """
    device = device or os.environ.get("ATELIER_DEVICE") or ("cuda" if torch.cuda.is_available() else "cpu")
    if device.startswith("cuda"):
        if int(device.partition(":")[2] or 0) >= torch.cuda.device_count():
            raise MissingDevice(device=device)
        memory = torch.cuda.get_device_properties(device).total_memory
        return Hardware(device, torch.bfloat16, "gpu", os.cpu_count() or 1, int(memory))
    if device != "cpu":
        return Hardware(device, torch.float32, "chosen", cores(), _memory())
    if {"avx512_bf16", "amx_bf16", "bf16"} & cpu_flags():
        return Hardware("cpu", torch.bfloat16, "cpu_bf16", cores(), _memory())
    return Hardware("cpu", torch.float32, "cpu_fp32", cores(), _memory())


def cores() -> int:
    """Cores this process may use, which in a container are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_flags() -> set[str]:
    """What the processor says it can; empty where the system does not tell."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return set()
    lines = (line.split(":", 1) for line in text.splitlines() if ":" in line)
    return next((set(value.split()) for name, value in lines if name.strip().lower() in ("flags", "features")), set())


def _memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 0


def give_back_memory() -> None:
    """Ask the C library to return what it holds unused: batches of many widths leave ever more holes otherwise."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim:
        trim(0)
