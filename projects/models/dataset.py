"""Uploads, and the datasets made of them. A dataset is immutable once it is ready."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.models.project import Project

STALE = timedelta(seconds=30)


class Upload(models.Model):
    """A file on its way in. Chunks are appended at the offset that this row knows, so any break can go on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="uploads")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    # Where it is the table of items for a log that was added before.
    items_for = models.ForeignKey(
        "Dataset", on_delete=models.CASCADE, null=True, blank=True, related_name="item_uploads"
    )
    created = models.DateTimeField(auto_now_add=True)

    @property
    def path(self) -> Path:
        return Path(settings.DATA_ROOT) / "uploads" / str(self.id)

    @property
    def complete(self) -> bool:
        return self.received == self.size


class Dataset(models.Model):
    """One file read and checked: uploaded → reading → checking (waits for the person) → importing → ready."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Uploaded")
        READING = "reading", _("Reading")
        CHECKING = "checking", _("Waiting for your check")
        IMPORTING = "importing", _("Preparing")
        READY = "ready", _("Ready")
        REJECTED = "rejected", _("Could not be used")

    WORKING = (State.READING, State.IMPORTING)

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="datasets")
    upload = models.ForeignKey(Upload, on_delete=models.SET_NULL, null=True, blank=True, related_name="datasets")
    name = models.CharField(_("name"), max_length=255)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    purpose = models.CharField(max_length=10, default="all")  # "all": split it; "test": every row is a test row
    # The dataset whose rows are the test, when this one keeps no part of its own for it.
    tested_by = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reading: models.JSONField[Any, Any] = models.JSONField(default=dict)  # what was understood of the file
    overrides: models.JSONField[Any, Any] = models.JSONField(default=dict)  # what the person corrected
    # The table of items beside a log of who took what, read in the same way.
    items = models.ForeignKey(Upload, on_delete=models.SET_NULL, null=True, blank=True, related_name="item_tables")
    items_reading: models.JSONField[Any, Any] = models.JSONField(default=dict)  # with "error" where it was not readable
    items_mapping: models.JSONField[Any, Any] = models.JSONField(default=dict)
    items_guesses: models.JSONField[Any, Any] = models.JSONField(default=dict)
    accepted = models.BooleanField(default=False)  # goes on to ready by itself, without a person's check
    mapping: models.JSONField[Any, Any] = models.JSONField(default=dict)  # role → column name
    guesses: models.JSONField[Any, Any] = models.JSONField(default=dict)  # role → why it was guessed
    report: models.JSONField[Any, Any] = models.JSONField(default=dict)  # the quality report
    choices: models.JSONField[Any, Any] = models.JSONField(default=dict)  # flag → mask, keep or drop
    history: models.JSONField[Any, Any] = models.JSONField(default=list)  # earlier choices, for undo
    counts: models.JSONField[Any, Any] = models.JSONField(default=dict)  # once ready: kept, dropped, sides
    content_hash = models.CharField(max_length=64, blank=True)
    error: models.JSONField[Any, Any] = models.JSONField(default=dict)
    progress = models.FloatField(default=0)
    # Who works on it now. A heartbeat that goes stale frees the row for the next worker.
    worker = models.CharField(max_length=64, blank=True)
    heartbeat = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-created"]

    def __str__(self) -> str:
        return self.name

    @property
    def folder(self) -> Path:
        return Path(settings.DATA_ROOT) / "datasets" / str(self.pk)

    @property
    def rows_file(self) -> Path:
        return self.folder / "rows.sqlite3"

    @property
    def items_file(self) -> Path:
        return self.folder / "items.sqlite3"

    def move(self, before: str, after: str, **fields: Any) -> bool:
        """Goes from one state to another; False when somebody else was quicker."""
        fresh = {"worker": "", "heartbeat": None, "progress": 0, "attempts": 0}
        moved = Dataset.objects.filter(pk=self.pk, state=before).update(state=after, **{**fresh, **fields})
        self.refresh_from_db()
        return bool(moved)

    def claim(self, state: str, worker: str) -> bool:
        """Takes the row for one worker: only when it is in that state and nobody alive holds it."""
        now = timezone.now()
        free = Q(worker="") | Q(heartbeat__isnull=True) | Q(heartbeat__lt=now - STALE)
        taken = Dataset.objects.filter(free, pk=self.pk, state=state).update(
            worker=worker, heartbeat=now, attempts=models.F("attempts") + 1
        )
        self.refresh_from_db()
        return bool(taken)

    def beat(self, worker: str, progress: float, **fields: Any) -> bool:
        """Says that the worker is alive; False means the row was taken away, so stop."""
        held = Dataset.objects.filter(pk=self.pk, worker=worker, state=self.state)
        return bool(held.update(heartbeat=timezone.now(), progress=progress, **fields))

    def end(self, worker: str, state: str, **fields: Any) -> bool:
        """Hands the row over to its next state; only the worker that still holds it may."""
        held = Dataset.objects.filter(pk=self.pk, worker=worker, state=self.state)
        ended = held.update(state=state, worker="", heartbeat=None, progress=0, **fields)
        self.refresh_from_db()
        return bool(ended)
