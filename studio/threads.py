"""The one thread in which all chats of a web process ask the database: since when it is at one and the same call.

Pages have threads of their own, one each; a chat's frame has not. A call that never returns (a disk or a line that hangs)
would silence every chat, while the process itself still answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from asgiref.sync import SyncToAsync

LONGEST = 180.0
"""Seconds. A locked SQLite is waited for 20 s, a cut line to PostgreSQL breaks after half a minute."""


class Watched(ThreadPoolExecutor):
    """One thread that notes when its present call began."""

    def __init__(self) -> None:
        super().__init__(max_workers=1, thread_name_prefix="chats")
        self.began: float | None = None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        def timed() -> Any:
            self.began = time.monotonic()
            try:
                return fn(*args, **kwargs)
            finally:
                self.began = None

        return super().submit(timed)


chats = Watched()


def watch() -> None:
    SyncToAsync.single_thread_executor = chats


def stuck() -> bool:
    began = chats.began
    return began is not None and time.monotonic() - began > LONGEST
