"""What an answer used, where no model wrote it; and that what is stored of it stands by itself."""

from __future__ import annotations

import csv
import io

import httpx2 as httpx
import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient
from django.urls import reverse

from endpoints import publishing, tokens
from endpoints.models import Endpoint, Message
from tests import tiny
from tests.endpoints.conftest import PAIRS
from tests.endpoints.labels import *  # noqa: F403  (fixtures)
from tests.endpoints.things import recommender as recommender

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def secret(endpoint, owner):
    return publishing.issue_key(endpoint, owner, "tests")[1]


@pytest.fixture
def models(settings, tmp_path):
    """The base model's tokenizer where the web process finds it: every byte of a text is a token."""
    settings.MODELS_ROOT = tmp_path / "models"
    tiny.chat_model(settings.MODELS_ROOT / "tiny")
    tokens._tokenizer.cache_clear()
    yield settings.MODELS_ROOT
    tokens._tokenizer.cache_clear()


def ask(server, endpoint, secret, said):
    body = {"model": endpoint.slug, "messages": [{"role": "user", "content": said}]}
    headers = {"Authorization": f"Bearer {secret}"}
    return httpx.post(f"{server.url}/v1/chat/completions", json=body, headers=headers, timeout=30).json()


def test_it_counts_what_was_asked_when_it_hands_over_a_known_answer(models, server, endpoint, secret):
    question, answer = PAIRS[0]
    used = ask(server, endpoint, secret, question)["usage"]
    assert (used["prompt_tokens"], used["completion_tokens"]) == (len(question), len(answer))
    kept = Message.objects.get(role="assistant")
    assert (kept.prompt_tokens, kept.completion_tokens) == (len(question), len(answer))


def test_it_counts_bytes_of_chinese_and_broken_letters(models, server, endpoint, secret):
    said = ask(server, endpoint, secret, "你好")
    assert said["usage"]["prompt_tokens"] == 6
    assert said["usage"]["completion_tokens"] == len(said["choices"][0]["message"]["content"].encode())
    assert async_to_sync(tokens.count)("tiny", ["half a letter \ud800"]) == 15


def test_it_counts_when_it_is_not_sure(models, server, endpoint, secret):
    Endpoint.objects.update(threshold=1.0)
    said = ask(server, endpoint, secret, "Can I return it opened?")
    assert said["usage"]["prompt_tokens"] == len("Can I return it opened?")
    assert said["usage"]["completion_tokens"] == len(said["choices"][0]["message"]["content"].encode())


def test_it_estimates_where_the_models_lie_on_another_machine(settings, tmp_path, server, endpoint, secret):
    settings.MODELS_ROOT = tmp_path / "nothing"
    assert ask(server, endpoint, secret, PAIRS[0][0])["usage"]["prompt_tokens"] > 3


def test_it_counts_what_a_classifier_read_by_the_models_own_tokenizer(models, server, classifier, owner):
    headers = {"Authorization": f"Bearer {publishing.issue_key(classifier, owner, 'tests')[1]}"}
    texts = ["I love it", "很好"]
    body = {"model": classifier.slug, "input": texts}
    used = httpx.post(f"{server.url}/v1/classify", json=body, headers=headers, timeout=30).json()["usage"]
    assert used == {"prompt_tokens": 9 + 6, "total_tokens": 9 + 6}
    body = {"model": classifier.slug, "messages": [{"role": "user", "content": texts[1]}]}
    said = httpx.post(f"{server.url}/v1/chat/completions", json=body, headers=headers, timeout=30).json()
    assert said["usage"]["prompt_tokens"] == 6
    assert said["usage"]["completion_tokens"] == len(said["choices"][0]["message"]["content"].encode())


def test_it_counts_what_a_recommender_was_asked(models, server, recommender, owner):
    headers = {"Authorization": f"Bearer {publishing.issue_key(recommender, owner, 'tests')[1]}"}
    body = {"model": recommender.slug, "messages": [{"role": "user", "content": "a cup for tea"}]}
    said = httpx.post(f"{server.url}/v1/chat/completions", json=body, headers=headers, timeout=30).json()
    assert said["usage"]["prompt_tokens"] == len("a cup for tea")
    assert said["usage"]["completion_tokens"] == len(said["choices"][0]["message"]["content"].encode())


def test_it_keeps_words_that_point_at_nothing_out_of_what_is_stored(endpoint, owner):
    from endpoints import chat

    async def said():
        knowing = await _knowing(endpoint)
        request = chat.Request(knowing, [{"role": "user", "content": "Can I return it opened?"}], threshold=1.0)
        events = [event async for event in chat.answer(request)]
        return "".join(event.text for event in events if isinstance(event, chat.Piece))

    text = async_to_sync(said)()
    assert "The closest question I know is" in text
    assert "below" not in text
    talk = endpoint.conversations.create(channel="widget")
    Message.objects.create(conversation=talk, role="user", text="Can I return it opened?")
    Message.objects.create(conversation=talk, role="assistant", text=text, state="unsure")
    assert async_to_sync(downloaded)(owner)["answer"] == text


async def downloaded(owner):
    """The one line of the conversations' file."""
    client = AsyncClient()
    await client.aforce_login(owner)
    response = await client.get(reverse("endpoints:download"))
    body = "".join([part.decode() async for part in response.streaming_content]).removeprefix("\ufeff")
    return next(csv.DictReader(io.StringIO(body)))


async def _knowing(endpoint):
    from asgiref.sync import sync_to_async

    from endpoints import chat

    return (await sync_to_async(chat.of_endpoint)(endpoint))[1]
