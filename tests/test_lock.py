"""The two locks hold all that running and developing take, on each Python that we promise, and nothing else."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNNING = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
DEVELOPING = [Requirement(line) for line in PROJECT["dependency-groups"]["dev"]]
PYTHONS = [f"3.11.{patch}" for patch in range(16)] + ["3.12.0", "3.12.12", "3.13.0", "3.13.9"]


def locked(name: str) -> list[Requirement]:
    lines = (ROOT / name).read_text().splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.startswith(("#", "-"))]


RUN_LOCK, DEVELOP_LOCK = locked("requirements.lock"), locked("requirements-dev.lock")


@cache
def needs(name: str) -> list[Requirement]:
    """What an installed package asks for."""
    try:
        return [Requirement(line) for line in distribution(name).requires or []]
    except PackageNotFoundError:  # for another Python than ours
        return []


def taken(python: str, wanted: list[Requirement]) -> set[str]:
    """All that these take on a Python on Linux: every requirement of every package, under its markers."""
    here = {
        **default_environment(),
        "python_full_version": python,
        "python_version": ".".join(python.split(".")[:2]),
        "platform_system": "Linux",
        "sys_platform": "linux",
    }
    seen, waiting = set(), list(wanted)
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        for extra in ("", *sorted(one.extras)):
            if (name, extra) not in seen:
                seen.add((name, extra))
                needed = (
                    need
                    for need in needs(name)
                    if need.marker is None or need.marker.evaluate({**here, "extra": extra})
                )
                waiting.extend(needed)
    # GPU libraries of PyTorch from the package index are pinned by torch itself, and pip is what installs all of it.
    return {name for name, _ in seen if not name.startswith(("nvidia-", "cuda-", "triton")) and name != "pip"}


def names(lock: list[Requirement], python: str = "") -> set[str]:
    here = {**default_environment(), "python_full_version": python, "python_version": python.rpartition(".")[0]}
    return {
        canonicalize_name(one.name)
        for one in lock
        if not python or one.marker is None or one.marker.evaluate({**here, "extra": ""})
    }


@pytest.mark.parametrize("python", PYTHONS)
def test_it_is_complete(python):
    missing = taken(python, RUNNING) - names(RUN_LOCK, python)
    assert not missing, f"on Python {python} requirements.lock lacks {sorted(missing)}"
    missing = taken(python, RUNNING + DEVELOPING) - names(RUN_LOCK + DEVELOP_LOCK, python)
    assert not missing, f"on Python {python} requirements-dev.lock lacks {sorted(missing)}"


def test_it_brings_nothing_to_a_studio_that_only_developing_takes():
    needed = set().union(*(taken(python, RUNNING) for python in PYTHONS))
    assert not names(RUN_LOCK) - needed
    assert not names(RUN_LOCK) & names(DEVELOP_LOCK)
