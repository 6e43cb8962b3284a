"""The HTTP interface, asked by OpenAI's own client through a real server."""

from __future__ import annotations

import json
import time

import httpx2 as httpx
import openai
import pytest

from endpoints import publishing
from endpoints.models import ApiKey, Conversation, Message, Usage
from tests.endpoints.conftest import ALL

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
QUESTION = [{"role": "user", "content": "Tell me a story"}]


@pytest.fixture
def secret(endpoint, owner):
    return publishing.issue_key(endpoint, owner, "tests")[1]


@pytest.fixture
def client(server, secret):
    return openai.OpenAI(base_url=f"{server.url}/v1", api_key=secret, max_retries=0)


def test_it_answers_openais_client(client, endpoint):
    answer = client.chat.completions.create(model=endpoint.slug, messages=QUESTION)
    assert answer.choices[0].message.content == ALL
    assert answer.choices[0].finish_reason == "stop"
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (11, 10, 21)
    assert answer.model == endpoint.slug
    kept = Message.objects.get(role="assistant")
    assert (kept.text, kept.state, kept.conversation.channel) == (ALL, "done", "api")


def test_it_streams_to_openais_client(client, endpoint):
    options = {"include_usage": True}
    chunks = list(
        client.chat.completions.create(model=endpoint.slug, messages=QUESTION, stream=True, stream_options=options)
    )
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == ALL
    assert len({chunk.id for chunk in chunks}) == 1
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage.total_tokens == 21
    usage = Usage.objects.get()
    assert (usage.requests, usage.prompt_tokens, usage.completion_tokens) == (1, 11, 10)


def test_it_lists_the_assistants_a_key_opens(client, endpoint, model, owner, stranger):
    other = publishing.publish(model, owner, name="Second")
    assert [one.id for one in client.models.list()] == [endpoint.slug]  # the key is for one endpoint
    assert client.models.retrieve(endpoint.slug).id == endpoint.slug
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve(other.slug)


def test_it_goes_on_with_the_conversation_that_a_program_brings(client, endpoint):
    client.chat.completions.create(model=endpoint.slug, messages=QUESTION)
    more = [*QUESTION, {"role": "assistant", "content": ALL}, {"role": "user", "content": "And then?"}]
    client.chat.completions.create(model=endpoint.slug, messages=more)
    assert Conversation.objects.count() == 1
    assert Message.objects.count() == 4


def turn(client, endpoint, asked, earlier, **who):
    """One more question of a customer, whose program brings the conversation with it."""
    messages = [*earlier, {"role": "user", "content": asked}]
    answer = client.chat.completions.create(model=endpoint.slug, messages=messages, **who)
    return [*messages, {"role": "assistant", "content": answer.choices[0].message.content}]


def whole_conversations() -> list[list[str]]:
    rows = Conversation.objects.order_by("created")
    return [list(row.messages.filter(role="user").order_by("pk").values_list("text", flat=True)) for row in rows]


WHOSE = [
    ({"user": "ann"}, {"user": "bob"}),
    ({"safety_identifier": "ann"}, {"safety_identifier": "bob"}),
    ({"metadata": {"conversation_id": "1"}}, {"metadata": {"conversation_id": "2"}}),
]


@pytest.mark.parametrize(("ann", "bob"), WHOSE)
def test_it_keeps_two_customers_of_one_key_apart(client, endpoint, ann, bob):
    hers = turn(client, endpoint, "Tell me a story", [], **ann)
    his = turn(client, endpoint, "Tell me a story", [], **bob)
    turn(client, endpoint, "I am Ann", hers, **ann)
    turn(client, endpoint, "I am Bob", his, **bob)
    assert whole_conversations() == [["Tell me a story", "I am Ann"], ["Tell me a story", "I am Bob"]]


def test_it_never_guesses_whose_conversation_goes_on(client, endpoint):
    hers = turn(client, endpoint, "Tell me a story", [])
    his = turn(client, endpoint, "Tell me a story", [])
    hers = turn(client, endpoint, "I am Ann", hers)
    turn(client, endpoint, "I am Bob", his)
    turn(client, endpoint, "Ann again", hers)
    assert not [said for said in whole_conversations() if {"I am Ann", "I am Bob"} <= set(said)]
    assert ["I am Ann", "Ann again"] in whole_conversations()


