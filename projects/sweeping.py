"""Finds datasets that nobody works on although somebody should, and tells a worker again."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone

from projects.models import Dataset, Upload
from projects.models.dataset import STALE

ABANDONED = timedelta(days=7)  # an upload that nobody went on with
State = Dataset.State


def sweep() -> int:
    """Publishes the message of every left row again; how many there were. Safe to call at any time, from anywhere."""
    from projects import tasks

    now = timezone.now()
    silent = Q(heartbeat__lt=now - STALE) | Q(heartbeat__isnull=True, created__lt=now - STALE)
    again = 0
    for pk, state in Dataset.objects.filter(silent, state__in=(State.UPLOADED, *Dataset.WORKING)).values_list(
        "pk", "state"
    ):
        # Freed here and marked as told, so that the next sweep does not tell it again at once.
        if Dataset.objects.filter(silent, pk=pk, state=state).update(worker="", heartbeat=now):
            task = tasks.import_dataset if state == State.IMPORTING else tasks.read_dataset
            task.delay_on_commit(pk)
            again += 1
    forget_abandoned()
    return again


def forget_abandoned() -> None:
    """Removes uploads that broke off a week ago."""
    left = Upload.objects.filter(received__lt=F("size"), created__lt=timezone.now() - ABANDONED, datasets=None)
    for upload in left:
        upload.path.unlink(missing_ok=True)
        upload.delete()
