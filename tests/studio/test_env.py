"""Settings from the environment: good values work, bad ones are refused with the remedy."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from studio import env


@pytest.mark.parametrize(("value", "meant"), [("true", True), ("1", True), ("Off", False), ("no", False), ("", True)])
def test_it_reads_booleans(monkeypatch, value, meant):
    monkeypatch.setenv("KNOB", value)
    assert env.boolean("KNOB", True) is meant


def test_it_refuses_a_bad_boolean_with_the_remedy(monkeypatch):
    monkeypatch.setenv("KNOB", "maybe")
    with pytest.raises(ImproperlyConfigured, match=r"KNOB=maybe.*'true' or 'false'"):
        env.boolean("KNOB", True)


def test_it_refuses_a_bad_number_with_the_remedy(monkeypatch):
    monkeypatch.setenv("KNOB", "many")
    with pytest.raises(ImproperlyConfigured, match=r"KNOB=many.*whole number from 1 to .*, such as 7"):
        env.integer("KNOB", 7)


def test_it_reads_a_secret_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("hush\n")
    monkeypatch.setenv("KNOB_FILE", str(tmp_path / "secret"))
    assert env.text("KNOB") == "hush"


def test_it_names_the_secret_file_that_is_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("KNOB_FILE", str(tmp_path / "gone"))
    with pytest.raises(ImproperlyConfigured, match="Check the path"):
        env.text("KNOB")


def test_it_makes_a_secret_once_and_keeps_it_to_itself(tmp_path):
    first = env.kept_secret("NO_SUCH_KNOB", tmp_path / "key")
    assert env.kept_secret("NO_SUCH_KNOB", tmp_path / "key") == first
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0


def test_it_reads_a_postgres_address(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgres://ann:p%40ss@db.example:5433/atelier?sslmode=require")
    found = env.database("DATABASE_URL", tmp_path)
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == ("ann", "p@ss", "db.example", "5433")
    assert found["OPTIONS"]["sslmode"] == "require"


def test_a_line_to_the_database_that_was_cut_breaks_soon(monkeypatch, tmp_path):
    """By default a thread, and with it every chat of the process, would wait for two hours."""
    monkeypatch.setenv("DATABASE_URL", "postgres://ann@db.example/studio?connect_timeout=3")
    options = env.database("DATABASE_URL", tmp_path)["OPTIONS"]
    assert options["connect_timeout"] == "3"
    silent = int(options["keepalives_idle"]) + int(options["keepalives_interval"]) * int(options["keepalives_count"])
    assert silent <= 30
    assert int(options["tcp_user_timeout"]) <= 30_000


def test_it_refuses_another_database(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "mysql://localhost/atelier")
    with pytest.raises(ImproperlyConfigured, match="postgres://"):
        env.database("DATABASE_URL", tmp_path)


def test_it_uses_sqlite_in_its_home_by_default(monkeypatch, tmp_path):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert env.database("DATABASE_URL", tmp_path)["NAME"] == Path(tmp_path) / "atelier.sqlite3"


def test_a_full_disk_leaves_no_empty_secret_behind(tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(ImproperlyConfigured, match="No space left"):
            env.kept_secret("NO_SUCH_KNOB", tmp_path / "key")
    assert not [*tmp_path.iterdir()]
    (tmp_path / "key").touch()  # as earlier versions left it
    assert len(env.kept_secret("NO_SUCH_KNOB", tmp_path / "key")) > 40
    assert [one.name for one in tmp_path.iterdir()] == ["key"]
