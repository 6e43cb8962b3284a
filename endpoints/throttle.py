"""How many messages one visitor, and how many requests one key, may send in a minute."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from django.core.cache import BaseCache, caches

from projects.errors import queue_away

logger = logging.getLogger(__name__)
WINDOW = 60
DAY = 24 * 3600


@dataclass(frozen=True)
class Allowance:
    """What is left of a minute, or of a day."""

    limit: int
    used: int
    reset: int  # seconds until a new one begins

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)

    @property
    def exceeded(self) -> bool:
        return self.used > self.limit

    def headers(self) -> dict[str, str]:
        """The headers in which clients of OpenAI's interface look for their limit."""
        return {
            "x-ratelimit-limit-requests": str(self.limit),
            "x-ratelimit-remaining-requests": str(self.remaining),
            "x-ratelimit-reset-requests": f"{self.reset}s",
        }


async def take(name: str, limit: int, window: int = WINDOW) -> Allowance:
    """Counts one more of NAME in this minute. The cache counts, so web processes that share one share the limit."""
    now = time.time()
    reset = window - int(now % window)
    key = f"throttle:{name}:{int(now // window)}"
    try:
        used = await _count(caches["default"], key, window)
    except Exception as error:
        if not queue_away(error):
            raise
        # An assistant answers without Redis too; each web process counts for itself until it is back.
        logger.warning("Limits are counted in this process alone: %s", error)
        used = await _count(caches["alone"], key, window)
    return Allowance(limit, used, reset)


async def _count(cache: BaseCache, key: str, window: int) -> int:
    await cache.aadd(key, 0, window + 5)
    try:
        return int(await cache.aincr(key))
    except ValueError:  # the cache dropped the key between the two calls
        return 1
