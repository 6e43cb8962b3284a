"""One studio per folder: a lock that the kernel lets go of when its holder dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO


class AlreadyRunning(Exception):
    """Another supervisor holds the folder; the text is what it wrote about itself."""


def hold(file: Path, about: str) -> IO[str]:
    """Takes the lock, and writes who holds it. It is held as long as the returned file is open."""
    file.parent.mkdir(parents=True, exist_ok=True)
    stream = file.open("a+", encoding="utf-8")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        stream.seek(0)
        holder = stream.read().strip()
        stream.close()
        raise AlreadyRunning(holder) from error
    stream.truncate(0)
    stream.write(f"{os.getpid()} {about}\n")
    stream.flush()
    return stream
