"""One worker at a time has a row, and whoever loses it says what became of it."""

from __future__ import annotations

import inspect
import re
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from projects import claims, importing, sweeping
from projects.models import Dataset

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
State = Dataset.State


@pytest.fixture
def dataset(project, owner):
    return Dataset.objects.create(project=project, name="faq.csv", created_by=owner, state=State.IMPORTING)


@pytest.fixture(autouse=True)
def no_queue(monkeypatch):
    from projects import tasks

    for task in (tasks.read_dataset, tasks.import_dataset):
        monkeypatch.setattr(task, "delay_on_commit", lambda pk: None)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(claims, "TICK", 0.05)
    monkeypatch.setattr(claims, "EVERY", 0.1)


def until(what, seconds=20):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_it_lives_while_its_main_thread_says_nothing(dataset, quick):
    dataset.claim(State.IMPORTING, claims.me())
    first = dataset.heartbeat
    with claims.Heart(dataset, dataset.worker):
        time.sleep(1)  # a step without any progress
        assert Dataset.objects.get(pk=dataset.pk).heartbeat > first


def test_it_tells_the_page_how_far_it_is(dataset, quick):
    dataset.claim(State.IMPORTING, claims.me())
    with claims.Heart(dataset, dataset.worker) as heart:
        heart.note(progress=0.4)
        until(lambda: Dataset.objects.get(pk=dataset.pk).progress == 0.4)


def test_it_stops_soon_when_the_row_is_taken_away(dataset, quick):
    dataset.claim(State.IMPORTING, claims.me())
    with claims.Heart(dataset, dataset.worker) as heart:
        Dataset.objects.update(worker="thief")
        until(lambda: heart.lost)
        with pytest.raises(claims.Lost):
            heart.note(progress=0.9)
    assert Dataset.objects.get().progress == 0


def test_two_that_ask_at_once_do_not_both_get_it(dataset):
    other = Dataset.objects.get(pk=dataset.pk)
    assert [dataset.claim(State.IMPORTING, "a"), other.claim(State.IMPORTING, "b")] == [True, False]


def hold_the_database(seconds: float) -> threading.Thread:
    """As a backup does."""
    ready = threading.Event()

    def hold() -> None:
        with sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None) as other:
            other.execute("BEGIN EXCLUSIVE")
            ready.set()
            time.sleep(seconds)
            other.execute("ROLLBACK")

    thread = threading.Thread(target=hold)
    thread.start()
    ready.wait(10)
    return thread


@pytest.fixture
def hasty():
    """Gives up after a tenth of a second instead of twenty seconds, as if the lock lasted longer."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 100")
    yield
    connection.close()


@pytest.mark.sqlite
def test_a_locked_database_is_waited_for(dataset, hasty):
    holder = hold_the_database(2)
    with pytest.raises(OperationalError):
        dataset.beat("w")
    assert claims.patiently(lambda: dataset.claim(State.IMPORTING, "w"))
    holder.join()


def every_task() -> list[Any]:
    """Those that are about one row."""
    from studio.celery import app

    app.loader.import_default_modules()
    ours = [task for name, task in app.tasks.items() if name.partition(".")[0] in ("projects", "training", "endpoints")]
    return [task for task in ours if "pk" in inspect.signature(task.run).parameters]


@pytest.mark.sqlite
def test_no_message_is_lost_to_a_locked_database(db, hasty):
    tasks = every_task()
    assert len(tasks) >= 5
    for task in tasks:
        holder = hold_the_database(0.6)
        task(2_000_000_000)  # a row that is gone: found out as soon as the database answers
        holder.join()


def test_a_full_disk_is_not_waited_for(dataset):
    def full():
        raise OperationalError("database or disk is full")

    with pytest.raises(OperationalError):
        claims.patiently(full)


def dead_worker() -> str:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return f"{claims.machine()}/{process.pid}/x"


@pytest.mark.parametrize(
    ("starved", "worker", "says"),
    [
        (True, "dead", "ran out of memory"),
        (False, "dead", "ended from outside"),
        (False, "elsewhere.1/7/x", "switched off, asleep or out of reach"),
    ],
)
def test_it_says_what_became_of_its_workers(dataset, monkeypatch, starved, worker, says, caplog):
    monkeypatch.setattr(claims, "starved", lambda: starved)
    for _ in range(importing.ATTEMPTS):
        dataset.claim(State.IMPORTING, dead_worker() if worker == "dead" else worker)
        Dataset.objects.update(heartbeat=timezone.now() - timedelta(minutes=1))
        assert sweeping.sweep() == 1
    importing.finish(dataset)
    dataset.refresh_from_db()
    assert dataset.state == State.REJECTED
    assert says in dataset.error["what"]
    assert re.search(r"reference (?:is )?([0-9a-f]{8})", dataset.error["todo"])[1] in caplog.text
    assert "damaged" not in str(dataset.error)


def test_it_hears_from_the_parent_how_a_worker_ended(dataset):
    from celery.signals import task_failure

    from projects import tasks

    class WorkerLostError(Exception):
        pass

    for _ in range(importing.ATTEMPTS):
        dataset.claim(State.IMPORTING, dead_worker())
        lost = WorkerLostError("Worker exited prematurely: signal 11 (SIGSEGV) Job: 3.")
        task_failure.send(sender=tasks.import_dataset, task_id="1", args=[dataset.pk], exception=lost)
        assert sweeping.sweep() == 1
    importing.finish(dataset)
    assert "own process crashed" in dataset.error["what"]


def test_a_clock_that_was_set_costs_no_living_worker_its_row(dataset, monkeypatch):
    clock = claims.Clock()
    monkeypatch.setattr(claims, "CLOCK", clock)
    dataset.claim(State.IMPORTING, "elsewhere.1/7/x")
    Dataset.objects.update(heartbeat=timezone.now() - timedelta(hours=1))  # the clock went an hour on
    clock.offset -= 3600
    assert sweeping.sweep() == 0
    clock.distrusted_until = 0.0
    assert sweeping.sweep() == 1


def test_a_clock_that_was_set_back_leaves_no_row_behind(dataset):
    dataset.claim(State.IMPORTING, "elsewhere.1/7/x")
    Dataset.objects.update(heartbeat=timezone.now() + timedelta(hours=1))
    assert sweeping.sweep() == 1
    assert dataset.claim(State.IMPORTING, "b")
