"""A row that one worker at a time works on: taken, kept by signs of life, handed over, or lost with its worker."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

STALE = timedelta(seconds=30)
"""Silence after which a worker counts as lost. Its signs of life come every three seconds."""
REMEMBERED = 10
FREED: dict[str, object] = {"worker": "", "heartbeat": None}


class Claimed(models.Model):
    """The row count of a conditional UPDATE decides who has it. The times are the database's: it has one clock."""

    worker = models.CharField(max_length=64, blank=True)
    heartbeat = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lost: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField(
        default=list, blank=True
    )  # why earlier workers did not end it

    class Meta:
        abstract = True

    @classmethod
    def silent(cls) -> Q:
        """Rows without a sign of life. One from the future was given before the clock was set back."""
        return Q(heartbeat__isnull=True) | Q(heartbeat__lt=Now() - STALE) | Q(heartbeat__gt=Now() + STALE)

    @property
    def _now(self) -> dict[str, object]:
        """The row as it is here: each kind of work has states of its own."""
        return {"pk": self.pk, "state": self.state}  # type: ignore[attr-defined]

    def holding(self, worker: str) -> models.QuerySet[Self]:
        """The row, while WORKER has it."""
        return type(self)._base_manager.filter(**self._now, worker=worker)

    def take(self, free: Q, worker: str, **fields: object) -> bool:
        """Gives the row to one worker where it is FREE; of two that ask at once, one gets it."""
        rows = type(self)._base_manager
        taken = rows.filter(free, pk=self.pk).update(
            worker=worker, heartbeat=Now(), attempts=F("attempts") + 1, **fields
        )
        # A name is of one go: a row that has it already was taken, and the answer was lost with the connection.
        taken = taken or rows.filter(pk=self.pk, worker=worker).exists()
        self.refresh_from_db()
        return bool(taken)

    def beat(self, worker: str, **fields: object) -> bool:
        """A sign of life with news; False when the row was taken away or the work was stopped, so the worker stops."""
        return bool(self.holding(worker).update(heartbeat=Now(), **fields))

    def end(self, worker: str, state: str, /, **fields: object) -> bool:
        """The last word, said only by the worker that still has it."""
        rows = type(self)._base_manager
        ended = rows.filter(**self._now, worker=worker).update(**{"state": state} | fields)
        # Said a second time because the answer was lost with the connection.
        ended = ended or rows.filter(**{**self._now, "state": state}, worker=worker).exists()
        self.refresh_from_db()
        return bool(ended)

    def lose(self, why: str, **fields: object) -> bool:
        """Takes the row from a worker that is gone and remembers why; only where it still has it."""
        rows = type(self)._base_manager.filter(**self._now, worker=self.worker)
        why_lost = [*self.lost, {"why": why, "worker": self.worker}][-REMEMBERED:]
        return bool(rows.update(worker="", lost=why_lost, **fields))
