"""Every family on a device that is not the processor, in a process of its own: torch takes a new device only before it has learned."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
def test_every_family_learns_goes_on_reports_and_answers_on_a_second_device():
    tests = "tests/training/ml/on_a_second_device.py"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short", tests]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:]
