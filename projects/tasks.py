"""What the worker does for projects. A message carries an id; the row says the rest."""

from __future__ import annotations

from celery import shared_task

from projects import importing, sweeping
from projects.models import Dataset, Labelling


@shared_task  # type: ignore[misc]
def read_dataset(pk: int) -> None:
    dataset = Dataset.objects.select_related("project__team", "upload", "created_by").filter(pk=pk).first()
    if dataset is not None:
        importing.read(dataset)


@shared_task  # type: ignore[misc]
def import_dataset(pk: int) -> None:
    dataset = Dataset.objects.select_related("project__team", "created_by").filter(pk=pk).first()
    if dataset is not None and dataset.state == Dataset.State.IMPORTING:
        importing.finish(dataset)


@shared_task  # type: ignore[misc]
def sweep() -> None:
    sweeping.sweep()


@shared_task  # type: ignore[misc]
def rank_texts(pk: int) -> None:
    from projects import ranking

    desk = Labelling.objects.select_related("dataset").filter(pk=pk).first()
    if desk is not None:
        ranking.rank(desk)
