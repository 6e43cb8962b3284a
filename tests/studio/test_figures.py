"""What Prometheus is told: the same by every web process, and something also when the database is away."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from tests.endpoints.conftest import endpoint, model, peer, running_peer  # noqa: F401
from tests.live import ROOT, database_url, free_port


def figures(page: str) -> dict[str, float]:
    rows = (line.rsplit(" ", 1) for line in page.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, value in rows}


@pytest.fixture
def told(client, no_engine):
    return lambda: figures(client.get("/metrics").content.decode())


@pytest.fixture
def no_engine(settings):
    settings.ENGINE_URL = "http://127.0.0.1:9"


@pytest.fixture
def run(project):
    from projects.models import Dataset
    from training.models import TrainingRun

    dataset = Dataset.objects.create(project=project, name="faq.csv", state="ready")
    return TrainingRun.objects.create(project=project, dataset=dataset, base_model="tiny", queue="gpu")


@pytest.mark.database
@pytest.mark.django_db
def test_it_tells_what_waits_and_since_when(told, run, project):
    from projects.models import Dataset
    from training.models import TrainingRun

    TrainingRun.objects.filter(pk=run.pk).update(created=F("created") - timedelta(seconds=90))
    Dataset.objects.create(project=project, name="new.csv", state="reading")
    Dataset.objects.create(project=project, name="taken.csv", state="reading", worker="w")
    found = told()
    assert found['atelier_queue_length{queue="gpu"}'] == 1
    assert found['atelier_queue_length{queue="default"}'] == 1
    assert found['atelier_queue_length{queue="train"}'] == 0
    assert 90 <= found['atelier_queue_oldest_seconds{queue="gpu"}'] < 200
    assert found['atelier_queue_oldest_seconds{queue="train"}'] == 0
    assert found['atelier_runs{state="queued"}'] == 1
    assert found['atelier_runs{state="failed"}'] == 0


@pytest.mark.database
@pytest.mark.django_db
def test_it_tells_who_works(told):
    from training.models import Worker

    Worker.objects.create(name="a", queues=["default"], seen=timezone.now(), version="1.2")
    Worker.objects.create(name="b", queues=["train", "gpu"], seen=timezone.now(), version="1.2")
    Worker.objects.create(name="gone", queues=["train"], seen=timezone.now() - timedelta(minutes=5))
    found = told()
    assert [found[f'atelier_workers{{queue="{queue}"}}'] for queue in ("default", "train", "gpu")] == [1, 1, 1]
    assert found['atelier_worker_versions{version="1.2"}'] == 2


@pytest.mark.database
@pytest.mark.django_db
def test_it_tells_how_answers_ended_and_how_long_they_took(told):
    from endpoints import metering

    for state, seconds in (("done", 0.3), ("unsure", 0.01), ("done", 1000), ("failed", 7)):
        metering.ended(state, seconds)
    found = told()
    assert found['atelier_answers_total{state="failed"}'] == 1
    assert found['atelier_answers_total{state="done"}'] == 2
    assert found['atelier_answers_total{state="stopped"}'] == 0
    assert found['atelier_answer_seconds_bucket{le="0.5"}'] == 2
    assert found['atelier_answer_seconds_bucket{le="90.0"}'] == 2
    assert found['atelier_answer_seconds_bucket{le="+Inf"}'] == found["atelier_answer_seconds_count"] == 3
    assert found["atelier_answer_seconds_sum"] == pytest.approx(1000.31)


@pytest.mark.database
@pytest.mark.django_db
def test_it_tells_which_parts_answer_and_how_much_disk_is_free(told):
    found = told()
    assert found['atelier_up{part="database"}'] == 1
    assert found['atelier_up{part="engine"}'] == 0
    assert found['atelier_disk_free_bytes{folder="home"}'] > 0


def web_process(**environment: str) -> tuple[subprocess.Popen[bytes], str]:
    port = free_port()
    command = [sys.executable, "-m", "studio.server", "--port", str(port)]
    env = {**os.environ, "SITE_URL": f"http://127.0.0.1:{port}", **environment}
    started = subprocess.Popen(command, cwd=ROOT, env=env)
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5)
            break
        except OSError:
            assert started.poll() is None
            time.sleep(0.1)
    return started, f"http://127.0.0.1:{port}"


def asked_of(address: str) -> dict[str, float]:
    with urllib.request.urlopen(f"{address}/metrics", timeout=60) as reply:
        return figures(reply.read().decode())


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_two_web_processes_tell_the_same(endpoint, peer, settings, tmp_path):  # noqa: F811
    from endpoints.models import ApiKey

    _key, secret = ApiKey.issue(endpoint.project.team, "shop", endpoint)
    environment = {
        "DATABASE_URL": database_url(),
        "ATELIER_HOME": str(tmp_path / "home"),
        "ATELIER_DATA": str(settings.DATA_ROOT),
        "ENGINE_URL": peer.url,
        "STUDIO_ID": settings.STUDIO_ID,
    }
    processes = [web_process(**environment) for _ in range(2)]
    try:
        for number, (_process, address) in enumerate(processes):
            body = {"model": endpoint.slug, "messages": [{"role": "user", "content": f"Tell me story {number}"}]}
            asked = urllib.request.Request(f"{address}/v1/chat/completions", json.dumps(body).encode())
            asked.add_header("Authorization", f"Bearer {secret}")
            asked.add_header("Content-Type", "application/json")
            assert urllib.request.urlopen(asked, timeout=60).status == 200
        pages = [asked_of(address) for _process, address in processes]
    finally:
        for process, _address in processes:
            process.terminate()
            process.wait(20)
    for page in pages:
        assert page["atelier_answer_seconds_count"] == 2, page
        assert sum(count for name, count in page.items() if re.match("atelier_answers_total", name)) == 2
        assert page['atelier_up{part="engine"}'] == 1


@pytest.mark.slow
def test_it_says_that_the_database_is_away(tmp_path):
    process, address = web_process(
        DATABASE_URL="postgres://nobody@127.0.0.1:9/none", ATELIER_HOME=str(tmp_path), ENGINE_URL="http://127.0.0.1:9"
    )
    try:
        found = asked_of(address)
    finally:
        process.terminate()
        process.wait(20)
    assert found['atelier_up{part="database"}'] == 0
    assert "atelier_runs" not in str(found)
