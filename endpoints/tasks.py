"""What the worker does for endpoints. A message carries an id; the row says the rest."""

from __future__ import annotations

from celery import shared_task
from django.db import close_old_connections

from endpoints import scoring_work
from endpoints.models import Scoring
from projects.claims import patiently, serves


@shared_task(name="endpoints.score_file")  # type: ignore[untyped-decorator]
def score_file(pk: int) -> None:
    rows = Scoring.objects.select_related("endpoint__project__team", "deployment__model__project", "upload")
    found = patiently(lambda: rows.select_related("created_by").filter(pk=pk).first())
    if found is not None:
        scoring_work.work(found)
    close_old_connections()


serves(score_file.name, Scoring)
