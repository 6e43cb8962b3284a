"""Which processes the studio consists of on this machine, and how each is started."""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from studio.supervisor.child import Plan
from studio.supervisor.machine import cores

AS_ROOT = "ignore:You're running the worker with superuser privileges"  # a container's usual user; no pickles here
FRESH = ("--max-tasks-per-child", "1")  # a training gives its memory back by ending its process
SMALL_FILES = "ignore:StreamingHttpResponse must consume synchronous iterators"  # styles and scripts, read at once
MATHS_LIBRARIES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Setup:
    """What the person chose and the machine has."""

    host: str
    port: int
    engine: socket.socket | None  # where our engine listens; None: it runs elsewhere
    gpus: tuple[str, ...] = ()


def plans(setup: Setup, env: Mapping[str, str]) -> list[Plan]:
    """All processes; ENV is what they share, and what a person has set of threads is left alone."""
    one, all_cores = _threads(1, env), _threads(cores(), env)
    found = [Plan("web", _web(setup), {**env, **one, "PYTHONWARNINGS": SMALL_FILES})]
    if setup.engine is not None:
        found.append(Plan("engine", _engine(setup.engine), {**env, **all_cores}, setup.engine))
    # A training takes minutes to hours and an import must not wait for it: each has a pool of its own.
    calm = {"PYTHONWARNINGS": AS_ROOT, "CELERY_SKIP_CHECKS": "1"}  # `up` has made Django's checks
    no_card = {"CUDA_VISIBLE_DEVICES": ""}  # each card has a worker of its own
    found.append(Plan("worker", _worker("default", 2), {**env, **one, **calm, **no_card}))
    found.append(Plan("trainer", _worker("train", 1, "", *FRESH), {**env, **all_cores, **calm, **no_card}))
    for gpu in setup.gpus:
        on_gpu = {**env, **all_cores, **calm, "CUDA_VISIBLE_DEVICES": gpu}
        found.append(Plan(f"gpu-{gpu}", _worker("gpu", 1, f"gpu-{gpu}", *FRESH), on_gpu))
    found.append(Plan("sweep", _manage("sweep", "--every", "5"), {**env, **one}))
    return found


def _manage(*words: str) -> list[str]:
    return [sys.executable, "manage.py", *words]


def _web(setup: Setup) -> list[str]:
    return [sys.executable, "-m", "studio.server", "--host", setup.host, "--port", str(setup.port)]


def _engine(listener: socket.socket) -> list[str]:
    return [sys.executable, "-m", "endpoints.engine", "--fd", str(listener.fileno())]


def _worker(queue: str, processes: int, name: str = "", *more: str) -> list[str]:
    return [
        *(
            sys.executable,
            "-m",
            "celery",
            "--quiet",
            "-A",
            "studio",
            "worker",
            "--pool",
            "prefork",
            "--loglevel",
            "INFO",
        ),
        *("--queues", queue, "--concurrency", str(processes), "--hostname", f"{name or queue}@%h"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        *more,
    ]


def _threads(count: int, env: Mapping[str, str]) -> dict[str, str]:
    # Threads that spin while they wait ruin one another when training and answering share the cores: beside a
    # training the engine made 0.5 tokens a second with spinning threads and 16 with sleeping ones.
    wanted = {name: str(count) for name in MATHS_LIBRARIES} | {"OMP_WAIT_POLICY": "PASSIVE"}
    return {name: value for name, value in wanted.items() if name not in env}
