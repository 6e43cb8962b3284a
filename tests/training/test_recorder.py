"""What a training writes down never holds it up."""

from __future__ import annotations

import time

import pytest

from tests.projects.test_claims import hasty, hold_the_database  # noqa: F401
from training.ml.watching import StepRecord
from training.models import RunLog, StepMetric
from training.recorder import Recorder

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def record(step: int, loss: float) -> StepRecord:
    return StepRecord(step, 50, 0.1, loss, None, 1e-4, 100, 10.0, 1.0)


@pytest.mark.sqlite
def test_a_locked_database_costs_no_step_and_no_time(run, hasty):  # noqa: F811
    run.claim("w")
    with Recorder(run, "w") as watcher:
        holder = hold_the_database(6)
        began = time.monotonic()
        watcher.phase("training", 50)
        for step in range(1, 51):
            watcher.step(record(step, 1.0 / step))
            watcher.advance(step)
        assert time.monotonic() - began < 2
        holder.join()
    assert StepMetric.objects.filter(run=run).count() == 50
    assert RunLog.objects.filter(run=run, code="phase").count() == 1


def test_a_step_done_again_is_there_once(run):
    run.claim("w")
    with Recorder(run, "w") as watcher:
        for loss in (2.0, 1.0):
            watcher.step(record(1, loss))
    assert StepMetric.objects.get(run=run).loss == 1.0


def test_a_part_that_takes_longer_than_planned_is_not_said_to_be_over(run):
    """With other programs beside it a part planned for a minute took ten, "less than a minute left" all the time."""
    run.claim("w")
    type(run).objects.filter(pk=run.pk).update(estimate=60)
    run.refresh_from_db()
    watcher = Recorder(run, "w")
    watcher.phase("evaluating", 100)
    watcher.phase_began -= 600
    assert watcher.seconds_left() > 500
    watcher.done = 50
    assert 550 < watcher.seconds_left() < 700
