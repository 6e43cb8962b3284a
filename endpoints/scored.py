"""Files that a published classifier labels row by row, and how often each label was given on each day."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.models.claimed import FREED, Claimed
from projects.models.stored import Json

KEPT = timedelta(days=30)
"""Scored files hold what customers wrote, so they do not stay for good."""


class Scoring(Claimed):
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
    reading: Json = models.JSONField(default=dict)  # what was understood of the file
    column = models.CharField(max_length=255, blank=True)
    # All columns that make the text, in the order of reading, where it is not that one alone.
    together: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    reasons = models.BooleanField(default=True)  # whether the words that decided are looked for
    state = models.CharField(max_length=10, choices=State.choices, default=State.CHOOSING)
    rows = models.PositiveIntegerField(default=0)
    texts = models.PositiveIntegerField(default=0)  # different ones; a text that comes twice is scored once
    done = models.PositiveIntegerField(default=0)  # of the different texts
    seconds = models.FloatField(default=0)
    counts: models.JSONField[dict[str, int], dict[str, int]] = models.JSONField(
        default=dict
    )  # label → rows; "unsure", "outside" (like none of the labels) and "empty" are all others
    error: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(default=dict)
    created = models.DateTimeField(auto_now_add=True)
    finished = models.DateTimeField(null=True, blank=True)

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
    def columns(self) -> list[str]:
        """What the texts are read from."""
        return list(self.together) or [self.column]

    @property
    def answers_file(self) -> Path:
        """Of this column, version and wish for reasons: what is chosen anew has a file of its own, though a worker that
        was stopped may still hold the old one open."""
        chosen = "\n".join([self.column, str(self.reasons), str(self.deployment_id), *self.together])
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
    def goes(self) -> object:
        """When it is deleted."""
        return self.created + KEPT

    def claim(self, worker: str) -> bool:
        """Takes the row for one worker: when it waits, or when whoever held it went silent."""
        free = Q(state=self.State.QUEUED) | (Q(state=self.State.RUNNING) & self.silent())
        return self.take(free, worker, state=self.State.RUNNING)

    def end(self, worker: str, state: str, /, **fields: object) -> bool:
        return super().end(worker, state, **FREED, finished=timezone.now(), **fields)


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
