"""Pages and workers of different versions at one database: it is said, and no job is spoiled."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from projects import datasets, schema, uploading
from studio import jobs
from tests.live import ROOT, database_url
from training import presence
from training.models import Worker


@pytest.fixture
def tomorrow(transactional_db):
    """A migration of a version that this code does not know, as a newer process has run it."""
    recorder = MigrationRecorder(connection)
    recorder.record_applied("training", "9999_of_tomorrow")
    yield lambda: recorder.record_unapplied("training", "9999_of_tomorrow")
    recorder.record_unapplied("training", "9999_of_tomorrow")


@pytest.fixture
def dataset(project, owner):
    upload = uploading.store(project, owner, "faq.csv", [b"question,answer\n" + b"Where is it?,Here.\n" * 20])
    return datasets.create_dataset(project, upload, owner)


@pytest.mark.django_db
@pytest.mark.parametrize("version", ["0.1", ""])
def test_it_says_that_a_worker_has_another_version(owner, as_, version):
    Worker.objects.create(name="old", queues=["default"], seen=timezone.now(), version=version)
    page = as_(owner).get("/").content.decode()
    assert f"runs version {version or 'unknown'}, these pages run version {schema.version()}" in " ".join(page.split())
    assert "start it again" in page


@pytest.mark.django_db
def test_it_says_nothing_of_its_own_workers_and_of_those_that_are_gone(owner, as_):
    presence.say_alive("ours", ["default"])
    Worker.objects.create(name="gone", queues=["default"], seen=timezone.now() - timedelta(days=1), version="0.1")
    assert "start it again" not in as_(owner).get("/").content.decode()


@pytest.mark.database
@pytest.mark.django_db
def test_it_knows_its_own_tables():
    assert schema.mismatch() == ""
    assert set(schema.known()) == {"studio", "projects", "training", "endpoints"}
    assert schema.number("0003_squashed_0011_names") == 11


@pytest.mark.database
def test_a_worker_older_than_the_tables_leaves_a_job_in_the_queue(tomorrow, dataset, monkeypatch, caplog):
    from projects.tasks import read_dataset

    monkeypatch.setattr(jobs, "PAUSE", 0)
    assert read_dataset.apply(args=[dataset.pk]).state == "REJECTED"
    assert "is older" in caplog.text
    dataset.refresh_from_db()
    assert (dataset.state, dataset.attempts) == ("uploaded", 0)
    tomorrow()
    assert read_dataset.apply(args=[dataset.pk]).state == "SUCCESS"
    dataset.refresh_from_db()
    assert dataset.state == "checking"


@pytest.mark.database
def test_a_worker_newer_than_the_tables_waits_for_them(transactional_db, dataset, monkeypatch, caplog):
    from projects.tasks import read_dataset

    monkeypatch.setattr(jobs, "PAUSE", 0)
    monkeypatch.setattr(schema, "known", lambda: {"training": 9999})
    assert read_dataset.apply(args=[dataset.pk]).state == "REJECTED"
    assert "manage.py migrate" in caplog.text


@pytest.mark.slow
def test_a_real_worker_puts_the_message_back_until_the_tables_fit(tomorrow, dataset, tmp_path):
    home = tmp_path / "home"
    environment = os.environ | {"ATELIER_HOME": str(home), "DATABASE_URL": database_url(), "OMP_NUM_THREADS": "1"}
    environment |= {"ATELIER_DATA": str(tmp_path / "data")}
    tell = f"import studio.celery as c; c.app.send_task('projects.tasks.read_dataset', args=[{dataset.pk}])"
    django = "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'studio.settings'; django.setup(); "
    subprocess.run([sys.executable, "-c", django + tell], cwd=ROOT, env=environment, check=True, timeout=60)
    log = tmp_path / "worker.log"
    command = [sys.executable, "-m", "celery", "-A", "studio", "worker", "--queues", "default", "--concurrency", "1"]
    with log.open("w") as output:
        worker = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        until(lambda: log.read_text().count("is older") > 1, log)
        dataset.refresh_from_db()
        assert (dataset.state, dataset.attempts) == ("uploaded", 0)
        tomorrow()
        until(lambda: type(dataset).objects.get(pk=dataset.pk).state == "checking", log)
    finally:
        worker.terminate()
        worker.wait(30)


def until(true, log: Path, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.2)
