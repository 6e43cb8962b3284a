"""Nobody else on the machine reads what the studio stores."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from studio import private

ROOT = Path(__file__).resolve().parents[2]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def open_to_all(path: Path) -> list[Path]:
    return [one for one in (path, *path.rglob("*")) if mode(one) & 0o077]


@pytest.mark.slow
def test_it_makes_a_fresh_studio_that_only_we_can_read(tmp_path):
    home = tmp_path / "home"
    command = f"umask 022; exec {sys.executable} manage.py migrate --verbosity 0"
    given = {"PATH": os.environ["PATH"], "ATELIER_HOME": str(home)}
    subprocess.run(["sh", "-c", command], cwd=ROOT, env=given, check=True)
    assert (home / "atelier.sqlite3").exists()
    assert open_to_all(home) == []


def test_it_closes_what_older_versions_left_open(tmp_path):
    home = tmp_path / "home"
    for name in ("data/uploads/1", "logs/web.log", "atelier.sqlite3", "atelier.sqlite3-wal", "models/base/config.json"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("x")
        (home / name).chmod(0o644)
    private.begin(home)
    private.mend(home, home / "data", leave=home / "models")
    assert open_to_all(home / "data") == []
    assert [mode(home / name) for name in ("atelier.sqlite3", "atelier.sqlite3-wal", "logs/web.log")] == [0o600] * 3
    assert mode(home) == 0o700
    assert mode(home / "models/base/config.json") == 0o644  # base models are public


def test_it_leaves_a_folder_that_is_not_its_own_alone(tmp_path):
    home = tmp_path / "shared"
    home.mkdir()
    home.chmod(0o755)
    (home / "holiday.jpg").write_text("x")
    (home / "holiday.jpg").chmod(0o644)
    (home / "secret_key").write_text("x")
    (home / "link").symlink_to(ROOT)
    before = mode(ROOT)
    private.begin(home)
    private.mend(home, leave=home / "models")
    assert mode(home) == 0o755
    assert mode(home / "holiday.jpg") == 0o644
    assert mode(home / "secret_key") == 0o600
    assert mode(ROOT) == before