@pytest.mark.parametrize("key", ["sk-at-wrong", "", "pk_wrong"])
def test_it_refuses_wrong_keys_as_openai_does(server, endpoint, key):
    client = openai.OpenAI(base_url=f"{server.url}/v1", api_key=key or "-", max_retries=0)
    with pytest.raises(openai.AuthenticationError) as caught:
        client.chat.completions.create(model=endpoint.slug, messages=QUESTION)
    assert caught.value.code == "invalid_api_key"
    assert caught.value.request_id.startswith("req_")
    assert httpx.get(f"{server.url}/v1/models").status_code == 401


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ('{"model": "\\ud800", "messages": [{"role": "user", "content": "hi"}]}', 404, "model_not_found"),
        ('{"model": ', 400, "invalid_body"),
        ('{"model": "x", "temperature": NaN, "messages": []}', 400, "invalid_body"),
        ("[]", 400, "invalid_value"),
    ],
)
def test_it_answers_a_broken_body_with_an_error_object(server, secret, body, status, code):
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    answer = httpx.post(f"{server.url}/v1/chat/completions", content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.headers["x-request-id"].startswith("req_")


def test_it_answers_a_question_with_half_a_character(server, endpoint, secret):
    body = '{"model": "%s", "messages": [{"role": "user", "content": "hi \\ud800"}]}' % endpoint.slug  # noqa: UP031
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    assert httpx.post(f"{server.url}/v1/chat/completions", content=body, headers=headers).status_code == 200


def test_it_refuses_revoked_and_expired_keys(client, endpoint, owner, secret):
    key = ApiKey.objects.get()
    publishing.revoke(key, owner)
    with pytest.raises(openai.AuthenticationError):
        client.models.list()


def test_it_says_which_assistants_there_are_not(client, endpoint, owner):
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="nobody", messages=QUESTION)
    assert caught.value.code == "model_not_found"
    publishing.unpublish(endpoint, owner)
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model=endpoint.slug, messages=QUESTION)


def test_it_does_not_open_another_teams_assistant(server, endpoint, stranger, model):
    from projects.models import Team

    _key, secret = ApiKey.issue(Team.objects.get(name="Elsewhere"), "theirs")
    client = openai.OpenAI(base_url=f"{server.url}/v1", api_key=secret, max_retries=0)
    assert list(client.models.list()) == []
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model=endpoint.slug, messages=QUESTION)


def test_it_limits_requests_and_says_so_in_the_headers(client, endpoint):
    endpoint.requests_a_minute = 2
    endpoint.save()
    raw = client.chat.completions.with_raw_response.create(model=endpoint.slug, messages=QUESTION)
    assert raw.headers["x-ratelimit-limit-requests"] == "2"
    assert raw.headers["x-ratelimit-remaining-requests"] == "1"
    assert raw.headers["x-request-id"].startswith("req_")
    assert int(raw.headers["openai-processing-ms"]) >= 0
    client.chat.completions.create(model=endpoint.slug, messages=QUESTION)
    with pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(model=endpoint.slug, messages=QUESTION)
    assert caught.value.code == "rate_limit_exceeded"
    assert 0 < int(caught.value.response.headers["retry-after"]) <= 60


@pytest.mark.parametrize(
    "body",
    [
        {"messages": []},
        {"messages": [{"role": "assistant", "content": "Hi"}]},
        {"messages": [{"role": "user", "content": " "}]},
        {"messages": QUESTION, "temperature": 9},
        {"messages": "text"},
    ],
)
def test_it_explains_bad_requests(server, endpoint, secret, body):
    headers = {"Authorization": f"Bearer {secret}"}
    response = httpx.post(f"{server.url}/v1/chat/completions", json={"model": endpoint.slug} | body, headers=headers)
    assert response.status_code == 400
    assert response.json()["error"]["message"]
    assert response.json()["error"]["type"] == "invalid_request_error"


def test_it_says_busy_and_down_with_a_status_even_when_streaming(client, endpoint, peer):
    peer.mood = "busy"
    with pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(model=endpoint.slug, messages=QUESTION, stream=True)
    assert caught.value.response.headers["retry-after"] == "7"
    peer.mood = "down"
    with pytest.raises(openai.InternalServerError) as down:
        client.chat.completions.create(model=endpoint.slug, messages=QUESTION)
    assert down.value.status_code == 503
    assert "Traceback" not in down.value.message


