"""Asks a fresh studio whether it answers, and tells the person once."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from enum import IntEnum

EVERY = 0.5
LATE = 90.0
LONGEST = 65_536


class Stage(IntEnum):
    STARTING, ANSWERING, READY = range(3)


class Probe:
    """Called at every turn of the loop; looks now and then until everything is ready."""

    def __init__(self, address: str, say: Callable[[str], None], welcome: list[str]) -> None:
        self.address, self.say, self.welcome = address, say, welcome
        self.stage = Stage.STARTING
        self.began = time.monotonic()
        self.next_look = self.began + EVERY
        self.told_late = False

    def __call__(self) -> None:
        if self.stage is Stage.READY or time.monotonic() < self.next_look:
            return
        if self.stage is Stage.STARTING and self._answers("/healthz"):
            self.stage = Stage.ANSWERING
            for line in self.welcome:
                self.say(line)
        if self.stage is Stage.ANSWERING and self._answers("/readyz"):
            self.stage = Stage.READY
            self.say(f"Everything is ready, {time.monotonic() - self.began:.0f} s after the start.")
        self._tell_late()
        self.next_look = time.monotonic() + EVERY

    def _answers(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(self.address + path, timeout=3) as answer:  # noqa: S310  (our own address)
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def _tell_late(self) -> None:
        if self.told_late or self.stage is Stage.READY or time.monotonic() - self.began < LATE:
            return
        self.told_late = True
        if self.stage is Stage.STARTING:
            self.say("The pages do not answer yet; a busy machine needs longer. The lines of “web” above say why.")
        else:
            late = ", ".join(self._not_ready()) or "a part"
            self.say(
                f"Not ready yet: {late}. A busy machine needs longer; {self.address}/readyz says how it is, and the logs why."
            )

    def _not_ready(self) -> list[str]:
        """The parts that /readyz names."""
        try:
            with urllib.request.urlopen(self.address + "/readyz", timeout=3) as answer:  # noqa: S310  (our own address)
                told = answer.read(LONGEST)
        except urllib.error.HTTPError as refusal:
            told = refusal.read(LONGEST)
        except OSError:
            return []
        try:
            parts = json.loads(told)["parts"]
            return [f"{name} ({state})" for name, state in parts.items() if state != "ok"]
        except (ValueError, KeyError, AttributeError, TypeError):
            return []
