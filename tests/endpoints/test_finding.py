"""The Conversations page: people apart from programs, what became of the answers, words, days, pages, the download."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test import AsyncClient
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from endpoints import finding
from endpoints.models import Conversation, Feedback, Message

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def talk(endpoint, question, state="done", channel="page", **feedback):
    row = Conversation.objects.create(endpoint=endpoint, channel=channel)
    Message.objects.create(conversation=row, role="user", text=question)
    answer = Message.objects.create(conversation=row, role="assistant", text="So it is.", state=state)
    if feedback:
        Feedback.objects.create(message=answer, **feedback)
    return row


@pytest.fixture
def talks(endpoint):
    return {
        "fine": talk(endpoint, "Where is my parcel?"),
        "good": talk(endpoint, "Do you ship abroad?", rating=1),
        "wrong": talk(endpoint, "Is it red?", rating=-1),
        "suggested": talk(endpoint, "Is it blue?", rating=-1, suggestion="It is green."),
        "corrected": talk(endpoint, "Do you repair teapots?", state="unsure", rating=-1, correction="Yes."),
        "unsure": talk(endpoint, "Do you rent teapots?", state="unsure", channel="widget"),
        "failed": talk(endpoint, "Do you lend teapots?", state="failed"),
        "program": talk(endpoint, "Any teapots?", state="unsure", channel="api"),
        "ours": talk(endpoint, "Trying it out", channel="try"),
    }


def names(client, talks, **query):
    page = client.get("/conversations/", query)
    assert page.status_code == 200
    known = {row.pk: name for name, row in talks.items()}
    return {known[one.pk] for one in page.context["talks"]}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {"fine", "good", "wrong", "suggested", "corrected", "unsure", "failed"}),
        ({"who": "programs"}, {"program"}),
        ({"who": "programs", "show": "unanswered"}, {"program"}),
        ({"show": "unanswered"}, {"unsure", "failed"}),
        ({"show": "wrong"}, {"wrong", "suggested", "corrected"}),
        ({"show": "suggested"}, {"suggested"}),
        ({"show": "corrected"}, {"corrected"}),
        ({"show": "good"}, {"good"}),
        ({"channel": "widget"}, {"unsure"}),
        ({"q": "TEAPOTS"}, {"corrected", "unsure", "failed"}),
        ({"q": "teapots", "show": "unanswered", "channel": "page"}, {"failed"}),
        ({"since": "2999-01-01"}, set()),
        ({"until": "2999-01-01", "q": "parcel"}, {"fine"}),
        ({"since": "yesterday", "endpoint": "x" * 90, "show": "?", "who": "?", "channel": "api", "page": "z"}, None),
    ],
)
def test_it_finds_conversations(talks, owner, as_, query, expected):
    everything = {"fine", "good", "wrong", "suggested", "corrected", "unsure", "failed"}
    assert names(as_(owner), talks, **query) == (everything if expected is None else expected)


def test_an_answer_written_again_was_answered(endpoint, owner, as_):
    row = talk(endpoint, "Do you repair teapots?", state="unsure")
    Message.objects.create(conversation=row, role="assistant", text="Yes.", state="done", replaces=row.messages.last())
    assert names(as_(owner), {"again": row}, show="unanswered") == set()


def test_every_filter_that_is_offered_leads_somewhere_and_says_which_it_is(talks, owner, as_):
    client = as_(owner)
    page = client.get("/conversations/?who=programs")
    assert page.content.decode().count('aria-current="page">Programs') == 1
    for _name, title, address in client.get("/conversations/").context["shows"]:
        body = client.get(f"/conversations/?{address}").content.decode()
        assert f'aria-current="true">{title}<' in body


def test_it_says_what_an_empty_list_means(endpoint, owner, as_):
    client = as_(owner)
    assert "No conversation yet" in client.get("/conversations/").content.decode()
    assert "No program has asked yet" in client.get("/conversations/?who=programs").content.decode()
    talk(endpoint, "Where is my parcel?")
    assert "Every question had an answer" in client.get("/conversations/?show=unanswered").content.decode()
    assert "Nothing fits these filters" in client.get("/conversations/?q=zebra").content.decode()


def test_it_hides_conversations_of_other_teams(talks, stranger, as_):
    assert names(as_(stranger), talks) == set()
    assert names(as_(stranger), talks, endpoint=str(talks["fine"].endpoint_id)) == set()


def test_it_leads_from_one_conversation_to_the_next_of_the_same_list(talks, owner, as_):
    client = as_(owner)
    page = client.get(f"/conversations/{talks['failed'].pk}/?show=unanswered")
    assert (page.context["newer"], page.context["older"]) == (None, talks["unsure"])
    assert f'href="/conversations/{talks["unsure"].pk}/?show=unanswered"' in page.content.decode()


def test_a_correction_comes_back_to_the_same_list(talks, owner, as_):
    answer = talks["unsure"].messages.last()
    address = f"/conversations/{talks['unsure'].pk}/?show=unanswered"
    client = as_(owner)
    assert f'name="next" value="{address}#message-{answer.pk}"' in client.get(address).content.decode()
    done = client.post(f"/messages/{answer.pk}/correct/", {"correction": "No.", "next": address})
    assert done["Location"] == address
    assert names(client, talks, show="unanswered") == {"failed"}


def test_a_viewer_sees_and_is_offered_no_correction(talks, viewer, as_):
    client = as_(viewer)
    assert names(client, talks, show="corrected") == {"corrected"}
    body = client.get(f"/conversations/{talks['corrected'].pk}/").content.decode()
    assert "Yes." in body
    assert 'method="post" action="/messages/' not in body
    assert 'action="/conversations/' not in body


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("query", "expected"), [("show=unanswered", 2), ("who=programs", 1), ("q=abroad", 1), ("", 7)])
async def test_the_download_has_what_the_list_has(talks, owner, as_, query, expected):
    client = AsyncClient()
    client.cookies = (await sync_to_async(as_)(owner)).cookies
    response = await client.get(f"/conversations/download/?{query}")
    text = "".join([part.decode() async for part in response.streaming_content])
    assert len(list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))) == expected


def test_it_turns_pages_and_costs_the_same_on_each(endpoint, owner, as_, monkeypatch):
    monkeypatch.setattr(finding, "MOST", 150)
    now = timezone.now()
    rows = Conversation.objects.bulk_create(
        [Conversation(id=uuid.uuid4(), endpoint=endpoint, updated=now) for _ in range(200)]
    )
    Message.objects.bulk_create([Message(conversation=row, role="user", text="Where is it?") for row in rows])
    for place, row in enumerate(rows):
        Conversation.objects.filter(pk=row.pk).update(updated=now - timedelta(minutes=place))
    client = as_(owner)
    client.get("/conversations/")
    seen, counts = [], set()
    for number in range(1, 5):
        with CaptureQueriesContext(connection) as queries:
            page = client.get(f"/conversations/?page={number}")
        counts.add(len(queries))
        seen += [one.pk for one in page.context["talks"]]
    assert seen == [row.pk for row in rows[:150]]
    assert len(counts) == 1
    assert "These are the newest 150" in page.content.decode()
