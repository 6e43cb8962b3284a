"""Notices a web process that hangs: it lives, and answers nobody. Asks now and then, without ever waiting itself."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable

from studio.supervisor.child import Child

EVERY = 5.0
PATIENCE = 15.0
"""Seconds that one answer may take."""
STUCK = b"HTTP/1.1 503"
"""What a process says of itself whose chats wait for a thread that does not come back."""
MISSES = 3
"""Questions in a row without an answer, after which the process is ended and started anew."""


class Watch:
    """Called at every turn of the loop. A process is watched from its first answer on: a slow start is no hanging."""

    def __init__(self, child: Child, host: str, port: int, say: Callable[[str], None]) -> None:
        self.child, self.address, self.say = child, (host, port), say
        self.socket: socket.socket | None = None
        self.process: object = None
        self.answered = False
        self.misses = 0
        self.asked = self.due = 0.0

    def __call__(self) -> None:
        if self.child.process is not self.process:
            self._forget()
        if not self.child.alive:
            return
        now = time.monotonic()
        if self.socket is None:
            if now >= self.due:
                self._ask(now)
        elif self._has_answer():
            self.answered, self.misses = True, 0
            self._close(now)
        elif now - self.asked > PATIENCE:
            self._miss(now)

    def _forget(self) -> None:
        """Another process: nothing is held against it yet."""
        self._close(time.monotonic())
        self.process, self.answered, self.misses = self.child.process, False, 0

    def _ask(self, now: float) -> None:
        self.asked = now
        family = socket.AF_INET6 if ":" in self.address[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.setblocking(False)
        self.sent = False
        with contextlib.suppress(OSError):
            self.socket.connect((self.address[0].strip("[]"), self.address[1]))

    def _has_answer(self) -> bool:
        assert self.socket is not None
        try:
            if not self.sent:
                self.socket.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                self.sent = True
            said = self.socket.recv(64)
        except (ConnectionResetError, BrokenPipeError):
            return True  # turned away because the house is full, which only a process that turns does
        except OSError:  # not connected yet, or nothing has come yet
            return False
        if said.startswith(STUCK):
            self.socket.close()  # no more is heard on it, and the time runs out
            return False
        return True

    def _miss(self, now: float) -> None:
        self._close(now)
        if not self.answered:
            return
        self.misses += 1
        self.say(f"{self.child.name} has not answered for {self.misses * PATIENCE:g} s.")
        if self.misses >= MISSES:
            self.say(f"{self.child.name} hangs. It is ended and starts again; whatever is stored is safe.")
            self.child.kill()

    def _close(self, now: float) -> None:
        if self.socket is not None:
            self.socket.close()
        self.socket, self.due = None, now + EVERY
