"""Where the shared test data lies. Its folder may be missing, then tests are skipped; a file of it may not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("ATELIER_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def shared_data(name: str) -> Path:
    """A file or folder of the shared data, such as nasty_files/json/deep_nesting.json."""
    return _in(DATA, name)


def case(name: str) -> Path:
    """A file of the shared cases of this trade, such as cover_sheet/x_cover_sheet.xlsx."""
    return _in(DATA.parent / "cases", name)


def _in(folder: Path, name: str) -> Path:
    if not folder.exists():
        pytest.skip(f"no test data at {folder}; set ATELIER_TEST_DATA to its folder")
    path = folder / name
    assert path.exists(), f"{path} is asked for and does not exist"
    return path
