"""A run in the worker: from claim to model, cancelled, taken over, failed, killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.utils import timezone

from tests.live import database_url
from tests.training.conftest import QUICK
from training import problems, recorder, runs, sweeping, tasks
from training.models import ModelVersion, RunLog, StepMetric, TrainingRun

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture(autouse=True)
def one_thread():
    import torch

    torch.set_num_threads(1)


def test_it_makes_a_model_with_a_report(run, tiny_bases):
    assert tasks.work(run)
    run.refresh_from_db()
    assert run.state == "succeeded", run.error
    assert run.progress == 1
    model = ModelVersion.objects.get(run=run)
    assert model.number == 1
    assert model.manifest["examples"] == 24
    assert set(model.evaluation.report["scores"]) == {"tuned", "base", "retrieval"}
    steps = list(StepMetric.objects.filter(run=run).values_list("step", flat=True))
    assert steps == list(range(1, len(steps) + 1))
    assert RunLog.objects.filter(run=run, code="phase").count() >= 5


def test_it_is_claimed_once(run):
    other = TrainingRun.objects.get(pk=run.pk)
    assert run.claim("first")
    assert not tasks.work(other)
    other.refresh_from_db()
    assert (other.state, other.worker) == ("running", "first")
    assert not RunLog.objects.filter(run=run).exists()


@pytest.mark.parametrize("state", ["succeeded", "failed", "cancelled"])
def test_it_does_nothing_for_a_message_delivered_twice(run, state):
    TrainingRun.objects.filter(pk=run.pk).update(state=state)
    run.refresh_from_db()
    assert not tasks.work(run)
    run.refresh_from_db()
    assert (run.state, run.worker) == (state, "")


@pytest.mark.slow
def test_it_stops_when_cancelled_and_goes_on_later(run, tiny_bases):
    class CancelAtThree(recorder.Recorder):
        def step(self, record):
            super().step(record)
            if record.step == 3:
                runs.cancel(TrainingRun.objects.get(pk=self.run.pk))
                self._beat()

    tasks.work(run, recorder=CancelAtThree)
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert StepMetric.objects.filter(run=run).count() == 3
    assert runs.try_again(run)
    tasks.work(run)
    run.refresh_from_db()
    assert run.state == "succeeded", run.error
    assert RunLog.objects.get(run=run, code="resumed").facts == {"step": 3}


def test_it_leaves_a_run_that_another_worker_took_over(run, tiny_bases):
    class Robbed(recorder.Recorder):
        def phase(self, name, total=None):
            super().phase(name, total)
            TrainingRun.objects.filter(pk=self.run.pk).update(worker="other")
            self._beat()

    tasks.work(run, recorder=Robbed)
    run.refresh_from_db()
    assert (run.state, run.worker) == ("running", "other")
    assert not ModelVersion.objects.exists()


def test_it_takes_over_from_a_silent_worker(run, sent):
    run.claim("elsewhere/1/x")
    TrainingRun.objects.filter(pk=run.pk).update(heartbeat=timezone.now() - timedelta(minutes=1))
    del sent[:]
    TrainingRun.objects.filter(pk=run.pk).update(created=timezone.now() - timedelta(minutes=5))
    sweeping.sweep()
    assert sent == [(run.pk, "train")]
    assert TrainingRun.objects.get(pk=run.pk).claim("here/2/y")
    run.refresh_from_db()
    assert (run.state, run.worker) == ("running", "here/2/y")


def test_it_gives_up_when_a_run_keeps_killing_its_worker(run):
    TrainingRun.objects.filter(pk=run.pk).update(attempts=tasks.ATTEMPTS)
    run.refresh_from_db()
    tasks.work(run)
    run.refresh_from_db()
    assert run.state == "failed"
    assert "without getting further" in problems.worded(run).what


@pytest.mark.slow
def test_it_makes_one_version_however_often_it_is_done(run, tiny_bases):
    tasks.work(run)
    TrainingRun.objects.filter(pk=run.pk).update(state="queued")
    run.refresh_from_db()
    tasks.work(run)
    run.refresh_from_db()
    assert run.state == "succeeded"
    assert ModelVersion.objects.filter(project=run.project).count() == 1


def test_it_says_in_a_sentence_why_it_failed_and_mails_the_person_who_waits(run, tiny_bases, settings):
    settings.EMAIL_HOST = "mail.example.com"
    (run.dataset.folder / "train.jsonl").write_text("")
    tasks.work(run)
    run.refresh_from_db()
    assert run.state == "failed"
    problem = problems.worded(run)
    assert "usable examples" in problem.what
    assert problem.safe
    assert problem.todo
    assert len(problem.ref) == 8
    assert mail.outbox[0].to == ["olga@example.com"]
    assert "usable examples" in mail.outbox[0].body


@pytest.mark.slow
def test_it_goes_on_after_kill_9_with_the_same_losses(dataset, owner, tiny_bases):
    undisturbed = runs.start(dataset, "quick", QUICK, owner)
    tasks.work(undisturbed)
    killed = runs.start(dataset, "quick", QUICK, owner)
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "ATELIER_DATA": str(settings.DATA_ROOT),
        "ATELIER_BASE_MODELS": tiny_bases,
    }
    process = subprocess.Popen([sys.executable, "-m", "tests.training.one_worker", str(killed.pk)], env=environment)
    deadline = time.monotonic() + 300
    while StepMetric.objects.filter(run=killed).count() < 5 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 5 <= StepMetric.objects.filter(run=killed).count() < StepMetric.objects.filter(run=undisturbed).count()
    assert sweeping.free_the_dead() == 1  # its process is gone, so nobody waits for the heartbeat to go stale
    killed.refresh_from_db()
    tasks.work(killed)
    killed.refresh_from_db()
    assert killed.state == "succeeded", killed.error
    assert RunLog.objects.filter(run=killed, code="resumed").exists()
    losses = [list(StepMetric.objects.filter(run=one).values_list("step", "loss")) for one in (killed, undisturbed)]
    assert losses[0] == losses[1]
