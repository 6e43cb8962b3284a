"""Finds files to be scored that nobody works on, tells a worker again, and deletes those that are old."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from endpoints import scoring
from endpoints.scored import STALE, Scoring
from training import presence

State = Scoring.State


def sweep() -> int:
    """How many messages were sent again. Safe to call at any time, from anywhere."""
    now = timezone.now()
    for one in Scoring.objects.filter(state=State.RUNNING):
        if one.heartbeat is None or one.heartbeat < now - STALE or presence.gone(one.worker):
            held = Scoring.objects.filter(pk=one.pk, state=State.RUNNING, worker=one.worker)
            # The time of the freeing is kept as a heartbeat, so that the next sweep does not tell it again at once.
            held.update(state=State.QUEUED, worker="", heartbeat=now - STALE)
    silent = Q(heartbeat__isnull=True, created__lt=now - timedelta(seconds=5)) | Q(heartbeat__lte=now - STALE)
    waiting = list(Scoring.objects.filter(silent, state=State.QUEUED).values_list("pk", flat=True))
    for pk in waiting:
        Scoring.objects.filter(pk=pk, state=State.QUEUED).update(heartbeat=now)
        scoring.tell(pk)
    scoring.forget_old()
    return len(waiting)
