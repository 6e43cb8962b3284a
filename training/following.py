"""A training that begins by itself once its data is ready: one press makes the data and starts it."""

from __future__ import annotations

import logging

from projects.errors import UserError
from projects.models import Dataset, Project
from training import runs
from training.models import TrainingRun

logger = logging.getLogger(__name__)


def preset_of(project: Project) -> str:
    """The preset of the project's last training."""
    last = project.runs.order_by("-created").values_list("preset", flat=True).first()
    return last or "quick"


def follow(dataset: Dataset) -> TrainingRun | None:
    """Starts what a person wanted to follow; None where there is nothing, or somebody else has done it."""
    waiting = Dataset.objects.filter(pk=dataset.pk, state=Dataset.State.READY, train_with=dataset.train_with)
    if not dataset.train_with or not waiting.update(train_with=""):
        return None
    last = dataset.project.runs.order_by("-created").first()
    test = last.test_dataset if last and last.test_dataset_id == dataset.tested_by_id else None
    try:
        return runs.start(dataset, dataset.train_with, {}, dataset.created_by, test)
    except UserError:
        logger.warning("Dataset %s is ready, but its training could not begin", dataset.pk, exc_info=True)
        return None


def on_ready(sender: object, dataset: Dataset, **_more: object) -> None:
    follow(dataset)


def sweep() -> None:
    """What a worker that was killed in between left undone."""
    for dataset in Dataset.objects.filter(state=Dataset.State.READY).exclude(train_with=""):
        follow(dataset)
