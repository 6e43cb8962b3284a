"""What the worker does for projects. A message carries an id; the row says the rest."""

from __future__ import annotations

from celery import shared_task

from projects import claims, importing, sweeping
from projects.models import Dataset, Labelling


@shared_task  # type: ignore[misc]
def read_dataset(pk: int) -> None:
    rows = Dataset.objects.select_related("project__team", "upload", "created_by")
    dataset = claims.patiently(lambda: rows.filter(pk=pk).first())
    if dataset is not None:
        importing.read(dataset)


@shared_task  # type: ignore[misc]
def import_dataset(pk: int) -> None:
    rows = Dataset.objects.select_related("project__team", "created_by")
    dataset = claims.patiently(lambda: rows.filter(pk=pk).first())
    if dataset is not None and dataset.state == Dataset.State.IMPORTING:
        importing.finish(dataset)


claims.serves(read_dataset.name, Dataset)
claims.serves(import_dataset.name, Dataset)


@shared_task  # type: ignore[misc]
def sweep() -> None:
    sweeping.sweep()


@shared_task  # type: ignore[misc]
def rank_texts(pk: int) -> None:
    from projects import ranking

    rows = Labelling.objects.select_related("dataset")
    desk = claims.patiently(lambda: rows.filter(pk=pk).first())
    if desk is not None:
        claims.going_on(lambda: ranking.rank(desk))
