"""Finds runs that nobody works on and brings them back: dead workers, lost messages, cancels nobody heard."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from projects import claims
from training import following, runs
from training.models import RunLog, TrainingRun

State = TrainingRun.State
LOST_AFTER = timedelta(seconds=20)
BUSY_LOST_AFTER = timedelta(minutes=10)


def sweep() -> int:
    """Frees what dead workers held and tells the queue again of what waits. Returns how many messages were sent."""
    free_the_dead()
    following.sweep()
    due = [run for run in TrainingRun.objects.filter(state=State.QUEUED).order_by("pk") if _unheard(run)]
    for run in due:
        runs.publish(run)
    return len(due)


def free_the_dead() -> int:
    """Runs whose worker is silent or gone: back into the queue, or ended where a person had asked for it."""
    return sum(_free(run) for run in claims.left(TrainingRun.objects.filter(state=State.RUNNING)))


def _free(run: TrainingRun) -> int:
    """The row count decides, so that two sweeps at once free a run only once."""
    held = TrainingRun.objects.filter(pk=run.pk, state=State.RUNNING, worker=run.worker)
    if held.filter(cancel_requested=True).update(state=State.CANCELLED, finished=timezone.now(), worker=""):
        return 1
    why = claims.freed_because(run)
    if not run.lose(why, state=State.QUEUED, heartbeat=None, published=None, seconds_left=None):
        return 0
    RunLog.objects.create(run=run, code="worker_gone")
    return 1


def _unheard(run: TrainingRun) -> bool:
    """Whether the message about a waiting run was probably lost. In a busy queue it more likely still waits."""
    if run.published is None:
        return run.created < timezone.now() - timedelta(seconds=2)
    busy = TrainingRun.objects.filter(~Q(worker=""), queue=run.queue, state=State.RUNNING).exists()
    return run.published < timezone.now() - (BUSY_LOST_AFTER if busy else LOST_AFTER)
