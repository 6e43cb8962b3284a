"""The assistant's page in use: answers a day, what is asked, what had no answer, at a cost that does not grow."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from endpoints import metering
from endpoints.models import ApiKey, Conversation, Feedback, Message, Usage

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def talk(endpoint, *turns, channel="page"):
    """A conversation of (question, answer, state)."""
    row = Conversation.objects.create(endpoint=endpoint, channel=channel)
    for question, answer, state in turns:
        Message.objects.create(conversation=row, role="user", text=question)
        Message.objects.create(conversation=row, role="assistant", text=answer, state=state)
    return row


def shown(client, endpoint):
    return client.get(f"/endpoints/{endpoint.pk}/questions/")


def test_it_draws_the_answers_of_each_day(endpoint, owner, as_):
    today = timezone.now().date()
    Usage.objects.create(endpoint=endpoint, day=today, requests=9, answers=8, unsure=2)
    Usage.objects.create(endpoint=endpoint, day=today - timedelta(days=3), requests=4, answers=4)
    Usage.objects.create(endpoint=endpoint, day=today - timedelta(days=90), requests=70, answers=70)
    use = as_(owner).get(f"/endpoints/{endpoint.pk}/").context["usage"]
    assert (use.answers, use.unsure, use.chart.top) == (12, 2, 8)
    assert [(bar.answers, bar.unsure, bar.height) for bar in use.chart.bars] == [
        (4, 0, 60.0),
        (8, 2, 120.0),
    ]


def test_it_draws_nothing_of_nothing(endpoint, owner, as_):
    page = as_(owner).get(f"/endpoints/{endpoint.pk}/")
    assert not page.context["usage"].chart
    assert "Not used yet" in page.content.decode()


def test_it_counts_answers_texts_and_doubts(endpoint):
    metering.record(endpoint.pk, None, metering.Used(5, 7))
    metering.record(endpoint.pk, None, metering.Used(answers=100, unsure=13))
    row = Usage.objects.get()
    assert (row.requests, row.answers, row.unsure, row.prompt_tokens) == (2, 101, 13, 5)


def test_it_says_when_it_was_last_used(endpoint, owner, as_):
    talk(endpoint, ("Where is my parcel?", "On its way.", "done"))
    assert "Last used just now" in as_(owner).get(f"/endpoints/{endpoint.pk}/").content.decode()
    Conversation.objects.update(updated=timezone.now() - timedelta(hours=2))
    assert "Last used 2 hours ago" in as_(owner).get(f"/endpoints/{endpoint.pk}/").content.decode()


def test_a_keys_last_use_is_no_older_than_the_page_says(endpoint, owner, as_):
    key, _secret = ApiKey.issue(endpoint.project.team, "shop", endpoint)
    metering.used_now(key)
    key.refresh_from_db()
    assert "just now" in as_(owner).get(f"/endpoints/{endpoint.pk}/").content.decode()
    ApiKey.objects.update(last_used=timezone.now() - metering.FRESH)
    key.refresh_from_db()
    metering.used_now(key)
    key.refresh_from_db()
    assert timezone.now() - key.last_used < timedelta(seconds=5)


def test_it_shows_what_is_asked_most_in_the_words_of_people(endpoint, owner, as_):
    for text in ("Where is my parcel?", "where is my parcel", "Where is my parcel!", "Do you ship abroad?", "Hello"):
        talk(endpoint, (text, "So.", "done"))
    talk(endpoint, ("hello", "Hello.", "done"))
    most = shown(as_(owner), endpoint).context["lately"].most_asked
    assert [(one.text.lower()[:14], one.times) for one in most] == [("where is my pa", 3)]


def test_an_unanswered_question_is_answered_where_it_stands(endpoint, owner, as_):
    client = as_(owner)
    for _ in range(2):
        talk(endpoint, ("Hi there", "Hello.", "done"), ("Do you repair teapots?", "I am not sure.", "unsure"))
    page = shown(client, endpoint)
    ((question, message),) = page.context["unanswered"]
    assert (question.text, question.unanswered) == ("Do you repair teapots?", 2)
    body = page.content.decode()
    assert f'action="/messages/{message.pk}/correct/"' in body
    here = f"/endpoints/{endpoint.pk}/#questions"
    done = client.post(f"/messages/{message.pk}/correct/", {"correction": "Yes, in Leeds.", "next": here})
    assert (done.status_code, done["Location"]) == (302, here)
    assert Feedback.objects.get().correction == "Yes, in Leeds."
    assert shown(client, endpoint).context["unanswered"] == []


def test_a_correction_leads_to_no_foreign_page(endpoint, owner, as_):
    row = talk(endpoint, ("Do you repair teapots?", "I am not sure.", "unsure"))
    answer = row.messages.last()
    for away in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        done = as_(owner).post(f"/messages/{answer.pk}/correct/", {"correction": "Yes.", "next": away})
        assert done["Location"] == f"/conversations/{row.pk}/"


def test_an_answer_written_again_counts_once(endpoint, owner, as_):
    row = talk(endpoint, ("Do you repair teapots?", "I am not sure.", "unsure"))
    old = row.messages.last()
    Message.objects.create(conversation=row, role="assistant", text="Yes.", state="done", replaces=old)
    assert shown(as_(owner), endpoint).context["unanswered"] == []


def test_a_viewer_reads_the_questions_and_is_offered_no_form(endpoint, viewer, as_):
    talk(endpoint, ("Do you repair teapots?", "I am not sure.", "unsure"))
    body = shown(as_(viewer), endpoint).content.decode()
    assert "Do you repair teapots?" in body
    assert "<form" not in body


@pytest.mark.slow
def test_it_costs_the_same_with_many_conversations(endpoint, owner, as_):
    """20,000 conversations of two exchanges: as many queries as with ten, and no list of all of them."""
    client = as_(owner)
    for place in range(10):
        talk(endpoint, (f"Do you repair teapot {place}?", "I am not sure.", "unsure"))
    few = queries(client, endpoint)
    now = timezone.now()
    talks = Conversation.objects.bulk_create(
        [Conversation(id=uuid.uuid4(), endpoint=endpoint) for _ in range(20_000)], batch_size=2000
    )
    turns = []
    for place, row in enumerate(talks):
        turns += [
            Message(conversation=row, role="user", text=f"Question {place % 400}", created=now),
            Message(conversation=row, role="assistant", text="I am not sure.", state="unsure", created=now),
        ]
    Message.objects.bulk_create(turns, batch_size=2000)
    started = time.perf_counter()
    many = queries(client, endpoint)
    seconds = time.perf_counter() - started
    assert {address: len(found) for address, found in many.items()} == {
        address: len(found) + (3 if "questions" in address else 0) for address, found in few.items()
    }  # the newest thousand are read in four pieces
    assert seconds < 3
    read = [sql for found in many.values() for sql in found if "endpoints_message" in sql and "COUNT" not in sql]
    assert read, "the questions are read from messages"
    assert all("LIMIT" in sql or " IN (" in sql for sql in read)


def queries(client, endpoint):
    found = {}
    for address in (
        f"/endpoints/{endpoint.pk}/",
        f"/endpoints/{endpoint.pk}/questions/",
        f"/projects/{endpoint.project_id}/endpoints/panel/",
    ):
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(address).status_code == 200
        found[address] = [one["sql"] for one in captured.captured_queries]
    return found
