"""Writes down what a training does while it does it: curve, log, progress, time left. Hears when it has to stop."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Max

from projects import claims
from training.models import RunLog, StepMetric, TrainingRun

if TYPE_CHECKING:
    from training.ml.watching import StepRecord

logger = logging.getLogger(__name__)
EVERY = 3.0
TICK = 0.5
LAST_PATIENCE = 120.0
MOST_UNWRITTEN = 20_000
CURVE = ("loss", "validation_loss", "tokens_per_second", "learning_rate")
# Which share of a usual run each part takes; the plan's estimate makes seconds of it until the speed is known.
SHARES = {
    "reading": 0.01,
    "embedding": 0.04,
    "simple": 0.02,
    "preparing": 0.01,
    "training": 0.63,
    "choosing": 0.08,
    "saving": 0.01,
    "evaluating": 0.19,
    "refitting": 0.01,
}
ORDER = list(SHARES)


class Stopped(Exception):
    """The run was cancelled or another worker has it."""


Line = StepMetric | RunLog


class Recorder:
    """The watcher of one run, held by one worker. The heart beats in a thread; the words come from the training."""

    def __init__(self, run: TrainingRun, worker: str) -> None:
        self.run, self.worker = run, worker
        self.phase_name, self.total, self.done = "", 0, 0
        self.phase_began = self.began = time.monotonic()
        self._forgiven: Mapping[str, object] = {}  # told with the next sign of life
        self.rates: dict[str, float] = {}  # seconds that finished parts took
        self.furthest = claims.patiently(lambda: run.metrics.aggregate(last=Max("step")))["last"] or 0
        self._unwritten: list[Line] = []
        self._writing = threading.Lock()
        self._stop = threading.Event()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._beat_on, daemon=True, name=f"run-{run.pk}")

    def __enter__(self) -> Recorder:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._end.set()
        self._thread.join()
        try:
            claims.patiently(self._write, LAST_PATIENCE)
        except (OperationalError, InterfaceError):
            logger.exception("Run %s lost %s lines of its curve and log", self.run.pk, len(self._unwritten))

    # The watcher's five verbs ----------------------------------------------------------------------------------
    def phase(self, name: str, total: int | None = None) -> None:
        self._finish_phase()
        self.phase_name, self.total, self.done = name, total or 0, 0
        self.phase_began = time.monotonic()
        self.note("phase", name=name)
        if not self._thread.is_alive():
            self._beat()

    def advance(self, done: int) -> None:
        """Between two pieces of work it is safe to leave."""
        self.check()
        self.done = done

    def step(self, record: StepRecord) -> None:
        self.done, self.total = record.step, record.total
        self._got_further(record.step)
        values = {name: getattr(record, name) for name in CURVE}
        self._keep(StepMetric(run=self.run, step=record.step, **values))

    def note(self, code: str, **facts: object) -> None:
        self._keep(RunLog(run=self.run, code=code[:40], facts=_plain(facts)))

    def _keep(self, line: Line) -> None:
        """Written by the thread, so that a database that is locked or away never holds up what is learned."""
        with self._writing:
            self._unwritten = [*self._unwritten[-MOST_UNWRITTEN:], line]
        if not self._thread.is_alive():
            self._write()

    def _write(self) -> None:
        with self._writing:
            lines = list(self._unwritten)
        if not lines:
            return
        with transaction.atomic():
            # A step done again after a crash overwrites its row instead of doubling it.
            StepMetric.objects.bulk_create(
                {line.step: line for line in lines if isinstance(line, StepMetric)}.values(),
                update_conflicts=True,
                unique_fields=["run", "step"],
                update_fields=list(CURVE),
            )
            RunLog.objects.bulk_create([line for line in lines if isinstance(line, RunLog)])
        with self._writing:
            written = set(map(id, lines))
            self._unwritten = [line for line in self._unwritten if id(line) not in written]

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
                self.run.attempts, self._forgiven = 1, {"attempts": 1, "lost": []}

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
        # Until it is seen how fast it goes, what took longer than planned takes as long again.
        whole = spent / part if part > 0.02 else max(planned, 2 * spent)
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
        """Fenced: a run that was cancelled or taken over tells its old worker to stop."""
        news = {"phase": self.phase_name, "progress": self.progress(), "seconds_left": self.seconds_left()}
        if not self.run.beat(self.worker, **news, **self._forgiven):
            self._stop.set()
        self._forgiven = {}

    def _beat_on(self) -> None:
        beaten = time.monotonic()
        while not self._end.wait(TICK):
            try:
                claims.calm()
                if time.monotonic() - beaten >= EVERY or self._forgiven:
                    self._beat()
                    beaten = time.monotonic()
                self._write()
            except Exception:  # a busy database must not end a training; the next beat tries again
                logger.warning("Run %s missed a heartbeat", self.run.pk, exc_info=True)
        connection.close()


def _plain(facts: Mapping[str, object]) -> dict[str, object]:
    """Facts as JSON can hold them."""
    simple = (str, int, float, bool, type(None))
    return {name: value if isinstance(value, simple) else str(value) for name, value in facts.items()}
