"""Fairness, patience and the place of those who leave."""

from __future__ import annotations

import asyncio

import pytest

from endpoints.engine.scheduler import Scheduler
from endpoints.engine.wire import Refused


async def served(scheduler: Scheduler, client: str, order: list[str], hold: asyncio.Event | None = None) -> None:
    async with scheduler.place(client):
        order.append(client)
        if hold:
            await hold.wait()


async def started(*work):
    tasks = [asyncio.ensure_future(one) for one in work]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_it_takes_turns_between_clients():
    scheduler, order, hold = Scheduler(), [], asyncio.Event()
    tasks = await started(served(scheduler, "first", order, hold))
    tasks += await started(*[served(scheduler, who, order) for who in ("a", "a", "a", "b", "c")])
    hold.set()
    await asyncio.gather(*tasks)
    assert order == ["first", "a", "b", "c", "a", "a"]
    assert not scheduler.busy


async def test_it_tells_the_next_one_to_come_back_when_too_many_wait():
    scheduler, order, hold = Scheduler(longest=2), [], asyncio.Event()
    tasks = await started(*[served(scheduler, "a", order, hold) for _ in range(3)])
    with pytest.raises(Refused) as refused:
        await served(scheduler, "b", order)
    assert refused.value.status == 429
    assert refused.value.retry_after > 0
    hold.set()
    await asyncio.gather(*tasks)


async def test_it_gives_the_place_of_one_who_left_to_the_next():
    scheduler, order, hold = Scheduler(), [], asyncio.Event()
    first, second, third = await started(*[served(scheduler, who, order, hold) for who in ("a", "b", "c")])
    second.cancel()
    hold.set()
    await asyncio.gather(first, third)
    assert order == ["a", "c"]
    assert scheduler.waiting == 0
    assert not scheduler.busy


async def test_it_passes_a_place_on_that_was_given_to_one_who_left_at_that_moment():
    scheduler, order, hold = Scheduler(), [], asyncio.Event()
    first, second, third = await started(
        served(scheduler, "a", order, hold), served(scheduler, "b", order), served(scheduler, "c", order)
    )
    hold.set()
    await first
    second.cancel()
    await asyncio.gather(second, third, return_exceptions=True)
    assert "c" in order
    assert not scheduler.busy
