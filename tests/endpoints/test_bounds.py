"""What strangers can store has an end, and each of them hears a sentence when it is reached."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from endpoints import consumers, conversations, throttle
from endpoints.models import Conversation, Feedback, Message
from projects import space
from tests.endpoints.test_consumers import Browser

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    """Neither the minute nor the day ends in the middle of a test."""
    now = time.time() // throttle.DAY * throttle.DAY + 43_230
    monkeypatch.setattr(throttle, "time", SimpleNamespace(time=lambda: now))


async def test_one_network_sends_only_so_much_in_a_day(endpoint, monkeypatch):
    monkeypatch.setattr(consumers, "A_DAY", 1)
    endpoint.messages_a_minute = 3
    await endpoint.asave()
    for _visitor in range(3):  # each with a token of its own, which costs nothing
        browser = Browser(endpoint)
        await browser.open()
        await browser.ask()
        await browser.until("done")
    browser = Browser(endpoint)
    await browser.open()
    await browser.ask("One too many")
    assert "tomorrow" in (await browser.until("error"))["sentence"]
    assert await Message.objects.filter(role="user").acount() == 3
    assert await Conversation.objects.acount() == 3


async def test_nothing_is_stored_for_strangers_when_the_disk_is_nearly_full(endpoint, monkeypatch):
    monkeypatch.setattr(space, "KEPT", 2**60)
    monkeypatch.setattr(space, "_seen", (-space.EVERY, True))
    browser = Browser(endpoint)
    await browser.open()
    await browser.ask()
    assert "nearly full" in (await browser.until("error"))["sentence"]
    assert await Conversation.objects.acount() == 0
    monkeypatch.setattr(space, "KEPT", 0)
    monkeypatch.setattr(space, "_seen", (-space.EVERY, True))
    await browser.ask()
    await browser.until("done")
    monkeypatch.undo()


async def test_a_conversation_has_an_end(endpoint, monkeypatch):
    monkeypatch.setattr(conversations, "MOST_MESSAGES", 4)
    browser = Browser(endpoint)
    await browser.open()
    for _ in range(2):
        await browser.ask()
        done = await browser.until("done")
    await browser.ask()
    assert "start a new one" in (await browser.until("error"))["sentence"]
    await browser.say(type="retry", message=done["id"])
    assert "start a new one" in (await browser.until("error"))["sentence"]
    assert await Message.objects.acount() == 4
    await browser.say(type="new")
    await browser.until("welcome")
    await browser.ask()
    await browser.until("done")


async def test_a_flood_of_ratings_stays_one_row(endpoint):
    browser = Browser(endpoint)
    await browser.open()
    await browser.ask()
    done = await browser.until("done")
    for n in range(20):
        await browser.say(type="feedback", message=done["id"], rating="down", correction=f"{n}" * 9_000)
        await browser.until("feedback")
    row = await Feedback.objects.aget()
    assert len(row.suggestion) <= conversations.LONGEST_CORRECTION
    assert row.correction == ""


async def test_a_socket_that_asks_for_its_history_again_and_again_is_closed(endpoint):
    browser = Browser(endpoint)
    await browser.open()
    for _ in range(consumers.HELLOS):
        await browser.say(type="hello", conversation=None, token=None)
    codes = [frame.get("code") for frame in [await browser.next() for _ in range(consumers.HELLOS)]]
    assert codes[-1] == 4429


@pytest.mark.parametrize("message", [2**63, -(2**63) - 1, 10**40, 1.5e308, True, None, [], {}, "1", "x" * 5000])
async def test_no_number_of_a_message_breaks_a_frame(endpoint, message, caplog):
    browser = Browser(endpoint)
    await browser.open()
    await browser.ask()
    await browser.until("done")
    for kind in ("retry", "feedback", "stop", "resume"):
        await browser.say(
            type=kind, message=message, rating="down", correction=message, conversation=message, token=message
        )
    await browser.say(type="ping")
    await browser.until("pong")
    assert "Traceback" not in caplog.text
