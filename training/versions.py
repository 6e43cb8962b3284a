"""From a trained folder to a model version with a number of its own; done twice it makes one."""

from __future__ import annotations

import json
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max

from projects.models import AuditEvent
from training import plan
from training.basemodels import base_models
from training.ml.watching import Watcher
from training.models import Evaluation, ModelVersion, TrainingRun

LIVE = "live.json"
"""In a run's folder: what the version that was live answered to rows that it had never met."""


CORRECTED = "corrected.json"
"""Likewise: what it and the version that was live make of what people had corrected."""


def fetch_bases(run: TrainingRun, watcher: Watcher) -> tuple[Path, Path]:
    """The folders of the base model and of the embedding model, fetched when they are not there."""
    from training.basemodels import fetch

    known, root = base_models(), Path(settings.MODELS_ROOT)
    folders = []
    for slug in (run.base_model, plan.embedder(run.dataset)):
        if slug not in known:
            folders.append(root / slug)
            continue
        if not fetch.is_there(known[slug], root):
            watcher.note("fetching", title=known[slug].title)
        folders.append(fetch.ensure(known[slug], root))
    return folders[0], folders[1]


def make(run: TrainingRun) -> ModelVersion:
    """The run's model version and its evaluation."""
    model = _numbered(run)
    report = json.loads((run.folder / "model" / "report.json").read_text(encoding="utf-8"))
    for key, name in (("live", LIVE), ("corrected", CORRECTED)):
        beside = run.folder / name
        if beside.exists():
            report[key] = json.loads(beside.read_text(encoding="utf-8"))
    Evaluation.objects.update_or_create(model=model, defaults={"report": report})
    return model


def _numbered(run: TrainingRun) -> ModelVersion:
    """The next free number; the database refuses a number that another worker took, and then the next is tried."""
    manifest = json.loads((run.folder / "model" / "manifest.json").read_text(encoding="utf-8"))
    while True:
        there = ModelVersion.objects.filter(run=run).first()
        if there:
            return there
        last = ModelVersion.objects.filter(project=run.project).aggregate(last=Max("number"))["last"] or 0
        try:
            with transaction.atomic():
                made = ModelVersion.objects.create(project=run.project, run=run, number=last + 1, manifest=manifest)
                AuditEvent.record(run.project.team, run.created_by, "model.made", f"{run.project} {made.number}")
                return made
        except IntegrityError:
            continue
