"""Work on the database for an answer that has begun: a restart of the database delays it and does not end it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TypeVar, cast

from channels.db import database_sync_to_async

from projects.errors import database_away

logger = logging.getLogger(__name__)
Found = TypeVar("Found")

LAST_PATIENCE = 300.0
"""Seconds that an answer waits for a database that is away."""


async def patiently(work: Callable[..., Found], *args: object) -> Found:
    """WORK on the database, done again while that is away: what an answer is made of is stored, and what came is in memory."""
    began, pause = time.monotonic(), 0.2
    while True:
        try:
            return cast(Found, await database_sync_to_async(work)(*args))
        except Exception as error:
            if not database_away(error) or time.monotonic() - began > LAST_PATIENCE:
                raise
            logger.warning("An answer waits for the database: %s", error)
        await asyncio.sleep(pause)
        pause = min(pause * 2, 3.0)
