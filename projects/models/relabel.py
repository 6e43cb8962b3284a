"""Labels that people corrected after a dataset was ready; the dataset itself stays as it is."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from projects.models.dataset import Dataset


class Relabel(models.Model):
    """What the labels of one example should have been. One row for an example: the last word counts."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="relabels")
    example_id = models.CharField(max_length=16)
    labels: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["created", "pk"]
        constraints = [models.UniqueConstraint(fields=["dataset", "example_id"], name="one_relabel_an_example")]

    def __str__(self) -> str:
        return f"{self.example_id}: {', '.join(self.labels)}"
