"""Keeps what the studio stores from the other people of the machine: new files, and those that older versions made."""

from __future__ import annotations

import os
import stat
from pathlib import Path

OTHERS = 0o077
# All that a studio puts into its folder. A folder with anything else in it is not ours alone, such as /tmp.
OURS = ("atelier.sqlite3", "test", "secret_key", "running.json", "engine_url", "up.lock", "data", "models", "queue")
OURS_TOO = ("logs", "static", "backups", "cache")


def begin(home: Path) -> None:
    """For every process of the studio: what it makes from now on is its own, and its folder opens for nobody else."""
    os.umask(os.umask(OTHERS) | OTHERS)
    if _is_ours(home):
        _close(home)


def mend(*folders: Path, leave: Path) -> int:
    """Closes what stands open in FOLDERS, all but LEAVE (base models are public); how many things that were."""
    mended = 0
    for folder in folders:
        for place, names, files in os.walk(folder):
            here = Path(place)
            names[:] = [name for name in names if here / name != leave and not (here / name).is_symlink()]
            known = names + files if here != folder else [name for name in names + files if _known(name)]
            names[:] = [name for name in names if name in known]
            mended += sum(_close(here / name) for name in known)
    return mended


def _is_ours(home: Path) -> bool:
    try:
        return all(_known(name) for name in os.listdir(home))
    except OSError:
        return False


def _known(name: str) -> bool:
    return name.startswith((*OURS, *OURS_TOO))


def _close(path: Path) -> bool:
    """Takes every right of group and others away, where it is ours to take."""
    try:
        about = path.lstat()
        if about.st_uid != os.geteuid() or stat.S_ISLNK(about.st_mode) or not about.st_mode & OTHERS:
            return False
        path.chmod(stat.S_IMODE(about.st_mode) & ~OTHERS)
    except OSError:
        return False
    return True