def test_it_reports_a_break_in_the_middle_of_a_stream(client, endpoint, peer):
    peer.break_after = 3
    with pytest.raises(openai.APIError):
        list(client.chat.completions.create(model=endpoint.slug, messages=QUESTION, stream=True))
    assert Message.objects.get(role="assistant").state == "failed"


def test_it_counts_what_was_used_when_the_program_leaves(client, endpoint, peer):
    peer.pause = 0.05
    stream = client.chat.completions.create(model=endpoint.slug, messages=QUESTION, stream=True)
    for number, _chunk in enumerate(stream):
        if number == 3:
            break
    stream.close()
    deadline = time.monotonic() + 5
    while not Usage.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    usage = Usage.objects.get()
    assert usage.requests == 1
    assert usage.completion_tokens > 0
    assert Message.objects.get(role="assistant").state == "stopped"
    time.sleep(0.1)
    assert peer.running == 0


def test_it_streams_with_headers_that_proxies_understand(server, endpoint, secret):
    headers = {"Authorization": f"Bearer {secret}"}
    body = {"model": endpoint.slug, "messages": QUESTION, "stream": True}
    response = httpx.post(f"{server.url}/v1/chat/completions", json=body, headers=headers)
    assert response.headers["content-type"] == "text/event-stream"
    assert response.headers["x-accel-buffering"] == "no"
    assert response.text.endswith("data: [DONE]\n\n")
    for line in response.text.strip().split("\n\n"):
        assert line == "data: [DONE]" or json.loads(line.removeprefix("data: "))["object"] == "chat.completion.chunk"


def test_it_lets_listed_sites_use_the_publishable_key_and_no_other(server, endpoint):
    endpoint.allowed_sites = ["https://shop.example"]
    endpoint.save()
    url, body = f"{server.url}/v1/chat/completions", {"model": endpoint.slug, "messages": QUESTION}
    key = {"Authorization": f"Bearer {endpoint.publishable_key}"}
    good = httpx.post(url, json=body, headers=key | {"Origin": "https://shop.example"})
    assert good.status_code == 200
    assert good.headers["access-control-allow-origin"] == "https://shop.example"
    assert "Origin" in good.headers["vary"]
    assert httpx.post(url, json=body, headers=key | {"Origin": "https://evil.example"}).status_code == 401
    assert httpx.post(url, json=body, headers=key).status_code == 401
    before = httpx.options(url, headers={"Origin": "https://shop.example"})
    assert before.headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-origin" not in httpx.options(url, headers={"Origin": "https://evil.example"}).headers


def test_it_describes_itself(server):
    schema = httpx.get(f"{server.url}/api/schema").json()
    assert {"/v1/chat/completions", "/v1/models"} <= set(schema["paths"])


def test_it_gives_examples_that_run(server, endpoint, secret, tmp_path):
    import subprocess
    import sys

    from endpoints import samples

    made = {one["title"]: one["text"] for one in samples.samples(endpoint, server.url, secret)}
    (tmp_path / "ask.py").write_text(made["Python"])
    done = subprocess.run([sys.executable, tmp_path / "ask.py"], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == ALL.strip() or "Yes, within 30 days" in done.stdout, done.stderr
    done = subprocess.run(["bash", "-c", made["curl"]], capture_output=True, text=True, timeout=60)
    assert json.loads(done.stdout)["choices"][0]["message"]["content"]


def test_it_stops_writing_when_a_program_that_waits_for_the_whole_answer_leaves(server, endpoint, secret, peer):
    peer.pause = 0.2
    headers = {"Authorization": f"Bearer {secret}"}
    body = {"model": endpoint.slug, "messages": QUESTION}
    with pytest.raises(httpx.TimeoutException):
        httpx.post(f"{server.url}/v1/chat/completions", json=body, headers=headers, timeout=0.5)
    deadline = time.monotonic() + 5
    while not Usage.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert Message.objects.get(role="assistant").state == "stopped"
    time.sleep(0.1)
    assert peer.running == 0
