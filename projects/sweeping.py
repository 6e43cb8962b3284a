"""Finds datasets that nobody works on although somebody should, and tells a worker again."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from projects import claims, queue
from projects.models import Dataset, Upload
from projects.models.claimed import STALE

ABANDONED = timedelta(days=7)  # an upload that nobody went on with
HALF = timedelta(days=1)  # a file that is still being taken in
State = Dataset.State


def sweep() -> int:
    """Publishes the message of every left row again; how many there were. Safe to call at any time, from anywhere."""
    again = 0
    for row in claims.left(Dataset.objects.filter(state__in=Dataset.WORKING)):
        # Freed here and marked as told, so that the next sweep does not tell it again at once.
        if row.lose(claims.freed_because(row), heartbeat=Now()) if row.worker else _mark(row):
            queue.tell("import_dataset" if row.state == State.IMPORTING else "read_dataset", row.pk)
            again += 1
    for row in Dataset.objects.filter(Dataset.silent(), state=State.UPLOADED, created__lt=timezone.now() - STALE):
        if _mark(row):
            queue.tell("read_dataset", row.pk)
            again += 1
    forget_abandoned()
    forget_half()
    return again


def _mark(row: Dataset) -> bool:
    """A message of it is on its way; False when another sweep was quicker."""
    waiting = Dataset.objects.filter(Dataset.silent(), pk=row.pk, state=row.state, worker="")
    return bool(waiting.update(heartbeat=Now()))


def forget_half() -> None:
    """Removes what a process that was ended had half taken in as a whole: nobody can go on with it."""
    before = time.time() - HALF.total_seconds()
    for path in (Path(settings.DATA_ROOT) / "uploads").glob("*.part"):
        with suppress(FileNotFoundError):
            if path.lstat().st_mtime < before:
                path.unlink()


def forget_abandoned() -> None:
    """Removes uploads that broke off a week ago."""
    left = Upload.objects.filter(received__lt=F("size"), created__lt=timezone.now() - ABANDONED, datasets=None)
    for upload in left:
        upload.path.unlink(missing_ok=True)
        upload.delete()
