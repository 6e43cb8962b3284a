"""Who works: each worker process says what it can do and, every few seconds, that it is alive. Web reads, worker writes."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from training.models import Worker

logger = logging.getLogger(__name__)
EVERY = 5.0
FORGET_AFTER = timedelta(days=1)
_stop = threading.Event()


def machine() -> str:
    """This machine, or this container: processes with the same name here can see one another."""
    try:
        space = os.readlink("/proc/self/ns/pid").strip("pid:[]")
    except OSError:
        space = ""
    return f"{socket.gethostname()[:30]}.{space}"


def me() -> str:
    """A name for one go at one task. It tells where the process is, so that its death can be noticed at once."""
    return f"{machine()}/{os.getpid()}/{secrets.token_hex(4)}"


def gone(worker: str) -> bool:
    """True when the worker was a process of this machine and is no more. Of other machines we cannot tell."""
    where, _, rest = worker.rpartition("/")[0].rpartition("/")
    if where != machine() or not rest.isdigit():
        return False
    return not Path(f"/proc/{rest}").exists() if Path("/proc/self").exists() else not _answers(int(rest))


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def say_alive(name: str, queues: list[str], facts: dict[str, Any] | None = None) -> None:
    news: dict[str, Any] = {"queues": queues, "seen": timezone.now()}
    if facts:
        news["facts"] = facts
    Worker.objects.update_or_create(name=name, defaults=news)


def probe() -> dict[str, Any]:
    """What this machine can do, found by a short-lived process so that torch does not stay in this one."""
    command = [sys.executable, "-m", "training.probe"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=120, check=True, cwd=str(settings.BASE_DIR)
        )
    except (OSError, subprocess.SubprocessError):
        logger.exception("The machine could not be measured; estimates go by a usual machine")
        return {}
    import json

    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _live(name: str, queues: list[str]) -> None:
    """The thread of a worker: signs of life, and the sweep that frees what dead workers left."""
    from training import sweeping

    facts: dict[str, Any] | None = None
    while not _stop.is_set():
        try:
            close_old_connections()
            say_alive(name, queues, facts)
            sweeping.sweep()
            if facts is None:
                facts = probe()
                continue
        except DatabaseError:
            logger.warning("The database did not answer the worker's sign of life", exc_info=True)
        finally:
            close_old_connections()
        _stop.wait(EVERY)


@worker_ready.connect  # type: ignore[untyped-decorator]
def begin(sender: Any = None, **_kwargs: Any) -> None:
    queues = [queue.name for queue in sender.task_consumer.queues]
    Worker.objects.filter(seen__lt=timezone.now() - FORGET_AFTER).delete()
    if not {"train", "gpu"} & set(queues):
        return
    _stop.clear()
    name = f"{sender.hostname}/{os.getpid()}/{int(time.time())}"
    threading.Thread(target=_live, args=(name, queues), daemon=True, name="presence").start()


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def end(**_kwargs: Any) -> None:
    _stop.set()
