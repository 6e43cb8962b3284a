"""Who is next: one place at the model, given round by round among clients, so that nobody's burst starves the others."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from endpoints.engine.wire import Refused


class Scheduler:
    """`async with scheduler.place(client):` waits for the place and gives it back, whatever happens inside."""

    def __init__(self, longest: int = 32) -> None:
        self.longest = longest
        """Requests that may wait; the next one is told to come back later."""
        self.busy = False
        self.served = 0
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @property
    def waiting(self) -> int:
        return sum(len(queue) for queue in self._waiting.values())

    @asynccontextmanager
    async def place(self, client: str) -> AsyncIterator[None]:
        if self.busy:
            await self._wait(client)
        self.busy = True
        try:
            yield
        finally:
            self.served += 1
            self._next()

    async def _wait(self, client: str) -> None:
        if self.waiting >= self.longest:
            seconds = max(2, self.waiting)
            raise Refused(429, "Many people are asking at the moment.", "engine_busy", retry_after=seconds)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # the place was given to somebody who has just left
                self._next()
            else:
                self._leave(client, turn)
            raise

    def _leave(self, client: str, turn: asyncio.Future[None]) -> None:
        queue = self._waiting.get(client)
        if queue and turn in queue:
            queue.remove(turn)
        if not queue:
            self._waiting.pop(client, None)

    def _next(self) -> None:
        """Hands the place to the first of the next client; that client then goes to the end of the round."""
        while self._waiting:
            client, queue = next(iter(self._waiting.items()))
            turn = queue.popleft()
            self._waiting.move_to_end(client)
            if not queue:
                del self._waiting[client]
            if not turn.done():
                turn.set_result(None)
                return
        self.busy = False
