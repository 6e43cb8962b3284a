"""The engine through its door, as the official client and the studio's own client see it."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal as signals
import urllib.request

import numpy as np
import openai
import pytest

from endpoints import serving
from tests.endpoints.engine.conftest import started


@pytest.fixture
def client(engine):
    return openai.OpenAI(base_url=f"{engine.url}/v1", api_key="secret", max_retries=0)


@pytest.fixture
def ours(engine, settings):
    settings.ENGINE_URL = settings.EMBEDDINGS_URL = engine.url
    settings.ENGINE_TOKEN = "secret"
    return engine


def ask(client, text="Where is my order?", **options):
    messages = [{"role": "user", "content": text}]
    return client.chat.completions.create(
        **{"model": "tiny", "messages": messages, "max_tokens": 12, "temperature": 0} | options
    )


def test_it_answers_the_official_client(client):
    answer = ask(client)
    assert answer.choices[0].finish_reason in {"stop", "length"}
    assert answer.usage.completion_tokens <= 12
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_it_streams_what_it_would_have_answered(client):
    whole = ask(client, max_tokens=40)
    chunks = list(ask(client, max_tokens=40, stream=True, stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert len({chunk.id for chunk in chunks}) == 1
    assert chunks[-1].choices == []
    assert chunks[-1].usage == whole.usage


def test_it_refuses_a_wrong_key(engine):
    stranger = openai.OpenAI(base_url=f"{engine.url}/v1", api_key="wrong", max_retries=0)
    with pytest.raises(openai.AuthenticationError):
        ask(stranger)


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"model": "nobody"}, 404),
        ({"model": "../secret"}, 404),
        ({"temperature": 9}, 400),
        ({"n": 3}, 400),
        ({"messages": []}, 400),
        ({"messages": [{"role": "wizard", "content": "x"}]}, 400),
        ({"messages": [{"role": "user", "content": "x" * 5000}]}, 400),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_it_says_what_is_wrong_with_a_request(client, options, status, stream):
    with pytest.raises(openai.APIStatusError) as refused:
        list(ask(client, stream=stream, **options))
    assert refused.value.status_code == status
    assert refused.value.body["message"]


def test_it_names_an_adapters_base(ours, client):
    asyncio.run(serving.load("model-1", ours.adapter))
    parents = {model.id: model.parent for model in client.models.list().data}
    assert parents["model-1"] == "tiny"
    assert parents["tiny"] is None


def test_it_loads_an_adapter_for_whoever_brings_its_folder(ours):
    async def answer():
        parts = serving.stream("model-7", [{"role": "user", "content": "Hi"}], folder=ours.adapter, max_tokens=8)
        return [part async for part in parts]

    parts = asyncio.run(answer())
    assert parts[-1].usage.completion_tokens > 0


def test_it_keeps_only_as_many_adapters_as_it_may(ours):
    async def load_three():
        for name in ("a", "b", "c"):
            await serving.load(name, ours.adapter)
        return await serving.health()

    assert asyncio.run(load_three())["adapters"] == ["b", "c"]


def test_it_refuses_a_model_that_answers_differently_than_after_training(ours, tmp_path_factory):
    from training.ml import artifact

    changed = ours.adapter.parent / "changed"
    shutil.copytree(ours.adapter, changed, dirs_exist_ok=True)
    probes = json.loads((changed / "probes.json").read_text())
    for probe in probes:
        probe["tokens"] = [(token + 1) % 200 for token in probe["tokens"]] or [5]
    (changed / "probes.json").write_text(json.dumps(probes))
    manifest = artifact.read_manifest(changed)
    manifest.files["probes.json"] = artifact.sha256_of(changed / "probes.json")
    artifact.write_manifest(changed, manifest)

    async def replace():
        await serving.load("live", ours.adapter)
        try:
            await serving.load("live", changed, replace=True)
        finally:
            answer = [part async for part in serving.stream("live", [{"role": "user", "content": "Hi"}], max_tokens=4)]
            assert answer, "the old version stays live"

    with pytest.raises(serving.ProbeMismatch):
        asyncio.run(replace())


def test_it_refuses_a_damaged_model_folder(ours):
    damaged = ours.adapter.parent / "damaged"
    shutil.copytree(ours.adapter, damaged, dirs_exist_ok=True)
    (damaged / "knowledge.jsonl").write_text("{}")
    with pytest.raises(serving.EngineRefused, match="damaged"):
        asyncio.run(serving.load("damaged", damaged))


def test_it_loads_nothing_from_elsewhere(ours, tmp_path):
    outside = tmp_path / "outside"
    shutil.copytree(ours.adapter, outside)
    for path in (outside, ours.adapter / ".." / ".." / ".." / "models"):
        with pytest.raises(serving.EngineRefused):
            asyncio.run(serving.load("outside", path))


def test_it_embeds_texts_as_unit_vectors(ours):
    vectors = asyncio.run(serving.embed(["one", "two", "one"], "tiny-encoder"))
    assert vectors.shape[0] == 3
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(vectors[0], vectors[2], atol=1e-3)


def test_it_frees_the_place_of_a_client_that_goes_away(ours):
    async def leave_and_ask():
        long = serving.stream("tiny", [{"role": "user", "content": "Count"}], max_tokens=1500)
        async for part in long:
            if part.text:
                break
        await long.aclose()
        for _ in range(50):
            if not (await serving.health())["busy"]:
                return True
            await asyncio.sleep(0.05)
        return False

    assert asyncio.run(leave_and_ask())


def test_it_says_that_nobody_is_there_when_the_engine_is_down(settings):
    settings.ENGINE_URL = "http://127.0.0.1:9"

    async def answer():
        return [part async for part in serving.stream("tiny", [{"role": "user", "content": "Hi"}])]

    with pytest.raises(serving.EngineDown):
        asyncio.run(answer())


def test_it_answers_the_same_with_and_without_kept_states(client):
    first = ask(client, "What about my parcel?", max_tokens=20).choices[0].message.content
    ask(client, "What about my refund?", max_tokens=20)
    assert ask(client, "What about my parcel?", max_tokens=20).choices[0].message.content == first


def test_it_answers_several_at_the_same_time(engine):
    async def both():
        client = openai.AsyncOpenAI(base_url=f"{engine.url}/v1", api_key="secret", max_retries=0)

        async def first_and_last(text, most):
            stream = await client.chat.completions.create(
                model="tiny", messages=[{"role": "user", "content": text}], max_tokens=most, stream=True
            )
            return [asyncio.get_running_loop().time() async for chunk in stream if chunk.choices[0].delta.content]

        return await asyncio.gather(first_and_last("Count to a thousand", 400), first_and_last("Hello", 10))

    long, short = asyncio.run(both())
    assert short
    assert short[-1] < long[-1], "a short question does not wait for a long answer"


def test_it_gives_vectors_as_the_official_client_asks_for_them(client):
    coded = client.embeddings.create(model="tiny-encoder", input=["one", "two"])
    plain = client.embeddings.create(model="tiny-encoder", input=["one", "two"], encoding_format="float")
    assert np.allclose(coded.data[1].embedding, plain.data[1].embedding, atol=1e-6)


def test_it_takes_several_languages(client):
    answer = ask(client, "你好，世界 👋")
    assert answer.usage.prompt_tokens > len("你好，世界 👋".encode()), "every byte is a token here"
    assert answer.choices[0].message.content


def test_it_counts_what_it_does(engine, client):
    ask(client)
    with urllib.request.urlopen(f"{engine.url}/metrics") as answer:
        text = answer.read().decode()
    assert "engine_completion_tokens_total" in text
    assert 'route="/v1/chat/completions",status="200"' in text


def test_it_names_requests_and_unknown_paths(engine, client):
    raw = client.chat.completions.with_raw_response.create(
        model="tiny", messages=[{"role": "user", "content": "Hi"}], max_tokens=2, extra_headers={"x-request-id": "mine"}
    )
    assert raw.headers["x-request-id"] == "mine"
    with pytest.raises(openai.NotFoundError):
        client.files.list()


def test_it_unloads_once(ours):
    asyncio.run(serving.load("gone", ours.adapter))
    asyncio.run(serving.unload("gone"))
    with pytest.raises(serving.EngineRefused) as refused:
        asyncio.run(serving.unload("gone"))
    assert refused.value.status == 404


@pytest.mark.parametrize("signal", ["TERM", "INT"])
@pytest.mark.slow
def test_it_leaves_in_good_order_while_it_answers(trained, signal):
    with started(trained, "--slots", "1") as (url, process):
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="secret", max_retries=0)
        stream = ask(client, max_tokens=1500, stream=True)
        next(iter(stream))
        process.send_signal(getattr(signals, f"SIG{signal}"))
        with pytest.raises(openai.APIError):
            for _ in stream:
                pass
        assert process.wait(10) == 0


@pytest.mark.slow
def test_it_says_when_it_is_busy(trained, settings):
    with started(trained, "--slots", "1", "--queue", "1") as (url, _):
        settings.ENGINE_URL, settings.ENGINE_TOKEN = url, "secret"

        async def crowd():
            async def one():
                return [p async for p in serving.stream("tiny", [{"role": "user", "content": "Hi"}], max_tokens=300)]

            return await asyncio.gather(*[one() for _ in range(6)], return_exceptions=True)

        found = asyncio.run(crowd())
    busy = [error for error in found if isinstance(error, serving.EngineBusy)]
    assert busy
    assert all(error.retry_after >= 1 for error in busy)
    assert any(isinstance(parts, list) for parts in found)


@pytest.mark.slow
def test_it_serves_a_real_model(settings):
    slug = "smollm2-135m-instruct"
    assert (settings.MODELS_ROOT / slug / "config.json").exists(), "make setup fetches the base models"
    with started(settings.MODELS_ROOT.parent, models=settings.MODELS_ROOT) as (url, _):
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="secret", max_retries=0)
        answer = ask(client, "What is the capital of France?", model=slug, max_tokens=30)
    assert "Paris" in answer.choices[0].message.content
