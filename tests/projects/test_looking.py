"""Many rows are looked at by two processes, and found to be the same as by one."""

from __future__ import annotations

import signal
import sqlite3
import threading
from functools import partial
from pathlib import Path

import pytest

from projects import looking, quality, reading, splitting
from projects.formats import Limits
from projects.labels import examining, writing
from tests import bigdata
from tests.projects.rows_of import MAPPING, ROLES

LABELS = {"text": "text", "label": "label"}


def written(out, folder, labels):
    """What is written for each row, and what was counted."""
    if labels:
        counts = writing.write_examples(out, LABELS, {}, folder)
    else:
        counts = splitting.write_examples(out, MAPPING, {}, folder)
    return vars(counts), {path.name: path.read_bytes() for path in folder.iterdir()}


def examined(path, out, labels):
    """The report, and what the tables say."""
    reading.load_rows(path, path.name, reading.detect(path, path.name), out, lambda share, count: None)
    steps = []
    if labels:
        report = examining.examine(out, LABELS, ("text", "label"), {}, lambda share, n: steps.append(share))
    else:
        report = quality.examine(out, MAPPING, ROLES, {}, lambda share, n: steps.append(share))
    assert steps == sorted(steps)
    with sqlite3.connect(out) as db:
        found = [
            db.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in ("marks", "keys", "contacts")
        ]
        if labels:
            held = "SELECT n, text FROM labelled JOIN cells ON cells.id = cell ORDER BY n"
            found.append(db.execute(held).fetchall())
    assert not list(out.parent.glob("*.first")) + list(out.parent.glob("*.second"))
    return report.to_json(), found


@pytest.mark.parametrize("labels", [False, True])
@pytest.mark.slow
def test_two_processes_find_what_one_finds(tmp_path, monkeypatch, labels):
    path = tmp_path / "x.csv"
    bigdata.write(path, 1.5, bigdata.texts if labels else bigdata.pairs)
    alone = examined(path, tmp_path / "one.sqlite3", labels)
    two_at_once(monkeypatch)
    assert examined(path, tmp_path / "two.sqlite3", labels) == alone


@pytest.mark.parametrize("labels", [False, True])
def test_two_processes_write_what_one_writes_and_so_does_one_whose_second_dies(tmp_path, monkeypatch, caplog, labels):
    path = tmp_path / "x.csv"
    bigdata.write(path, 0.8, bigdata.chinese_texts if labels else bigdata.pairs)
    examined(path, tmp_path / "x.sqlite3", labels)
    alone = written(tmp_path / "x.sqlite3", tmp_path / "alone", labels)
    two_at_once(monkeypatch)
    assert written(tmp_path / "x.sqlite3", tmp_path / "two", labels) == alone
    assert not caplog.records
    begin = looking._begin

    def killed(*arguments):
        child = begin(*arguments)
        child.kill()
        return child

    monkeypatch.setattr(looking, "_begin", killed)
    assert written(tmp_path / "x.sqlite3", tmp_path / "killed", labels) == alone
    assert "The second process ended" in caplog.text


def test_the_bar_goes_with_both_processes(tmp_path, monkeypatch):
    path, out, steps = tmp_path / "x.csv", tmp_path / "x.sqlite3", []
    bigdata.write(path, 2, bigdata.pairs)
    reading.load_rows(path, path.name, reading.detect(path, path.name), out, lambda share, count: None)
    two_at_once(monkeypatch)
    begin = looking._begin

    def stopped(*arguments):
        child = begin(*arguments)
        child.send_signal(signal.SIGSTOP)
        threading.Timer(4, child.send_signal, [signal.SIGCONT]).start()
        return child

    monkeypatch.setattr(looking, "_begin", stopped)
    quality.examine(out, MAPPING, ROLES, {}, lambda share, n: steps.append((share, n)))
    assert steps == sorted(steps)
    waiting = [share for share, _n in steps if 0.4 < share < 0.45]
    assert len(waiting) >= 3, "the first was done, and the bar told what was left to the second"


def test_one_process_does_it_all_where_the_second_dies(tmp_path, monkeypatch):
    path = tmp_path / "x.csv"
    bigdata.write(path, 1, bigdata.pairs)
    alone = examined(path, tmp_path / "one.sqlite3", labels=False)
    two_at_once(monkeypatch)
    begin = looking._begin

    def killed(*arguments):
        child = begin(*arguments)
        child.kill()
        return child

    monkeypatch.setattr(looking, "_begin", killed)
    assert examined(path, tmp_path / "two.sqlite3", labels=False) == alone


def two_at_once(monkeypatch, **limits):
    monkeypatch.setattr(looking, "MANY", 1_000)
    monkeypatch.setattr(looking.os, "sched_getaffinity", lambda pid: {0, 1})
    if limits:
        monkeypatch.setattr(looking, "Limits", partial(Limits, **limits))


def test_the_second_process_knows_no_secrets(tmp_path, monkeypatch):
    path, seen = tmp_path / "x.csv", []
    bigdata.write(path, 1, bigdata.pairs)
    monkeypatch.setenv("ATELIER_SECRET", "open sesame")
    two_at_once(monkeypatch)
    begin = looking._begin

    def watched(*arguments):
        child = begin(*arguments)
        seen.append(Path(f"/proc/{child.pid}/environ").read_text())
        return child

    monkeypatch.setattr(looking, "_begin", watched)
    examined(path, tmp_path / "two.sqlite3", labels=False)
    assert len(seen) == 1
    assert "sesame" not in seen[0]
    assert "DJANGO_SETTINGS_MODULE" not in seen[0]


def test_the_second_process_has_limits_and_its_rows_are_looked_at_all_the_same(tmp_path, monkeypatch, caplog):
    path = tmp_path / "x.csv"
    bigdata.write(path, 1, bigdata.pairs)
    alone = examined(path, tmp_path / "one.sqlite3", labels=False)
    two_at_once(monkeypatch, memory=30_000_000)
    assert examined(path, tmp_path / "two.sqlite3", labels=False) == alone
    assert "The second process ended" in caplog.text
