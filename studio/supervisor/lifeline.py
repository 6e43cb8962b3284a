"""Ties a process to its parent: when the parent dies, even by SIGKILL, the kernel ends the child (Linux).

As a program, `lifeline.py PARENT COMMAND...` ties itself and then becomes the command. It is done there and not between fork
and exec, where a library's lock that another thread held at the fork stays locked for ever: OpenBLAS and SQLite have some.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None


def die_with_parent(parent: int) -> None:
    """Runs in the child. PARENT is the process id of who started it."""
    if libc is None:
        return
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above
        os._exit(1)


EVERY = 1.0  # seconds between two looks at the parent


def follow(parent: int) -> None:
    """The same for a process that a thread of its parent started: to the kernel that thread is the parent, so that it
    would end the child with the thread, although the process lives on."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(EVERY)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True, name="lifeline").start()


def tied(command: list[str]) -> list[str]:
    """The command as a child of this process that dies with it."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606  (what the supervisor planned)
