"""How much of the disk strangers may fill: what they write ends while there is still room for the team's own work."""

from __future__ import annotations

import shutil
import time

from django.conf import settings

KEPT = 256 * 1024 * 1024
"""Bytes that are the team's: to sign in, rename, delete, and end a training."""
EVERY = 5.0

_seen: tuple[float, bool] = (-EVERY, True)


def for_strangers() -> bool:
    """Whether what strangers write may still be stored; looked up every few seconds."""
    global _seen
    now = time.monotonic()
    if now - _seen[0] >= EVERY:
        places = [place for place in (settings.HOME, settings.DATA_ROOT) if place.exists()]
        _seen = (now, all(shutil.disk_usage(place).free > KEPT for place in places))
    return _seen[1]
