"""Fairness, patience and the place of those who leave."""

from __future__ import annotations

import asyncio
import threading

import pytest

from endpoints.engine.scheduler import Scheduler
from endpoints.engine.wire import Refused


class Work:
    """A task that notes its steps; the first waits until it may go on."""

    def __init__(self, name: str, order: list[str], steps: int = 1, hold: threading.Event | None = None) -> None:
        self.name, self.order, self.left, self.hold = name, order, steps, hold
        self.finished = False

    def step(self) -> str:
        if self.hold:
            self.hold.wait(10)
        self.order.append(self.name)
        self.left -= 1
        self.finished = self.left == 0
        return self.name


class Broken:
    finished = False

    def step(self) -> None:
        raise ZeroDivisionError


@pytest.fixture
def order():
    return []


@pytest.fixture
def hold():
    return threading.Event()


@pytest.fixture
def make():
    made = []

    def scheduler(**limits):
        made.append(Scheduler(**limits))
        return made[-1]

    yield scheduler
    for one in made:
        one.stop()


async def until(condition):
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


async def results(ticket):
    return [event async for event in ticket.results()]


async def test_it_takes_turns_between_clients(make, order, hold):
    scheduler = make(slots=1)
    scheduler.submit("first", Work("first", order, hold=hold))
    await until(lambda: scheduler.running == 1)
    tickets = [scheduler.submit(who, Work(who, order)) for who in ("a", "a", "a", "b", "c")]
    hold.set()
    await asyncio.gather(*map(results, tickets))
    assert order == ["first", "a", "b", "c", "a", "a"]


async def test_it_gives_everybody_who_runs_a_step_in_turn(make, order, hold):
    scheduler = make(slots=2)
    tickets = [scheduler.submit(who, Work(who, order, steps=3, hold=hold)) for who in ("a", "b")]
    await until(lambda: scheduler.running == 2 or order)
    hold.set()
    assert await asyncio.gather(*map(results, tickets)) == [["a"] * 3, ["b"] * 3]
    assert order[-2:] != ["a", "a"]
    await until(lambda: scheduler.running == 0)


async def test_it_gives_a_free_place_to_the_client_that_has_fewest(make, order, hold):
    scheduler = make(slots=2)
    long = [scheduler.submit("many", Work("many", order, steps=2, hold=hold)) for _ in range(5)]
    await until(lambda: scheduler.running)
    one = scheduler.submit("one", Work("one", order))
    hold.set()
    await asyncio.gather(*map(results, [*long, one]))
    assert order.index("one") < 6


async def test_it_tells_the_next_one_to_come_back_when_too_many_wait(make, order, hold):
    scheduler = make(slots=1, queue=2)
    scheduler.submit("a", Work("a", order, hold=hold))
    await until(lambda: scheduler.running == 1)
    tickets = [scheduler.submit("a", Work("a", order)) for _ in range(2)]
    with pytest.raises(Refused) as refused:
        scheduler.submit("b", Work("b", order))
    assert refused.value.status == 429
    assert refused.value.retry_after > 0
    hold.set()
    await asyncio.gather(*map(results, tickets))


async def test_it_keeps_room_for_others_beside_one_client(make, order, hold):
    scheduler = make(slots=1, queue=10, per_client=2)
    scheduler.submit("a", Work("a", order, hold=hold))
    await until(lambda: scheduler.running == 1)
    for _ in range(2):
        scheduler.submit("a", Work("a", order))
    with pytest.raises(Refused):
        scheduler.submit("a", Work("a", order))
    scheduler.submit("b", Work("b", order))
    hold.set()


async def test_it_frees_the_place_of_one_who_left(make, order, hold):
    scheduler = make(slots=1)
    first = scheduler.submit("a", Work("a", order, steps=10_000_000))
    waiting = scheduler.submit("b", Work("b", order))
    third = scheduler.submit("c", Work("c", order))
    await until(lambda: order)
    scheduler.close(waiting)
    assert scheduler.waiting == 1
    scheduler.close(first)
    assert await results(third) == ["c"]
    assert "b" not in order


async def test_it_tells_of_a_failure_and_goes_on(make, order):
    scheduler = make(slots=1)
    with pytest.raises(Refused) as refused:
        await results(scheduler.submit("a", Broken()))
    assert refused.value.status == 500
    assert await scheduler.run(lambda: 7) == 7


async def test_it_shows_signs_of_life_while_one_waits(make, order, hold):
    scheduler = make(slots=1)
    events = scheduler.submit("a", Work("a", order, hold=hold)).results(ping=0.01)
    assert await anext(events) is None
    hold.set()
    assert "a" in [event async for event in events]


async def test_it_tells_everybody_when_it_leaves(make, order, hold):
    scheduler = make(slots=1)
    tickets = [scheduler.submit("a", Work("a", order, steps=10_000_000)) for _ in range(2)]
    await asyncio.to_thread(scheduler.stop)
    for ticket in tickets:
        with pytest.raises(Refused, match="shutting down"):
            await results(ticket)
    with pytest.raises(Refused):
        scheduler.submit("b", Work("b", order))
