"""Labelling by hand: the labels that there are, and the texts of a ready dataset that wait for one."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from projects.models.dataset import Dataset


class Labelling(models.Model):
    """The texts without a label of one dataset, on the desk of its team."""

    dataset = models.OneToOneField(Dataset, on_delete=models.CASCADE, related_name="labelling")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    multi = models.BooleanField(default=False)  # a text can have several labels
    ranked = models.PositiveIntegerField(default=0)  # how many texts were labelled when they were last put in order
    # The newest dataset made of it; more labels make the next one.
    made = models.ForeignKey(
        Dataset, on_delete=models.SET_NULL, null=True, blank=True, related_name="made_by_labelling"
    )
    changed = models.BooleanField(default=True)  # whether anything was labelled otherwise since

    def __str__(self) -> str:
        return str(self.dataset)


class LabelName(models.Model):
    """A label that can be given."""

    labelling = models.ForeignKey(Labelling, on_delete=models.CASCADE, related_name="names")
    name = models.CharField(max_length=500)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["labelling", "name"], name="one_label_a_name")]

    def __str__(self) -> str:
        return self.name


class WaitingText(models.Model):
    """A text on the desk: waiting, on somebody's screen, labelled or skipped."""

    class State(models.TextChoices):
        WAITING = "waiting"
        LABELLED = "labelled"
        SKIPPED = "skipped"

    labelling = models.ForeignKey(Labelling, on_delete=models.CASCADE, related_name="texts")
    example_id = models.CharField(max_length=16)
    row = models.PositiveIntegerField(default=0)
    text = models.TextField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    labels: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    decided = models.DateTimeField(null=True, blank=True)
    # On whose screen it is, and until when nobody else gets it.
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    held_until = models.DateTimeField(null=True, blank=True)
    # What the model that learns along makes of it.
    priority = models.FloatField(default=0)
    suggestion: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    confidence = models.FloatField(null=True, blank=True)
    guessed = models.BooleanField(null=True)  # whether the suggestion was what the person said

    class Meta:
        ordering = ["-priority", "pk"]
        constraints = [models.UniqueConstraint(fields=["labelling", "example_id"], name="one_waiting_text_an_example")]
        indexes = [models.Index(fields=["labelling", "state", "-priority"], name="labelling_order")]

    def __str__(self) -> str:
        return self.text[:60]
