"""Finds files to be scored that nobody works on, tells a worker again, and deletes those that are old."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, ManyToOneRel, Q
from django.db.models.functions import Now
from django.utils import timezone

from endpoints import conversations, scoring
from endpoints.scored import Scoring
from projects import claims
from projects.models import Upload
from projects.models.claimed import STALE

State = Scoring.State
UNUSED = timedelta(days=1)


def sweep() -> int:
    """How many messages were sent again. Safe to call at any time, from anywhere."""
    now = timezone.now()
    for row in claims.left(Scoring.objects.filter(state=State.RUNNING)):
        # The time of the freeing is kept as a heartbeat, so that the next sweep does not tell it again at once.
        row.lose(claims.freed_because(row), state=State.QUEUED, heartbeat=Now() - STALE)
    silent = Q(heartbeat__isnull=True, created__lt=now - timedelta(seconds=5)) | Q(heartbeat__lte=Now() - STALE)
    waiting = list(Scoring.objects.filter(silent, state=State.QUEUED).values_list("pk", flat=True))
    for pk in waiting:
        Scoring.objects.filter(pk=pk, state=State.QUEUED).update(heartbeat=Now())
        scoring.tell(pk)
    conversations.sweep()
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
