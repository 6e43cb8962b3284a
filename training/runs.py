"""What a person does with a training: start it, cancel it, try it again. The row is the truth, the queue a hint."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from datetime import timedelta

from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from projects import trainable, users
from projects.models import AuditEvent, Dataset, Project
from projects.users import Doer
from training import plan, problems
from training.models import RunLog, TrainingRun

logger = logging.getLogger(__name__)
TASK = "training.train_run"
PRESSED_TWICE = timedelta(seconds=20)
"""The same training asked for again so soon by the same person is the same press."""
State = TrainingRun.State


def start(
    dataset: Dataset,
    preset: str,
    overrides: Mapping[str, object] | None = None,
    user: Doer = None,
    test_dataset: Dataset | None = None,
) -> TrainingRun:
    """A new run of this data, queued. The plan's reasons are kept with it."""
    check_ready(dataset)
    chosen = plan.make(dataset, preset, overrides or {}, test_dataset)
    person = users.key(user)
    same: dict[str, object] = {"dataset": dataset, "test_dataset": test_dataset, "created_by_id": person}
    same |= {"preset": preset, "base_model": chosen.base_model, "config": chosen.config.to_json()}
    with transaction.atomic():
        Dataset.objects.select_for_update().get(pk=dataset.pk)  # two that press at once come here one by one
        recent = TrainingRun.objects.filter(
            state__in=TrainingRun.OPEN, created__gt=timezone.now() - PRESSED_TWICE, **same
        )
        if person is not None and (pressed := recent.first()) is not None:
            return pressed
        run = TrainingRun.objects.create(
            project=dataset.project,
            reasons=chosen.reasons,
            estimate=chosen.seconds,
            modelled=chosen.modelled,
            queue=chosen.queue,
            **same,
        )
    AuditEvent.record(dataset.project.team, user, "run.started", dataset.name, run=run.pk, preset=preset)
    tell_queue(run)
    return run


def newest_trainable(project: Project) -> Dataset | None:
    """The newest data, where something can be learned from it: a page offers no training that would be refused."""
    newest = project.datasets.filter(state=Dataset.State.READY, purpose="all").first()
    return newest if newest is not None and trainable.refusal(newest) is None else None


def check_ready(dataset: Dataset) -> None:
    """Raises what is missing where nothing can be learned from this data."""
    refusal = trainable.refusal(dataset)
    if refusal is not None:
        raise refusal


def tell_queue(run: TrainingRun) -> None:
    """Says to the workers that there is something to do, once the row is stored."""
    transaction.on_commit(lambda: publish(run))


def publish(run: TrainingRun) -> None:
    """Puts the id into the queue. When the queue is away the sweep does it later; the row is safe."""
    try:
        current_app.send_task(TASK, args=[run.pk], queue=run.queue, ignore_result=True)
    except (OperationalError, OSError):
        logger.exception("The queue did not take run %s; the next sweep tries again", run.pk)
        return
    TrainingRun.objects.filter(pk=run.pk).update(published=timezone.now())


def cancel(run: TrainingRun, user: Doer = None) -> bool:
    """A waiting run ends at once; one that is training is asked to stop and ends within seconds."""
    rows = TrainingRun.objects.filter(pk=run.pk)
    ended = rows.filter(state=State.QUEUED).update(state=State.CANCELLED, finished=timezone.now(), worker="")
    asked = ended or rows.filter(state=State.RUNNING, cancel_requested=False).update(cancel_requested=True)
    run.refresh_from_db()
    if asked:
        RunLog.objects.create(run=run, code="cancelled")
        AuditEvent.record(run.project.team, user, "run.cancelled", run.dataset.name, run=run.pk)
    return bool(asked)


def try_again(run: TrainingRun, user: Doer = None) -> bool:
    """Queues a failed or cancelled run again. It goes on from its last checkpoint, unless the remedy changes it."""
    changes = problems.remedy(run)
    fields: dict[str, object] = {"config": {**run.config, **changes}} if changes else {}
    if changes:
        _forget_progress(run)
    stopped = TrainingRun.objects.filter(pk=run.pk, state__in=(State.FAILED, State.CANCELLED))
    queued = stopped.update(
        state=State.QUEUED,
        cancel_requested=False,
        error={},
        attempts=0,
        lost=[],
        worker="",
        heartbeat=None,
        started=None,
        finished=None,
        seconds_left=None,
        published=None,
        **fields,
    )
    run.refresh_from_db()
    if queued:
        AuditEvent.record(run.project.team, user, "run.tried_again", run.dataset.name, run=run.pk)
        tell_queue(run)
    return bool(queued)


def _forget_progress(run: TrainingRun) -> None:
    """Other settings make other steps, so the checkpoints and the curve of the old ones go."""
    shutil.rmtree(run.folder / "checkpoints", ignore_errors=True)
    run.metrics.all().delete()


def ahead(run: TrainingRun) -> int:
    """How many trainings come before this one in its queue."""
    if run.state != State.QUEUED:
        return 0
    same = TrainingRun.objects.filter(queue=run.queue)
    waiting = same.filter(state=State.QUEUED, pk__lt=run.pk).count()
    return waiting + same.filter(state=State.RUNNING).count()
