"""Where the shared test data lies; a test that needs it is skipped where it is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("ATELIER_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def shared_data(name: str) -> Path:
    """A file or folder of the shared data, such as nasty_files/json/deep_nesting.json."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"no test data at {path}; set ATELIER_TEST_DATA to its folder")
    return path
