"""Texts that a PostgreSQL cannot keep are kept without what it cannot, and no page fails."""

from __future__ import annotations

import pytest
from django.db import connection

from endpoints.models import ApiKey, Conversation, Endpoint
from projects.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.database]
TEXTS = {"\0": "", "a\0b\0": "ab", "plain": "plain", "it's \\ % {0}": "it's \\ % {0}", "\\u0000": "\\u0000"}


@pytest.fixture
def endpoint(project):
    return Endpoint.objects.create(project=project, slug="kettle", name="Kettle", visibility="team")


def kept(text: str) -> str:
    return TEXTS[text] if connection.vendor == "postgresql" else text


@pytest.mark.parametrize("text", TEXTS)
def test_it_keeps_a_text(endpoint, text):
    Endpoint.objects.filter(pk=endpoint.pk).update(name=text)
    endpoint.refresh_from_db()
    assert endpoint.name == kept(text)
    assert Endpoint.objects.filter(name=text).exists()


@pytest.mark.parametrize("text", TEXTS)
def test_it_keeps_it_inside_json(project, text):
    entry = AuditEvent.objects.create(
        team=project.team, action="project.created", facts={"name": text, "deep": [{"x": text}]}
    )
    entry.refresh_from_db()
    assert entry.facts == {"name": kept(text), "deep": [{"x": kept(text)}]}


def test_it_gives_a_key_whatever_its_name(endpoint, owner, as_):
    reply = as_(owner).post(f"/endpoints/{endpoint.pk}/keys/", {"name": "shop\0"})
    assert reply.status_code < 400
    assert ApiKey.objects.get(endpoint=endpoint).name == kept_or("shop\0", "shop")


def kept_or(as_it_is: str, without: str) -> str:
    return without if connection.vendor == "postgresql" else as_it_is


def test_it_finds_nothing_by_a_nul_alone(endpoint, owner, as_):
    Conversation.objects.create(endpoint=endpoint)
    assert as_(owner).get("/conversations/?q=%00").status_code == 200
