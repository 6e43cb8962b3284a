"""What the worker does for training. The message carries an id; the row says the rest. The one try/except is here."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import close_old_connections

from projects import claims
from projects.claims import patiently
from training import corrected, families, live, notices, presence, problems, sweeping, versions
from training.ml import artifact
from training.ml import families as learners
from training.ml.config import TrainConfig
from training.models import TrainingRun
from training.recorder import Recorder, Stopped

logger = logging.getLogger(__name__)
ALIVE = presence.begin  # a worker that knows these tasks says that it lives; its signals are connected by the import
ATTEMPTS = 6  # goes without getting further, before we stop trying
State = TrainingRun.State


@shared_task(name="training.train_run")  # type: ignore[untyped-decorator]
def train_run(pk: int) -> None:
    rows = TrainingRun.objects.select_related("project__team", "dataset", "created_by")
    run = patiently(lambda: rows.filter(pk=pk).first())
    if run is None:
        return
    work(run)
    claims.going_on(sweeping.sweep)


claims.serves(train_run.name, TrainingRun)


@shared_task(name="training.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    sweeping.sweep()


def work(run: TrainingRun, worker: str = "", recorder: type[Recorder] = Recorder) -> bool:
    """Does one run from claim to last word. False when somebody else has it or it is over."""
    worker = worker or claims.me()
    if not patiently(lambda: run.claim(worker)):
        return False
    if run.attempts > ATTEMPTS:
        _end(run, worker, State.FAILED, error=problems.lost(run, ATTEMPTS))
        return True
    try:
        with recorder(run, worker) as watcher:
            claims.going_on(lambda: learn(run, watcher))
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
    """fit → evaluate → refit → a model version. Each part that an earlier worker finished is taken as it lies there."""
    family = learners.verbs(run.project.case.family)
    base, embedder = versions.fetch_bases(run, watcher)
    model = run.folder / "model"
    if not (model / artifact.MANIFEST).exists():
        run.folder.mkdir(parents=True, exist_ok=True)
        config = TrainConfig.from_json(run.config)
        result = family.fit(run.dataset.folder, base, embedder, run.folder, config, watcher)
        if result.model is None:
            raise Stopped
    # A test file lies beside what was learned from as well: labels merged alike, a log with the past of its people.
    beside = families.of_project(run.project).tested_beside or run.dataset.tested_by_id == run.test_dataset_id
    data = (run.dataset if beside else run.test_dataset or run.dataset).folder
    if not (model / artifact.REPORT).exists():
        limit = TrainConfig.from_json(run.config).evaluation_rows
        family.evaluate(model, data, base, embedder, watcher, limit)
    watcher.check()
    live.ask(run, model, data, embedder, watcher)
    watcher.check()
    # The report is made and stays as it is. What is published knows every row, those of the report too.
    family.refit(model, run.dataset.folder, base, embedder, watcher, tested_apart=run.dataset.tested_by_id is not None)
    watcher.check()
    corrected.ask(run, model, base, embedder, watcher)
    watcher.check()
    patiently(lambda: versions.make(run))


def _end(run: TrainingRun, worker: str, state: str, **fields: object) -> None:
    """The last word, and the news to whoever waits for it; nothing when the run was taken away meanwhile."""
    if not patiently(lambda: run.end(worker, state, **fields)):
        logger.info("Run %s is held by another worker now", run.pk)
        return
    notices.tell(run)
