"""Training runs, the models that came out of them, and how good these are."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from projects import schema
from projects.models import Dataset, Project
from projects.models.claimed import STALE, Claimed
from projects.models.stored import Json
from training import reports
from training.ml.artifact import About
from training.ml.reports import Report
from training.ml.stored import Stored


class TrainingRun(Claimed):
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
    config: models.JSONField[Stored, Stored] = models.JSONField(default=dict)  # training.ml.config.TrainConfig
    reasons: Json = models.JSONField(default=list)  # why each choice was made
    estimate = models.FloatField(default=0)  # seconds, as the person was told
    modelled = models.FloatField(default=0)  # seconds before the experience of this machine was put in
    queue = models.CharField(max_length=20, default="train")

    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    phase = models.CharField(max_length=30, blank=True)  # where in the process, for people
    progress = models.FloatField(default=0)  # 0 to 1 over the whole run
    seconds_left = models.FloatField(null=True, blank=True)
    published = models.DateTimeField(null=True, blank=True)  # when the queue was last told of it
    cancel_requested = models.BooleanField(default=False)
    started = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)
    error: Json = models.JSONField(default=dict)  # what, safe, todo, ref

    class Meta:
        ordering = ["-created"]

    @property
    def folder(self) -> Path:
        return Path(settings.DATA_ROOT) / "runs" / str(self.pk)

    @property
    def open(self) -> bool:
        return self.state in self.OPEN

    def claim(self, worker: str) -> bool:
        """Takes a queued run, or a running one whose worker went silent."""
        free = Q(state=self.State.QUEUED) | (Q(state=self.State.RUNNING) & self.silent())
        taken = self.take(free, worker, state=self.State.RUNNING)
        if taken:
            TrainingRun.objects.filter(pk=self.pk, started__isnull=True).update(started=timezone.now())
            self.refresh_from_db()
        return taken

    def holding(self, worker: str) -> models.QuerySet[TrainingRun]:
        return super().holding(worker).filter(cancel_requested=False)

    def end(self, worker: str, state: str, /, **fields: object) -> bool:
        return super().end(worker, state, finished=timezone.now(), **fields)


class Worker(models.Model):
    """A worker process and what it can do. It says that it is alive; silence means that it is gone."""

    name = models.CharField(max_length=120, unique=True)
    queues: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    facts: models.JSONField[Stored, Stored] = models.JSONField(default=dict)  # device, bf16, cores, gflops
    version = models.CharField(max_length=20, blank=True)  # of its code
    seen = models.DateTimeField()

    class Meta:
        ordering = ["-seen"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def alive(cls) -> models.QuerySet[Worker]:
        return cls.objects.filter(seen__gte=Now() - STALE)

    @classmethod
    def of_another_version(cls) -> str:
        """The version of a living worker whose code is not ours; nothing where all have the same."""
        others = cls.alive().exclude(version=schema.version()).values_list("version", flat=True)
        found = others.first()
        return "" if found is None else found or str(_("unknown"))


class RunLog(models.Model):
    """One plain-language line of a run's log: a code and facts, worded when it is shown."""

    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="log")
    at = models.DateTimeField(auto_now_add=True)
    code = models.CharField(max_length=40)
    facts: models.JSONField[Stored, Stored] = models.JSONField(default=dict)

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
    manifest: models.JSONField[Stored, Stored] = models.JSONField(default=dict)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="one_model_a_number")]

    def __str__(self) -> str:
        return f"{self.project} {self.number}"

    @property
    def about(self) -> About:
        """Its manifest."""
        return About.from_json(self.manifest)

    @property
    def reported(self) -> Evaluation | None:
        """What was measured of it; nothing where the rows of its report are gone."""
        found: Evaluation | None = getattr(self, "evaluation", None)
        return found if found is not None and found.report.get("rows") and found.measured.rows else None

    @property
    def folder(self) -> Path:
        return self.run.folder / "model"

    @property
    def engine_name(self) -> str:
        """The name under which an engine serves this model's adapter; another studio at the same engine has others."""
        return f"model-{settings.STUDIO_ID}-{self.pk}"


class Evaluation(models.Model):
    model = models.OneToOneField(ModelVersion, on_delete=models.CASCADE, related_name="evaluation")
    report: models.JSONField[Stored, Stored] = models.JSONField(default=dict)
    created = models.DateTimeField(auto_now_add=True)

    @cached_property
    def measured(self) -> Report:
        """The report as its family reads it; once for a row, since large ones take a while."""
        return reports.read(self.report)
