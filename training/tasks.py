"""What the worker does for training. The message carries an id; the row says the rest. The one try/except is here."""

from __future__ import annotations

import importlib
import logging
from typing import Any

from celery import shared_task
from django.db import close_old_connections

from training import notices, presence, problems, sweeping, versions
from training.models import TrainingRun
from training.recorder import Recorder, Stopped

logger = logging.getLogger(__name__)
ATTEMPTS = 6  # goes without getting further, before we stop trying
State = TrainingRun.State


@shared_task(name="training.train_run")  # type: ignore[untyped-decorator]
def train_run(pk: int) -> None:
    run = TrainingRun.objects.select_related("project__team", "dataset", "created_by").filter(pk=pk).first()
    if run is None:
        return
    work(run)
    sweeping.sweep()


@shared_task(name="training.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    sweeping.sweep()


def work(run: TrainingRun, worker: str = "", recorder: type[Recorder] = Recorder) -> bool:
    """Does one run from claim to last word. False when somebody else has it or it is over."""
    worker = worker or presence.me()
    if not run.claim(worker):
        return False
    if run.attempts > ATTEMPTS:
        _end(run, worker, State.FAILED, error={"code": "worker_lost", "facts": {"count": ATTEMPTS}, "ref": ""})
        return True
    try:
        with recorder(run, worker) as watcher:
            learn(run, watcher)
    except Stopped:
        _end(run, worker, State.CANCELLED, seconds_left=None)
    except Exception as error:
        _end(run, worker, State.FAILED, error=problems.record(run, error), seconds_left=None)
    else:
        _end(run, worker, State.SUCCEEDED, progress=1.0, phase="", seconds_left=0)
    finally:
        close_old_connections()
    return True


def learn(run: TrainingRun, watcher: Recorder) -> None:
    """fit → evaluate → a model version. Each part that an earlier worker finished is taken as it lies there."""
    # Only the worker's process knows torch; the modules come in here and go with the process.
    family = importlib.import_module(f"training.ml.{run.project.case.family}")
    from training.ml import artifact
    from training.ml.config import TrainConfig

    base, embedder = versions.fetch_bases(run, watcher)
    model = run.folder / "model"
    if not (model / artifact.MANIFEST).exists():
        run.folder.mkdir(parents=True, exist_ok=True)
        config = TrainConfig.from_dict(run.config)
        result = family.fit(run.dataset.folder, base, embedder, run.folder, config, watcher)
        if result.model is None:
            raise Stopped
    if not (model / artifact.REPORT).exists():
        # A test file lies beside what was learned from as well: labels merged alike, a log with the past of its people.
        beside = run.project.case.family == "recommend" or run.dataset.tested_by_id == run.test_dataset_id
        data = (run.dataset if beside else run.test_dataset or run.dataset).folder
        limit = TrainConfig.from_dict(run.config).evaluation_rows
        family.evaluate(model, data, base, embedder, watcher, limit)
    watcher.check()
    versions.make(run)


def _end(run: TrainingRun, worker: str, state: str, **fields: Any) -> None:
    """The last word, and the news to whoever waits for it; nothing when the run was taken away meanwhile."""
    if not run.end(worker, state, **fields):
        logger.info("Run %s is held by another worker now", run.pk)
        return
    notices.tell(run)
