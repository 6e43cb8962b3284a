"""README tells the truth about the house and about the commands."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command

from tests import house

README = (house.ROOT / "README.md").read_text(encoding="utf-8")


def test_it_maps_every_folder_of_the_house():
    assert house.explained() == house.folders(), "docs/map.md has one line for each folder"


def test_it_can_be_read_in_one_sitting():
    assert len(README.splitlines()) < 150


def test_it_starts_with_the_two_commands():
    assert re.search(r"^# Atelier\n\n    make run .*\n    make test ", README)


def test_it_shows_pictures_that_are_there():
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README)
    assert pictures
    assert all((house.ROOT / picture).exists() for picture in pictures)


def test_it_names_commands_and_options_that_exist(capsys):
    for command in {"quickstart", *re.findall(r"manage\.py (\w+)", README)}:
        with pytest.raises(SystemExit) as left:
            call_command(command, "--help")
        assert left.value.code == 0, command
    helped = capsys.readouterr().out
    for option in ("--map", "--test", "--preset", "--publish", "--json"):
        assert option in README
        assert option in helped


def test_it_names_settings_that_exist():
    settings = (house.ROOT / "studio" / "settings.py").read_text() + (
        house.ROOT / "training" / "basemodels" / "__init__.py"
    ).read_text()
    for name in re.findall(r"^\| `([A-Z_]+)`", README, re.M):
        assert name in settings, name
