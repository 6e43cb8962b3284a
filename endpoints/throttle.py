"""How many messages one visitor, and how many requests one key, may send in a minute."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.core.cache import cache

WINDOW = 60


@dataclass(frozen=True)
class Allowance:
    """What is left of a minute."""

    limit: int
    used: int
    reset: int  # seconds until a new minute begins

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


async def take(name: str, limit: int) -> Allowance:
    """Counts one more of NAME in this minute. The cache counts, so web processes that share one share the limit."""
    now = time.time()
    reset = WINDOW - int(now % WINDOW)
    key = f"throttle:{name}:{int(now // WINDOW)}"
    await cache.aadd(key, 0, WINDOW + 5)
    try:
        used = await cache.aincr(key)
    except ValueError:  # the cache dropped the key between the two calls
        used = 1
    return Allowance(limit, used, reset)
