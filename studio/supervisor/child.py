"""One process under supervision: how it starts, what it says, when it comes back, how it ends."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from studio.supervisor.lifeline import tied

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
SETTLED_AFTER = 30.0
"""A process that lived this long is taken to be well; its next crash starts with the short pause again."""


@dataclass(frozen=True)
class Plan:
    """What to run."""

    name: str
    command: list[str]
    env: Mapping[str, str] = field(default_factory=dict)
    listener: socket.socket | None = None
    """Where it listens. The supervisor keeps it, so that nobody else gets the port while the process is away; who calls
    meanwhile waits for the next start."""


class Child:
    """A running (or resting) process made from a plan, in a group of its own."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.name = plan.name
        self.process: subprocess.Popen[bytes] | None = None
        self.pause = FIRST_PAUSE
        self.due = 0.0  # when to start (again)
        self.started = 0.0
        self.rest = b""

    def start(self) -> None:
        self.process = subprocess.Popen(
            tied(self.plan.command),
            env={**os.environ, **self.plan.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # A group of its own: Ctrl-C reaches only the supervisor, and the whole group can be ended at once.
            start_new_session=True,
            pass_fds=[self.plan.listener.fileno()] if self.plan.listener else [],
        )
        self.started = time.monotonic()
        self.rest = b""
        os.set_blocking(self.output, False)

    @property
    def output(self) -> int:
        assert self.process is not None
        assert self.process.stdout is not None
        return self.process.stdout.fileno()

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def lines(self) -> list[str] | None:
        """What it has said since the last look; None at the end of its output."""
        try:
            data = os.read(self.output, 65536)
        except BlockingIOError:
            return []
        if not data:
            return None
        *whole, self.rest = (self.rest + data).split(b"\n")
        return [line.decode("utf-8", "replace").rstrip() for line in whole]

    def settle(self) -> tuple[int, float]:
        """After its end: clears away what it left behind; the exit status and the pause before the next start."""
        assert self.process is not None
        self.kill()
        status = self.process.wait()
        if time.monotonic() - self.started > SETTLED_AFTER:
            self.pause = FIRST_PAUSE
        pause, self.pause = self.pause, min(self.pause * 2, LONGEST_PAUSE)
        self.due = time.monotonic() + pause
        if self.process.stdout:
            self.process.stdout.close()
        self.process = None
        return status, pause

    def ask_to_stop(self) -> None:
        """SIGTERM to the main process alone: Celery can hang when its pool gets the signal too."""
        if self.alive and self.process is not None:
            self.process.terminate()

    def kill(self) -> None:
        """Ends the whole group, also when its main process is gone and left others behind."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
