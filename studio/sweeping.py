"""Removes what only time made useless: sessions that have run out, which anybody can begin."""

from __future__ import annotations

import time
from importlib import import_module

from django.conf import settings

EVERY = 3600.0
_last = -EVERY


def sweep() -> int:
    """Once an hour; nothing is told to a worker."""
    global _last
    if time.monotonic() - _last >= EVERY:
        _last = time.monotonic()
        import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return 0
