"""One readable log of all processes: a prefixed line on the terminal, and a file for each process."""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from collections.abc import Iterable
from logging.handlers import RotatingFileHandler
from pathlib import Path

COLOURS = (36, 32, 35, 33, 34, 96, 92, 95)
FILE_SIZE = 5_000_000


class Kept(RotatingFileHandler):
    """A file of lines. One that a full disk does not take is left out; the others go on, and nobody dies of it."""

    def handleError(self, record: logging.LogRecord) -> None:
        pass


class Console:
    """Writes lines under the name of who said them."""

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.names = [*names, "studio"]
        self.width = max(len(name) for name in self.names)
        self.coloured = sys.stdout.isatty()
        self.files: dict[str, RotatingFileHandler] = {}

    def line(self, name: str, text: str) -> None:
        clock = time.strftime("%H:%M:%S")
        prefix = f"{clock} {name:<{self.width}} |"
        if self.coloured:
            prefix = f"\x1b[{self._colour(name)}m{prefix}\x1b[0m"
        self._print(f"{prefix} {text}")
        self._keep(name, f"{time.strftime('%Y-%m-%d')} {clock} {text}")

    def close(self) -> None:
        for handler in self.files.values():
            handler.close()

    def _print(self, text: str) -> None:
        with contextlib.suppress(OSError):  # when the terminal is gone, the files go on
            print(text, flush=True)

    def _keep(self, name: str, text: str) -> None:
        handler = self.files.get(name)
        if handler is None:
            path = self.folder / f"{name}.log"
            try:
                handler = Kept(path, maxBytes=FILE_SIZE, backupCount=3, encoding="utf-8")
            except OSError:  # a full or read-only disk: the terminal goes on, and the next line tries again
                return
            self.files[name] = handler
        handler.emit(logging.LogRecord(name, logging.INFO, "", 0, text, None, None))

    def _colour(self, name: str) -> int:
        return COLOURS[self.names.index(name) % len(COLOURS)] if name in self.names else 37
