"""The loop: starts what is due, passes on what is said, notices who ended, and at the end stops everybody."""

from __future__ import annotations

import selectors
import signal
import time
from collections.abc import Callable
from types import FrameType

from studio.supervisor.child import Child, Plan
from studio.supervisor.console import Console

GRACE = 8.0
TICK = 0.2


class Supervisor:
    """Runs the plans until it is asked to stop."""

    def __init__(self, plans: list[Plan], console: Console) -> None:
        self.children = [Child(plan) for plan in plans]
        self.console = console
        self.selector = selectors.DefaultSelector()
        self.asked = 0

    def run(self, *every_tick: Callable[[], None]) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)
        try:
            while not self.asked:
                self._start_due()
                self._listen(TICK)
                self._bury()
                for look in every_tick:
                    look()
        finally:
            self._stop()

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked += 1

    def _start_due(self) -> None:
        for child in self.children:
            if child.process is None and time.monotonic() >= child.due and not self.asked:
                child.start()
                self.selector.register(child.output, selectors.EVENT_READ, child)

    def _listen(self, seconds: float) -> None:
        for key, _ in self.selector.select(seconds):
            child: Child = key.data
            lines = child.lines()
            if lines is None:
                self.selector.unregister(key.fd)
                continue
            self._say(child, lines)

    def _say(self, child: Child, lines: list[str]) -> None:
        for line in lines:
            if line:
                self.console.line(child.name, line)

    def _bury(self) -> None:
        for child in self.children:
            if child.process is None or child.alive:
                continue
            self._last_words(child)
            status, pause = child.settle()
            self.console.line("studio", f"{child.name} ended ({ending(status)}). It starts again in {pause:g} s.")

    def _last_words(self, child: Child) -> None:
        while lines := child.lines():
            self._say(child, lines)
        if child.output in self.selector.get_map():
            self.selector.unregister(child.output)

    def _stop(self) -> None:
        if any(child.alive for child in self.children):
            self.console.line("studio", "Stopping. Press Ctrl-C again to stop at once.")
        asked_before = self.asked
        for child in self.children:
            child.ask_to_stop()
        end = time.monotonic() + GRACE
        while any(child.alive for child in self.children) and time.monotonic() < end and self.asked == asked_before:
            self._listen(TICK)
        for child in self.children:
            if child.alive:
                self.console.line("studio", f"{child.name} was at work. It goes on with it at the next start.")
            child.kill()
            if child.process is not None:
                child.process.wait()
        self.console.line("studio", "Stopped.")


def ending(status: int) -> str:
    """An exit status in words."""
    if status >= 0:
        return f"exit status {status}"
    if status == -signal.SIGKILL:
        return "SIGKILL: somebody ended it, or the machine had no memory left"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
