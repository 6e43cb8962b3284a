"""A progress bar on a terminal: drawn over itself where it can be, else a line now and then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from django.db import DatabaseError, connection

News = tuple[str, float, str]  # what is done, how far of 1, how long it still takes
WIDTH = 28
CALM = 10.0  # seconds between two lines where nothing can be drawn over


class Bar:
    def __init__(self, out: TextIO) -> None:
        self.out, self.draws = out, out.isatty()
        self.last, self.label, self.told = 0, "", 0.0

    def say(self, text: str) -> None:
        self._clear()
        print(text, file=self.out, flush=True)

    @contextmanager
    def showing(self, news: Callable[[], News]) -> Iterator[None]:
        """Shows the news of what happens inside, until it has happened."""
        over = threading.Event()
        thread = threading.Thread(target=self._show, args=(news, over), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(5)
            self._clear()

    def _show(self, news: Callable[[], News], over: threading.Event) -> None:
        while not over.wait(0.5):
            try:
                self.draw(*news())
            except DatabaseError:
                continue  # the database is busy; the next look is soon
        connection.close()

    def draw(self, label: str, share: float, left: str) -> None:
        if not self.draws:
            self._line(label, share, left)
            return
        full = round(WIDTH * min(max(share, 0.0), 1.0))
        text = f"{label}  [{'#' * full}{'.' * (WIDTH - full)}] {share:4.0%}  {left}"
        print("\r" + text.ljust(self.last), end="", file=self.out, flush=True)
        self.last = len(text)

    def _line(self, label: str, share: float, left: str) -> None:
        if label == self.label and time.monotonic() - self.told < CALM:
            return
        self.label, self.told = label, time.monotonic()
        print(f"{label}: {share:.0%} {left}".rstrip(), file=self.out, flush=True)

    def _clear(self) -> None:
        if self.draws and self.last:
            print("\r" + " " * self.last + "\r", end="", file=self.out, flush=True)
            self.last = 0
