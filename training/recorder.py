"""Writes down what a training does while it does it: curve, log, progress, time left. Hears when it has to stop."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from django.db import close_old_connections, connection
from django.db.models import Max

from training.models import RunLog, StepMetric, TrainingRun

if TYPE_CHECKING:
    from training.ml.watching import StepRecord

logger = logging.getLogger(__name__)
EVERY = 3.0
# Which share of a usual run each part takes; the plan's estimate makes seconds of it until the speed is known.
SHARES = {
    "reading": 0.01,
    "embedding": 0.04,
    "simple": 0.02,
    "preparing": 0.01,
    "training": 0.63,
    "choosing": 0.08,
    "saving": 0.01,
    "evaluating": 0.2,
}
ORDER = list(SHARES)


class Stopped(Exception):
    """The run was cancelled or another worker has it."""


class Recorder:
    """The watcher of one run, held by one worker. The heart beats in a thread; the words come from the training."""

    def __init__(self, run: TrainingRun, worker: str) -> None:
        self.run, self.worker = run, worker
        self.phase_name, self.total, self.done = "", 0, 0
        self.phase_began = self.began = time.monotonic()
        self.rates: dict[str, float] = {}  # seconds that finished parts took
        self.furthest = run.metrics.aggregate(last=Max("step"))["last"] or 0
        self._stop = threading.Event()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._beat_on, daemon=True, name=f"run-{run.pk}")

    def __enter__(self) -> Recorder:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._end.set()
        self._thread.join()

    # The watcher's five verbs ----------------------------------------------------------------------------------
    def phase(self, name: str, total: int | None = None) -> None:
        self._finish_phase()
        self.phase_name, self.total, self.done = name, total or 0, 0
        self.phase_began = time.monotonic()
        self.note("phase", name=name)
        self._beat()

    def advance(self, done: int) -> None:
        """Between two pieces of work it is safe to leave."""
        self.check()
        self.done = done

    def step(self, record: StepRecord) -> None:
        self.done, self.total = record.step, record.total
        self._got_further(record.step)
        StepMetric.objects.bulk_create(
            [
                StepMetric(
                    run=self.run,
                    step=record.step,
                    loss=record.loss,
                    validation_loss=record.validation_loss,
                    tokens_per_second=record.tokens_per_second,
                    learning_rate=record.learning_rate,
                )
            ],
            update_conflicts=True,
            unique_fields=["run", "step"],
            update_fields=["loss", "validation_loss", "tokens_per_second", "learning_rate"],
        )

    def note(self, code: str, **facts: Any) -> None:
        RunLog.objects.create(run=self.run, code=code[:40], facts=_plain(facts))

    def stopping(self) -> bool:
        return self._stop.is_set()

    def check(self) -> None:
        """Raises Stopped when this worker should not go on."""
        if self.stopping():
            raise Stopped

    def _got_further(self, step: int) -> None:
        """A step that no earlier go had reached sets the count of vain goes back."""
        if step > self.furthest:
            self.furthest = step
            if self.run.attempts > 1:
                TrainingRun.objects.filter(pk=self.run.pk, worker=self.worker).update(attempts=1)
                self.run.attempts = 1

    # What the page shows ---------------------------------------------------------------------------------------
    def progress(self) -> float:
        """0 to 1 over the whole run."""
        if self.phase_name not in SHARES:
            return 0.0
        before = sum(SHARES[name] for name in ORDER[: ORDER.index(self.phase_name)])
        return min(before + SHARES[self.phase_name] * self._part(), 1.0)

    def seconds_left(self) -> float | None:
        """What this part still needs at its measured speed, and the later parts in proportion."""
        if self.phase_name not in SHARES:
            return None
        spent, part = time.monotonic() - self.phase_began, self._part()
        planned = self.run.estimate * SHARES[self.phase_name]
        whole = spent / part if part > 0.02 else max(planned, spent)
        later = sum(SHARES[name] for name in ORDER[ORDER.index(self.phase_name) + 1 :])
        pace = whole / SHARES[self.phase_name] if self.phase_name == "training" else self._pace()
        return max(whole - spent, 0.0) + later * pace

    def _part(self) -> float:
        return min(self.done / self.total, 1.0) if self.total else 0.0

    def _pace(self) -> float:
        """Seconds for a whole run: from the measured training, else as planned."""
        measured = self.rates.get("training")
        return measured / SHARES["training"] if measured else self.run.estimate

    def _finish_phase(self) -> None:
        if self.phase_name:
            self.rates[self.phase_name] = time.monotonic() - self.phase_began

    # The heart -------------------------------------------------------------------------------------------------
    def _beat(self) -> None:
        alive = self.run.beat(
            self.worker, phase=self.phase_name, progress=self.progress(), seconds_left=self.seconds_left()
        )
        if not alive:
            self._stop.set()

    def _beat_on(self) -> None:
        """Fenced: a run that was cancelled or taken over tells its old worker to stop."""
        while not self._end.wait(EVERY):
            try:
                close_old_connections()
                self._beat()
            except Exception:  # a busy database must not end a training; the next beat tries again
                _log_missed(self.run.pk)
        connection.close()


def _log_missed(pk: int) -> None:
    logger.warning("Run %s missed a heartbeat", pk, exc_info=True)


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts as JSON can hold them."""
    simple = (str, int, float, bool, type(None))
    return {name: value if isinstance(value, simple) else str(value) for name, value in facts.items()}
