"""README tells the truth about the house and about the commands."""

from __future__ import annotations

import re
import subprocess
import sys

from tests import house

README = (house.ROOT / "README.md").read_text(encoding="utf-8")


def test_it_maps_every_file_of_the_house():
    assert house.current() == house.drawn(), "run `python -m tests.house`"


def test_it_starts_with_the_two_commands():
    assert re.search(r"^# Atelier\n\n    make run .*\n    make test ", README)


def test_it_shows_pictures_that_are_there():
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README)
    assert pictures
    assert all((house.ROOT / picture).exists() for picture in pictures)


def test_it_names_commands_and_options_that_exist():
    for command in set(re.findall(r"manage\.py (\w+)", README)):
        done = subprocess.run(
            [sys.executable, "manage.py", command, "--help"], cwd=house.ROOT, capture_output=True, check=False
        )
        assert done.returncode == 0, command
    helped = subprocess.run(
        [sys.executable, "manage.py", "quickstart", "--help"],
        cwd=house.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for option in ("--map", "--test", "--preset", "--publish", "--json"):
        assert option in README
        assert option in helped.stdout


def test_it_names_settings_that_exist():
    settings = (house.ROOT / "studio" / "settings.py").read_text() + (
        house.ROOT / "training" / "basemodels" / "__init__.py"
    ).read_text()
    for name in re.findall(r"^\| `([A-Z_]+)`", README, re.M):
        assert name in settings, name
