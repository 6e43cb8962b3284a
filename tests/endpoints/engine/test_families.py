"""The engine with a really trained, tiny classifier: loaded, proved, asked, evicted, beside a chat model."""

from __future__ import annotations

import json
import shutil
import time

import httpx2 as httpx
import pytest

from tests import tiny
from tests.endpoints.engine.conftest import started

pytestmark = pytest.mark.slow
HEADERS = {"Authorization": "Bearer secret"}
TEXTS = ["My order is late and rude", "A lovely, great refund", "A plain grey parcel"]


@pytest.fixture(scope="module")
def classifier(trained):
    """The folder of a classifier among the models that the engine may load."""
    from training.ml import classify
    from training.ml.config import TrainConfig

    run = trained / "data" / "labels"
    if not (run / "model").exists():
        base = trained / "models" / "tiny-encoder"
        classify.fit(tiny.labelled(trained / "labelled"), base, base, run, TrainConfig(epochs=1))
    return run / "model"


@pytest.fixture(scope="module")
def url(trained, classifier):
    with started(trained, "--most-models", "1") as (address, _process):
        load(address, "moods", classifier).raise_for_status()
        yield address


def load(url, name, folder):
    data = {"lora_name": name, "lora_path": str(folder)}
    return httpx.post(f"{url}/v1/load_lora_adapter", json=data, headers=HEADERS, timeout=60)


def ask(url, **data):
    return httpx.post(f"{url}/v1/classify", json={"model": "moods"} | data, headers=HEADERS, timeout=60)


def test_it_labels_texts_as_the_trained_model_does(url, trained, classifier):
    from training.ml import classify

    loaded = classify.load(classifier, trained / "models" / "tiny-encoder")
    wanted = [one.to_json() for one in classify.answer(loaded, TEXTS)]
    found = ask(url, input=TEXTS).json()["data"]
    assert [one["label"] for one in found] == [one["label"] for one in wanted]
    assert [one["score"] for one in found] == pytest.approx([one["score"] for one in wanted], abs=0.02)


def test_it_explains_labels_and_answers_with_simpler_ways(url):
    one = ask(url, input=TEXTS[0], explain=True).json()["data"][0]
    assert one["words"]
    assert all(0 <= word["start"] < word["end"] <= len(TEXTS[0]) for word in one["words"])
    for system in ("tfidf", "embedding", "majority"):
        assert ask(url, input=TEXTS, answers_with=system).status_code == 200
    assert ask(url, input=TEXTS, answers_with="magic").status_code == 400


def test_it_lists_what_it_serves(url):
    names = [one["id"] for one in httpx.get(f"{url}/v1/models", headers=HEADERS).json()["data"]]
    assert "moods" in names
    assert "moods" in httpx.get(f"{url}/health", headers=HEADERS).json()["adapters"]


@pytest.mark.parametrize("given", [[], 7, ["x"] * 1001, [1], None])
def test_it_refuses_what_are_no_texts(url, given):
    response = ask(url, input=given)
    assert response.status_code == 400
    assert response.json()["error"]["param"] == "input"


def test_it_does_not_know_models_that_were_not_loaded(url):
    assert ask(url, model="nobody", input="x").status_code == 404
    recommend = httpx.post(f"{url}/v1/recommend", json={"model": "moods", "history": []}, headers=HEADERS)
    assert recommend.status_code == 404  # a classifier recommends nothing


def test_it_refuses_a_model_that_answers_differently(url, classifier):
    changed = classifier.parent / "changed"
    shutil.copytree(classifier, changed, dirs_exist_ok=True)
    probes = json.loads((changed / "probes.json").read_text())
    for probe in probes:
        probe["score"] = 0.0
    (changed / "probes.json").write_text(json.dumps(probes))
    assert load(url, "changed", changed).json()["error"]["code"] == "broken_model"
    manifest = json.loads((changed / "manifest.json").read_text())
    from training.ml import artifact

    manifest["files"]["probes.json"] = artifact.sha256_of(changed / "probes.json")
    (changed / "manifest.json").write_text(json.dumps(manifest))
    assert load(url, "changed", changed).json()["error"]["code"] == "probe_mismatch"
    assert ask(url, input="x").status_code == 200  # what was there goes on


