"""What a running studio writes down for commands in other terminals: where it is, and how its engine is asked.

The token is made anew at each start, so a copy of the folder never opens the engine of the studio it was copied from."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "running.json"


@dataclass(frozen=True)
class Running:
    home: str = ""
    pid: int = 0
    site_url: str = ""
    engine_url: str = ""
    engine_token: str = ""


def note(home: Path, about: Running) -> None:
    """Readable for us only: the token stands in it."""
    part = home / f"{FILE}.part"
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        json.dump(asdict(about), stream)
    part.replace(home / FILE)


def read(home: Path) -> Running:
    """Of the studio that runs from this folder now; empty where none does or the note is another folder's."""
    try:
        found = Running(**json.loads((home / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return Running()
    return found if found.home == str(home) and _lives(found.pid) else Running()


def forget(home: Path) -> None:
    (home / FILE).unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True
