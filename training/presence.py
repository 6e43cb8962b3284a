"""Who works: each worker process says what it can do and, every few seconds, that it is alive. Web reads, worker writes."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from typing import Any

from celery.signals import worker_init, worker_ready, worker_shutting_down
from django.conf import settings
from django.db import Error, close_old_connections
from django.db.models.functions import Now

from projects import schema
from training.ml.stored import Stored
from training.models import Worker

logger = logging.getLogger(__name__)
EVERY = 5.0
MEASURED_WITHIN, MEASURE_AGAIN = 120.0, 600.0  # seconds; what a busy machine could not do at its start it does later
TRAINS = frozenset({"train", "gpu"})
FORGET_AFTER = timedelta(days=1)
_stop = threading.Event()


def say_alive(name: str, queues: list[str], facts: Stored | None = None) -> None:
    news: dict[str, object] = {"queues": queues, "seen": Now(), "version": schema.version()}
    if facts:
        news["facts"] = facts
    Worker.objects.update_or_create(name=name, defaults=news)


def probe() -> Stored | None:
    """What this machine can do, found by a short-lived process so that torch does not stay in this one; nothing where
    that fails, None where the machine is too busy now."""
    command = [sys.executable, "-m", "training.probe"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=MEASURED_WITHIN, check=True, cwd=str(settings.BASE_DIR)
        )
    except subprocess.TimeoutExpired:
        logger.warning(
            "The machine is too busy to be measured: estimates go by a usual one, and it is tried again later"
        )
        return None
    except (OSError, subprocess.SubprocessError):
        logger.exception("The machine could not be measured; estimates go by a usual one")
        return {}
    import json

    found: Stored = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _live(name: str, queues: list[str]) -> None:
    """The thread of a worker: signs of life. One that trains also frees what dead workers left, and is measured."""
    from training import sweeping

    facts: Stored | None = None
    measure_at = 0.0
    trains = bool(TRAINS & set(queues))
    while not _stop.is_set():
        try:
            close_old_connections()
            say_alive(name, queues, facts)
            if trains:
                sweeping.sweep()
            if trains and facts is None and time.monotonic() >= measure_at:
                facts = probe()
                measure_at = time.monotonic() + MEASURE_AGAIN
                continue
        except Error:
            logger.warning("The database did not answer the worker's sign of life", exc_info=True)
        finally:
            close_old_connections()
        _stop.wait(EVERY)


@worker_init.connect  # type: ignore[untyped-decorator]
def share_cards(sender: Any = None, **_kwargs: object) -> None:
    """Cards belong to the gpu queue, however a worker was started, and one card learns one thing at a time.

    Said before the pool's processes are made and torch looks; the probe of the heartbeat then sees what a training sees.
    """
    if "gpu" not in sender.app.amqp.queues.consume_from:
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
        os.environ["ATELIER_DEVICE"] = "cpu"  # what the studio asks for is meant for those that have the cards
    else:
        sender.concurrency = 1


@worker_ready.connect  # type: ignore[untyped-decorator]
def begin(sender: Any = None, **_kwargs: object) -> None:
    queues = [queue.name for queue in sender.task_consumer.queues]
    Worker.objects.filter(seen__lt=Now() - FORGET_AFTER).delete()
    _stop.clear()
    name = f"{sender.hostname}/{os.getpid()}/{int(time.time())}"
    threading.Thread(target=_live, args=(name, queues), daemon=True, name="presence").start()


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def end(**_kwargs: object) -> None:
    _stop.set()
