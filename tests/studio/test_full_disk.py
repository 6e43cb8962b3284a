"""A full disk, and a database that is away, are one sentence on every page."""

from __future__ import annotations

import errno
import sqlite3
from collections import namedtuple
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from projects.errors import disk_full, trouble
from projects.models import AuditEvent, Project
from studio.supervisor.console import Console

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture
def full(owner, project):
    """SQLite that may not grow any more: what it says then is what it says on a full disk."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
    later = timezone.now() + timedelta(days=1)
    for number in range(10_000):
        try:
            AuditEvent.objects.create(team=project.team, action="x", facts={"x": "x" * 2000})
            Session.objects.create(session_key=f"x{number}", session_data="x" * 100, expire_date=later)
        except OperationalError:
            break
    for number in range(10_000, 20_000):  # what fits into the pages that sessions have already
        try:
            Session.objects.create(session_key=f"x{number}", session_data="x" * 10, expire_date=later)
        except OperationalError:
            break
    yield
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1073741823")


def test_a_page_says_that_the_disk_is_full(full, project, as_, owner):
    browser = Client(raise_request_exception=False)
    answer = browser.post("/account/login/", {"login": owner.email, "password": "correct horse battery"})
    assert answer.status_code == 507
    assert "The disk of this studio is full." in answer.content.decode()
    assert "Nothing was changed" in answer.content.decode()
    assert Project.objects.count() == 1


@pytest.mark.parametrize("said", ["disk I/O error", "unable to open database file"])
def test_what_sqlite_cannot_do_for_want_of_room_is_told_as_a_full_disk(said, monkeypatch):
    """On a disk without a byte it does not get as far as to say that the disk is full."""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: usage(100, 100, 0))
    assert trouble(OperationalError(said)).status == 507
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: usage(10**12, 100, 10**12))
    assert disk_full(OperationalError(said)) is False


def test_a_page_says_that_nothing_can_be_written(project, owner, as_):
    """A disk that went read-only, or a folder that belongs to another account."""
    browser = as_(owner)
    browser.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = 1")
    try:
        assert browser.get("/").status_code == 200
        answer = browser.post(f"/projects/{project.pk}/rename/", {"name": "Another"})
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only = 0")
    assert answer.status_code == 503
    assert "its folder cannot be written" in answer.content.decode()
    assert Project.objects.get().name == project.name


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM])
def test_a_file_that_cannot_be_written_is_a_sentence_too(number):
    assert "its folder cannot be written" in str(trouble(OSError(number, "no")))


def test_the_log_of_all_processes_outlives_a_disk_that_takes_nothing(tmp_path, capsys):
    console = Console(tmp_path / "logs", ["web"])
    (tmp_path / "logs" / "web.log").mkdir()  # in the place of the file
    console.line("web", "first")
    (tmp_path / "logs" / "web.log").rmdir()
    console.line("web", "second")
    console.files["web"].stream = Path("/dev/full").open("w")  # noqa: SIM115  (the console closes it)
    console.line("web", "third" * 10_000)
    said = capsys.readouterr()
    assert [word in said.out for word in ("first", "second", "third")] == [True] * 3
    assert said.err == ""


def test_a_page_says_that_the_database_is_away(project, owner, as_):
    browser = as_(owner)
    browser.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 100")
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        answer = browser.post("/language/", {"language": "zh-hans"})
    finally:
        other.execute("ROLLBACK")
        other.close()
        connection.close()
    assert answer.status_code == 503
    assert "does not answer just now" in answer.content.decode() or "\u6570\u636e\u5e93" in answer.content.decode()