def test_it_brings_back_what_had_to_make_room(url, classifier):
    other = classifier.parent / "other"
    shutil.copytree(classifier, other, dirs_exist_ok=True)
    assert load(url, "other", other).status_code == 200
    assert httpx.get(f"{url}/health", headers=HEADERS).json()["adapters"] == ["other"]
    assert ask(url, input="x").status_code == 200
    assert httpx.get(f"{url}/health", headers=HEADERS).json()["adapters"] == ["moods"]
    gone = httpx.post(f"{url}/v1/unload_lora_adapter", json={"lora_name": "moods"}, headers=HEADERS)
    assert gone.status_code == 200
    assert ask(url, input="x").status_code == 404
    assert load(url, "moods", classifier).status_code == 200


@pytest.fixture(scope="module")
def recommender(trained):
    """The folder of a recommender among the models that the engine may load."""
    from tests.training.ml.recommend.conftest import QUICK, customers, write
    from training.ml import recommend

    run = trained / "data" / "shop"
    if not (run / "model").exists():
        base = trained / "models" / "tiny-encoder"
        recommend.fit(write(trained / "shop", customers(60)), base, base, run, QUICK)
    return run / "model"


def test_it_recommends_and_refuses_what_it_cannot_read(url, recommender):
    load(url, "things", recommender).raise_for_status()

    def wish(**data):
        body = json.dumps({"model": "things", "history": ["g0r"]} | data)  # half a character goes as its escape
        return httpx.post(f"{url}/v1/recommend", content=body, headers=HEADERS, timeout=60)

    assert len(wish(query="red \ud83d pan", k=3).json()["data"]) == 3
    for rules in ({"price_max": "abc"}, {"most_per_category": "x"}, {"exclude": 5}, {"price_max": 10**400}):
        assert wish(rules=rules).json()["error"]["code"] == "not_possible"
    assert wish(answers_with="magic").status_code == 400


def test_a_single_text_does_not_wait_for_a_whole_file(url):
    import threading

    many = [f"{text} {i}" for i in range(300) for text in TEXTS]
    thread = threading.Thread(target=lambda: ask(url, input=many, explain=True, answers_with="tfidf"))
    thread.start()
    time.sleep(0.2)
    began = time.monotonic()
    assert ask(url, input="late").status_code == 200
    waited = time.monotonic() - began
    busy = thread.is_alive()
    thread.join(60)
    assert waited < 5 or not busy


def test_a_published_classifier_answers_through_every_part(
    url, classifier, trained, settings, transactional_db, team, owner
):
    """From publishing to the words in a chat, nothing in between replaced."""
    from asgiref.sync import async_to_sync

    from endpoints import chat, publishing
    from endpoints.families.classify import labelling
    from projects.models import Dataset, Project
    from training.models import ModelVersion, TrainingRun

    settings.ENGINE_URL, settings.ENGINE_TOKEN, settings.DATA_ROOT = url, "secret", trained / "data"
    chat._knowing.cache_clear()
    labelling._about.cache_clear()
    project = Project.objects.create(team=team, name="Moods", use_case="sentiment", created_by=owner)
    dataset = Dataset.objects.create(project=project, name="moods.csv", state="ready")
    run = TrainingRun.objects.create(project=project, dataset=dataset, base_model="tiny-encoder", state="succeeded")
    model = ModelVersion.objects.create(project=project, number=1, run=run)
    shutil.copytree(classifier, model.folder, dirs_exist_ok=True)
    endpoint = publishing.publish(model, owner, threshold=0.0)
    _deployment, knowing = chat.of_endpoint(endpoint)
    request = chat.Request(knowing, [{"role": "user", "content": TEXTS[0]}])

    async def events():
        return [event async for event in chat.answer(request)]

    result, piece, done = async_to_sync(events)()
    assert set(result.data["choices"]) == {"negative", "neutral", "positive"}
    assert piece.text.lower().startswith(result.data["label"]) or done.state == "unsure"
