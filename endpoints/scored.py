"""Files that a published classifier labels row by row, and how often each label was given on each day."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

STALE = timedelta(seconds=30)
KEPT = timedelta(days=30)
"""Scored files hold what customers wrote, so they do not stay for good."""


class Scoring(models.Model):
    """One file to be scored: choosing (waits for the person) → queued → running → done."""

    class State(models.TextChoices):
        CHOOSING = "choosing", _("Waiting for your choice")
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Scoring")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Stopped")
        FAILED = "failed", _("Could not be scored")

    OPEN = (State.QUEUED, State.RUNNING)

    endpoint = models.ForeignKey("endpoints.Endpoint", on_delete=models.CASCADE, related_name="scorings")
    upload = models.ForeignKey("projects.Upload", on_delete=models.SET_NULL, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    # What labels it: the version that was published when the work was given, for all rows of the file.
    deployment = models.ForeignKey("endpoints.Deployment", on_delete=models.SET_NULL, null=True, related_name="+")
    threshold = models.FloatField(default=0.0)
    name = models.CharField(max_length=255)
    reading: models.JSONField[Any, Any] = models.JSONField(default=dict)  # what was understood of the file
    column = models.CharField(max_length=255, blank=True)
    reasons = models.BooleanField(default=True)  # whether the words that decided are looked for
    state = models.CharField(max_length=10, choices=State.choices, default=State.CHOOSING)
    rows = models.PositiveIntegerField(default=0)
    texts = models.PositiveIntegerField(default=0)  # different ones; a text that comes twice is scored once
    done = models.PositiveIntegerField(default=0)  # of the different texts
    seconds = models.FloatField(default=0)
    counts: models.JSONField[Any, Any] = models.JSONField(default=dict)  # label → rows, and "unsure", "empty"
    error: models.JSONField[Any, Any] = models.JSONField(default=dict)
    created = models.DateTimeField(auto_now_add=True)
    finished = models.DateTimeField(null=True, blank=True)
    # Who works on it now. A heartbeat that goes stale frees the row for the next worker.
    worker = models.CharField(max_length=64, blank=True)
    heartbeat = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        app_label = "endpoints"
        ordering = ["-created"]

    def __str__(self) -> str:
        return self.name

    @property
    def folder(self) -> Path:
        return Path(settings.DATA_ROOT) / "scorings" / str(self.pk)

    @property
    def rows_file(self) -> Path:
        return self.folder / "rows.sqlite3"

    @property
    def answers_file(self) -> Path:
        """Of this column, version and wish for reasons: what is chosen anew has a file of its own, though a worker that
        was stopped may still hold the old one open."""
        chosen = f"{self.column}\n{self.reasons}\n{self.deployment_id}"
        return self.folder / f"answers-{hashlib.sha256(chosen.encode()).hexdigest()[:12]}.sqlite3"

    @property
    def result(self) -> Path:
        return self.folder / "scored.csv"

    @property
    def workbook(self) -> Path:
        return self.folder / "scored.xlsx"

    @property
    def open(self) -> bool:
        return self.state in self.OPEN

    @property
    def goes(self) -> Any:
        """When it is deleted."""
        return self.created + KEPT

    def claim(self, worker: str) -> bool:
        """Takes the row for one worker: when it waits, or when whoever held it went silent."""
        now = timezone.now()
        free = Q(state=self.State.QUEUED) | Q(state=self.State.RUNNING, heartbeat__lt=now - STALE)
        taken = Scoring.objects.filter(free, pk=self.pk).update(
            state=self.State.RUNNING, worker=worker, heartbeat=now, attempts=F("attempts") + 1
        )
        self.refresh_from_db()
        return bool(taken)

    def beat(self, worker: str, **fields: Any) -> bool:
        """A sign of life with news; False when it was stopped or taken away, so the worker stops."""
        held = Scoring.objects.filter(pk=self.pk, worker=worker, state=self.State.RUNNING)
        return bool(held.update(heartbeat=timezone.now(), **fields))

    def end(self, worker: str, state: str, **fields: Any) -> bool:
        """The last word, said only by the worker that still holds it."""
        held = Scoring.objects.filter(pk=self.pk, worker=worker, state=self.State.RUNNING)
        ended = held.update(state=state, worker="", heartbeat=None, finished=timezone.now(), **fields)
        self.refresh_from_db()
        return bool(ended)


class LabelCount(models.Model):
    """How many texts of a day got a label. The row without a label counts all texts of the day."""

    endpoint = models.ForeignKey("endpoints.Endpoint", on_delete=models.CASCADE, related_name="label_counts")
    day = models.DateField()
    label = models.CharField(max_length=500, blank=True)
    count = models.PositiveIntegerField(default=0)
    unsure = models.PositiveIntegerField(default=0)
    outside = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "endpoints"
        constraints = [models.UniqueConstraint(fields=["endpoint", "day", "label"], name="one_label_count_a_day")]
