"""What this machine has: processor cores, NVIDIA GPUs, free ports. Found without loading torch."""

from __future__ import annotations

import math
import os
import shutil
import socket
import subprocess
from pathlib import Path

CGROUP_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def cores() -> int:
    """The cores we may use: what the system allows, and in a container what its limit allows."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = CGROUP_LIMIT.read_text(encoding="ascii").split()
        allowed = min(allowed, math.ceil(int(quota) / int(period)))
    except (OSError, ValueError):
        pass
    return max(allowed, 1)


def gpus() -> list[str]:
    """The numbers of the NVIDIA GPUs that programs started from here can see."""
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None:
        return [name for name in chosen.split(",") if name.strip() and name.strip() != "-1"]
    if not shutil.which("nvidia-smi"):
        return []
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    found = [line for line in listed.stdout.splitlines() if line.startswith("GPU ")]
    return [str(number) for number in range(len(found))] if listed.returncode == 0 else []


def is_free(host: str, port: int) -> bool:
    """Whether we could listen at this port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def held_port(host: str, wanted: int) -> socket.socket:
    """A socket that listens at the wanted port or one after it. Whoever holds it has the port, from this moment on.

    Without SO_REUSEADDR, with which two programs may bind one port as long as neither listens."""
    for port in (*range(wanted, wanted + 100), 0):
        held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            held.bind((host, port))
            held.listen(128)
        except OSError:
            held.close()
            continue
        return held
    raise OSError(f"no port of {host} is free")
