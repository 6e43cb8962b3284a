"""Uploads, and the datasets made of them. A dataset is immutable once it is ready."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from projects.counts import Counts
from projects.models.claimed import FREED, STALE, Claimed
from projects.models.project import Project
from projects.models.stored import Json

__all__ = ["STALE", "Dataset", "Upload"]


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

    @cached_property  # a dry run reads a file where it lies
    def path(self) -> Path:
        return Path(settings.DATA_ROOT) / "uploads" / str(self.id)

    @property
    def complete(self) -> bool:
        return self.received == self.size


class Dataset(Claimed):
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
    # The sets of which this one was made: by edits, by joining, by corrections, or by reading the same file once more.
    made_of: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        "self", symmetrical=False, related_name="+", blank=True
    )
    reading: Json = models.JSONField(default=dict)  # what was understood of the file
    overrides: Json = models.JSONField(default=dict)  # what the person corrected
    # The table of items beside a log of who took what, read in the same way.
    items = models.ForeignKey(Upload, on_delete=models.SET_NULL, null=True, blank=True, related_name="item_tables")
    items_reading: Json = models.JSONField(default=dict)  # with "error" where it was not readable
    items_mapping: Json = models.JSONField(default=dict)
    items_guesses: Json = models.JSONField(default=dict)
    accepted = models.BooleanField(default=False)  # goes on to ready by itself, without a person's check
    # Keys of questions or texts that a person of the team has answered: always learned from, never masked again.
    pinned: models.JSONField[list[int], list[int]] = models.JSONField(default=list)
    # What waits to be done with single rows: number in the file, or "+1" for an added one → its texts, or null to leave out.
    edits: models.JSONField[dict[str, dict[str, str] | None], dict[str, dict[str, str] | None]] = models.JSONField(
        default=dict
    )
    train_with = models.CharField(max_length=12, blank=True)  # the preset of a training that begins once this is ready
    mapping: Json = models.JSONField(default=dict)  # role → column name
    guesses: Json = models.JSONField(default=dict)  # role → why it was guessed
    report: Json = models.JSONField(default=dict)  # the quality report
    choices: Json = models.JSONField(default=dict)  # flag → mask, keep or drop
    history: Json = models.JSONField(default=list)  # earlier choices, for undo
    counts: models.JSONField[dict[str, object], dict[str, object]] = models.JSONField(
        default=dict
    )  # projects.counts.Counts
    content_hash = models.CharField(max_length=64, blank=True)
    error: Json = models.JSONField(default=dict)
    progress = models.FloatField(default=0)

    class Meta:
        ordering = ["-created"]

    def __str__(self) -> str:
        return self.name

    @cached_property  # a dry run has a folder that is thrown away
    def folder(self) -> Path:
        return Path(settings.DATA_ROOT) / "datasets" / str(self.pk)

    @property
    def amounts(self) -> Counts:
        """What it came to."""
        return Counts.from_json(self.counts)

    @property
    def rows_file(self) -> Path:
        return self.folder / "rows.sqlite3"

    @property
    def items_file(self) -> Path:
        return self.folder / "items.sqlite3"

    def move(self, before: str, after: str, **fields: object) -> bool:
        """Goes from one state to another; False when somebody else was quicker."""
        fresh: dict[str, object] = {"worker": "", "heartbeat": None, "progress": 0, "attempts": 0, "lost": []}
        moved = Dataset.objects.filter(pk=self.pk, state=before).update(state=after, **{**fresh, **fields})
        self.refresh_from_db()
        return bool(moved)

    def claim(self, state: str, worker: str) -> bool:
        """Takes the row for one worker: only when it is in that state and nobody alive holds it."""
        return self.take((Q(worker="") | self.silent()) & Q(state=state), worker)

    def end(self, worker: str, state: str, /, **fields: object) -> bool:
        """Hands the row over to its next state; only the worker that still holds it may."""
        return super().end(worker, state, **FREED, progress=0, **fields)
