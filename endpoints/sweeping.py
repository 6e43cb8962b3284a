"""Finds files to be scored that nobody works on, tells a worker again, and deletes those that are old."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, ManyToOneRel, Q
from django.utils import timezone

from endpoints import scoring
from endpoints.scored import STALE, Scoring
from projects.models import Upload
from training import presence

State = Scoring.State
UNUSED = timedelta(days=1)


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
    forget_unused(now)
    return len(waiting)


def forget_unused(now: datetime) -> None:
    """Removes whole files of which nothing came, neither a dataset nor a scoring, because a process died in between."""
    whole = Upload.objects.filter(received=F("size"), created__lt=now - UNUSED, items_for=None)
    for relation in Upload._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel):  # whoever points to uploads, now or in times to come
            pointing = relation.related_model._default_manager.exclude(**{relation.field.name: None})
            whole = whole.exclude(pk__in=pointing.values(relation.field.name))
    for upload in whole[:100]:
        upload.path.unlink(missing_ok=True)
        upload.delete()
