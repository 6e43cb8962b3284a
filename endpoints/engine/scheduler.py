"""Who computes next: a bounded queue, fair between clients, in front of one computing thread. No torch here."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from endpoints.engine.wire import Refused

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Task(Protocol):
    """Work in small steps, so that others get their turn in between."""

    finished: bool

    def step(self) -> object: ...  # something for the one who waits, or None


class Once(Generic[T]):
    """A task of one step."""

    def __init__(self, function: Callable[[], T]) -> None:
        self.function = function
        self.finished = False

    def step(self) -> tuple[T]:
        self.finished = True
        return (self.function(),)


END = object()


@dataclass(eq=False)
class Ticket:
    """A place in the queue, then in the engine. Closing it frees the place."""

    key: str
    task: Task
    loop: asyncio.AbstractEventLoop
    events: asyncio.Queue[object] = field(default_factory=asyncio.Queue)
    closed: bool = False
    started: float = field(default_factory=time.monotonic)

    def post(self, event: object) -> None:
        """Hand something to the waiting coroutine, from any thread."""
        try:
            self.loop.call_soon_threadsafe(self.events.put_nowait, event)
        except RuntimeError:  # the loop has ended, so nobody waits
            self.closed = True

    async def results(self, ping: float = 0) -> AsyncIterator[Any]:
        """What the task's steps gave; None after each `ping` seconds of silence."""
        while True:
            try:
                event = await asyncio.wait_for(self.events.get(), ping or None)
            except TimeoutError:
                yield None
                continue
            if event is END:
                return
            if isinstance(event, Refused):
                raise event
            yield event


class Scheduler:
    """Up to `slots` tasks take a step in turn; a free slot goes to the client that has the fewest."""

    def __init__(self, slots: int = 4, queue: int = 64, per_client: int = 16) -> None:
        self.served = 0
        self.slots, self.limit, self.per_client = slots, queue, per_client
        self._waiting: OrderedDict[str, deque[Ticket]] = OrderedDict()
        self._active: list[Ticket] = []
        self._changed = threading.Condition()
        self._leaving = False
        self._usual = 5.0  # seconds from asking to the last word, as it was lately
        self._thread = threading.Thread(target=self._run, name="model", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        return sum(map(len, self._waiting.values()))

    @property
    def running(self) -> int:
        return len(self._active)

    def submit(self, key: str, task: Task, urgent: bool = False) -> Ticket:
        """A place for the task, or Busy. Urgent work is the engine's own and needs no slot."""
        ticket = Ticket(key, task, asyncio.get_running_loop())
        with self._changed:
            if self._leaving:
                raise _leaving()
            if urgent:
                self._active.append(ticket)
            else:
                self._queue(ticket)
            self._changed.notify()
        return ticket

    def close(self, ticket: Ticket) -> None:
        """Whoever waited has gone: the place is free from the next step on."""
        with self._changed:
            ticket.closed = True
            line = self._waiting.get(ticket.key)
            if line and ticket in line:
                line.remove(ticket)
                if not line:
                    del self._waiting[ticket.key]
            self._changed.notify()

    async def run(self, function: Callable[[], T], key: str = "", urgent: bool = True) -> T:
        """Call a function on the computing thread."""
        ticket = self.submit(key, Once(function), urgent)
        try:
            async for (result,) in ticket.results():
                return result  # type: ignore[no-any-return]
        finally:
            self.close(ticket)
        raise _leaving()

    def stop(self) -> None:
        """Tell everybody who waits and end the thread after its present step."""
        with self._changed:
            self._leaving = True
            tickets = [*self._active, *(ticket for line in self._waiting.values() for ticket in line)]
            self._waiting.clear()
            self._changed.notify()
        for ticket in tickets:
            ticket.post(_leaving())
        self._thread.join(timeout=3)

    def _queue(self, ticket: Ticket) -> None:
        line = self._waiting.get(ticket.key)
        if self.waiting >= self.limit or (line and len(line) >= self.per_client):
            ahead = self.waiting if self.waiting >= self.limit else len(line or ())
            seconds = min(60, max(1, round(ahead * self._usual / self.slots)))
            raise Refused(429, "Many people are asking at the moment.", "engine_busy", retry_after=seconds)
        self._waiting.setdefault(ticket.key, deque()).append(ticket)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._admit()
                while not self._active and not self._leaving:
                    self._changed.wait()
                    self._admit()
                if self._leaving:
                    return
                turn = list(self._active)
            for ticket in turn:
                self._step(ticket)
            with self._changed:
                self._active = [t for t in self._active if not t.closed and not t.task.finished]

    def _admit(self) -> None:
        """Fill the free slots. The client with the fewest places goes first, then who has not been served longest."""
        while self._waiting and len(self._active) < self.slots:
            places = Counter(ticket.key for ticket in self._active)
            key = min(self._waiting, key=lambda name: places[name])
            line = self._waiting[key]
            self._active.append(line.popleft())
            if line:
                self._waiting.move_to_end(key)
            else:
                del self._waiting[key]

    def _step(self, ticket: Ticket) -> None:
        if ticket.closed or self._leaving:
            return
        try:
            event = ticket.task.step()
        except Refused as refused:
            ticket.task.finished, event = True, refused
        except Exception:
            logger.exception("A task failed.")
            ticket.task.finished = True
            event = Refused(500, "The engine could not answer; its log says why.", "internal_error")
        if event is not None:
            ticket.post(event)
        if ticket.task.finished:
            self.served += 1
            self._usual = 0.8 * self._usual + 0.2 * min(60.0, time.monotonic() - ticket.started)
            ticket.post(END)


def _leaving() -> Refused:
    return Refused(503, "The engine is shutting down.", "shutting_down", retry_after=5)
