"""The machine's clock is set: nobody is kept out by it, and no limit falls for it."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.studio.test_sign_in import guess, sign_in

HOUR = 3600.0
pytestmark = [pytest.mark.django_db, pytest.mark.database]
real_time = time.time


@pytest.fixture
def clock(monkeypatch):
    """Moves the clock by so many seconds."""

    def move(by: float) -> None:
        monkeypatch.setattr(time, "time", lambda: real_time() + by)

    return move


def test_whoever_guessed_wrongly_waits_no_longer_when_it_goes_back(client, owner, clock):
    assert "Too many attempts" in guess(client, 6).content.decode()
    clock(-HOUR)
    answer = sign_in(client, REMOTE_ADDR="192.0.2.7")
    assert answer.status_code == 302, answer.content.decode()[:2000]


def test_guesses_are_counted_after_it_went_back(client, owner, clock):
    guess(client, 5)
    clock(-HOUR)
    said = [guess(client, 1).content.decode() for _ in range(4)]
    assert "Too many attempts" in said[-1]


def test_guesses_are_counted_after_it_went_forward(client, owner, clock):
    guess(client, 5)
    clock(HOUR)
    assert "Too many attempts" in guess(client, 6).content.decode()


@pytest.mark.parametrize("by", [-HOUR, HOUR])
async def test_a_limit_of_a_minute_is_one_of_a_minute(by, clock):
    from endpoints import throttle

    for _ in range(3):
        await throttle.take("visitor", 3)
    clock(by)
    used = [(await throttle.take("visitor", 3)).used for _ in range(4)]
    assert used[-1] >= 4
    assert (await throttle.take("visitor", 3)).reset <= 60


@pytest.mark.parametrize("by", [-HOUR, HOUR])
def test_who_is_signed_in_stays_so(client, owner, clock, by):
    sign_in(client)
    clock(by)
    assert client.get("/").status_code == 200


def test_an_answer_with_a_sign_from_the_future_is_over(project):
    from endpoints import conversations
    from endpoints.models import Conversation, Endpoint, Message

    end = Endpoint.objects.create(project=project, slug="kettle", name="Kettle")
    talk = Conversation.objects.create(endpoint=end)
    for beat in (timezone.now() + timedelta(hours=1), timezone.now() - timedelta(hours=1), timezone.now()):
        Message.objects.create(conversation=talk, role="assistant", state="streaming", beat=beat)
    assert conversations.sweep() == 2
    assert sorted(talk.messages.values_list("state", flat=True)) == ["failed", "failed", "streaming"]
