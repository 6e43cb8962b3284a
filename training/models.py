"""Training runs, the models that came out of them, and how good these are."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.models import Dataset, Project

STALE = timedelta(seconds=30)


class TrainingRun(models.Model):
    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Training")
        SUCCEEDED = "succeeded", _("Finished")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    OPEN = (State.QUEUED, State.RUNNING)

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="runs")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="runs")
    test_dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    base_model = models.CharField(max_length=80)
    preset = models.CharField(max_length=12, default="balanced")
    config: models.JSONField[Any, Any] = models.JSONField(default=dict)  # training.ml.config.TrainConfig
    reasons: models.JSONField[Any, Any] = models.JSONField(default=list)  # why each choice was made
    estimate = models.FloatField(default=0)  # seconds, as the person was told
    modelled = models.FloatField(default=0)  # seconds before the experience of this machine was put in
    queue = models.CharField(max_length=20, default="train")

    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    phase = models.CharField(max_length=30, blank=True)  # where in the process, for people
    progress = models.FloatField(default=0)  # 0 to 1 over the whole run
    seconds_left = models.FloatField(null=True, blank=True)
    published = models.DateTimeField(null=True, blank=True)  # when the queue was last told of it
    cancel_requested = models.BooleanField(default=False)
    worker = models.CharField(max_length=64, blank=True)
    heartbeat = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    started = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)
    error: models.JSONField[Any, Any] = models.JSONField(default=dict)  # what, safe, todo, ref

    class Meta:
        ordering = ["-created"]

    @property
    def folder(self) -> Path:
        return Path(settings.DATA_ROOT) / "runs" / str(self.pk)

    @property
    def open(self) -> bool:
        return self.state in self.OPEN

    def claim(self, worker: str) -> bool:
        """Takes a queued run, or a running one whose worker went silent. The row count decides, no lock does."""
        now = timezone.now()
        free = Q(state=self.State.QUEUED) | Q(state=self.State.RUNNING, heartbeat__lt=now - STALE)
        taken = TrainingRun.objects.filter(free, pk=self.pk).update(
            state=self.State.RUNNING, worker=worker, heartbeat=now, attempts=F("attempts") + 1
        )
        if taken:
            TrainingRun.objects.filter(pk=self.pk, started__isnull=True).update(started=now)
        self.refresh_from_db()
        return bool(taken)

    def beat(self, worker: str, **fields: Any) -> bool:
        """A sign of life with news; False when the run was cancelled or taken away, so the worker stops."""
        held = TrainingRun.objects.filter(pk=self.pk, worker=worker, state=self.State.RUNNING, cancel_requested=False)
        return bool(held.update(heartbeat=timezone.now(), **fields))

    def end(self, worker: str, state: str, **fields: Any) -> bool:
        """The last word on a run, said only by the worker that still holds it."""
        held = TrainingRun.objects.filter(pk=self.pk, worker=worker, state=self.State.RUNNING)
        ended = held.update(state=state, finished=timezone.now(), **fields)
        self.refresh_from_db()
        return bool(ended)


class Worker(models.Model):
    """A worker process and what it can do. It says that it is alive; silence means that it is gone."""

    name = models.CharField(max_length=120, unique=True)
    queues: models.JSONField[Any, Any] = models.JSONField(default=list)
    facts: models.JSONField[Any, Any] = models.JSONField(default=dict)  # device, bf16, cores, gflops
    seen = models.DateTimeField()

    class Meta:
        ordering = ["-seen"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def alive(cls) -> models.QuerySet[Worker]:
        return cls.objects.filter(seen__gte=timezone.now() - STALE)


class RunLog(models.Model):
    """One plain-language line of a run's log: a code and facts, worded when it is shown."""

    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="log")
    at = models.DateTimeField(auto_now_add=True)
    code = models.CharField(max_length=40)
    facts: models.JSONField[Any, Any] = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]


class StepMetric(models.Model):
    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="metrics")
    step = models.PositiveIntegerField()
    loss = models.FloatField(null=True)
    validation_loss = models.FloatField(null=True)
    tokens_per_second = models.FloatField(null=True)
    learning_rate = models.FloatField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["step"]
        # A step done again after a crash overwrites its row instead of doubling it.
        constraints = [models.UniqueConstraint(fields=["run", "step"], name="one_metric_a_step")]


class ModelVersion(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="models")
    number = models.PositiveIntegerField()
    run = models.OneToOneField(TrainingRun, on_delete=models.PROTECT, related_name="model")
    manifest: models.JSONField[Any, Any] = models.JSONField(default=dict)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="one_model_a_number")]

    def __str__(self) -> str:
        return f"{self.project} {self.number}"

    @property
    def folder(self) -> Path:
        return self.run.folder / "model"

    @property
    def engine_name(self) -> str:
        """The name under which an engine serves this model's adapter."""
        return f"model-{self.pk}"


class Evaluation(models.Model):
    model = models.OneToOneField(ModelVersion, on_delete=models.CASCADE, related_name="evaluation")
    report: models.JSONField[Any, Any] = models.JSONField(default=dict)
    created = models.DateTimeField(auto_now_add=True)
