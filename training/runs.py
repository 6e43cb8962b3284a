"""What a person does with a training: start it, cancel it, try it again. The row is the truth, the queue a hint."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from typing import Any

from celery import current_app
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import OperationalError

from projects.errors import UserError
from projects.models import AuditEvent, Dataset
from training import plan, problems
from training.models import TrainingRun

logger = logging.getLogger(__name__)
TASK = "training.train_run"
State = TrainingRun.State


def start(
    dataset: Dataset,
    preset: str,
    overrides: Mapping[str, Any] | None = None,
    user: Any = None,
    test_dataset: Dataset | None = None,
) -> TrainingRun:
    """A new run of this data, queued. The plan's reasons are kept with it."""
    check_ready(dataset)
    chosen = plan.make(dataset, preset, overrides or {}, test_dataset)
    run = TrainingRun.objects.create(
        project=dataset.project,
        dataset=dataset,
        test_dataset=test_dataset,
        created_by=user if getattr(user, "is_authenticated", False) else None,
        base_model=chosen.base_model,
        preset=preset,
        config=chosen.config.as_dict(),
        reasons=chosen.reasons,
        estimate=chosen.seconds,
        modelled=chosen.modelled,
        queue=chosen.queue,
    )
    AuditEvent.record(dataset.project.team, user, "run.started", dataset.name, run=run.pk, preset=preset)
    tell_queue(run)
    return run


def check_ready(dataset: Dataset) -> None:
    if dataset.state != Dataset.State.READY:
        raise UserError(
            _("This data is not ready for training yet."),
            _("Nothing is lost."),
            _("Finish the check of the data first."),
            status=409,
        )
    if dataset.purpose == "test":
        raise UserError(
            _("This data is kept for testing, so nothing can be trained on it."),
            "",
            _("Choose the data that is meant for training."),
            status=409,
        )
    if dataset.counts.get("unlabelled") and not dataset.counts.get("kept"):
        raise UserError(
            _("No text of this data has a label yet."),
            _("Your texts are all there."),
            _("Label some of them first, on the page of the data."),
            status=409,
        )
    if dataset.counts.get("label_count") == 1:
        raise UserError(
            _("All texts of this data have the same label, so there is nothing to tell apart."),
            _("Your texts are all there."),
            _("Label some texts differently first, or add data with other labels."),
            status=409,
        )


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


def cancel(run: TrainingRun, user: Any = None) -> bool:
    """A waiting run ends at once; one that is training is asked to stop and ends within seconds."""
    rows = TrainingRun.objects.filter(pk=run.pk)
    ended = rows.filter(state=State.QUEUED).update(state=State.CANCELLED, finished=timezone.now(), worker="")
    asked = ended or rows.filter(state=State.RUNNING, cancel_requested=False).update(cancel_requested=True)
    run.refresh_from_db()
    if asked:
        AuditEvent.record(run.project.team, user, "run.cancelled", run.dataset.name, run=run.pk)
    return bool(asked)


def try_again(run: TrainingRun, user: Any = None) -> bool:
    """Queues a failed or cancelled run again. It goes on from its last checkpoint, unless the remedy changes it."""
    changes = problems.remedy(run)
    fields: dict[str, Any] = {"config": {**run.config, **changes}} if changes else {}
    if changes:
        _forget_progress(run)
    stopped = TrainingRun.objects.filter(pk=run.pk, state__in=(State.FAILED, State.CANCELLED))
    queued = stopped.update(
        state=State.QUEUED,
        cancel_requested=False,
        error={},
        attempts=0,
        worker="",
        heartbeat=None,
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
