"""A classifier in chat, page and API: the label, how sure, which words; not sure and out of scope are said."""

from __future__ import annotations

import html
import json
import re

import httpx2 as httpx
import openai
import pytest

from endpoints import publishing
from endpoints.families.classify import labelling
from endpoints.families.classify.labelling import Terms
from endpoints.models import Conversation, Feedback, LabelCount, Message, Usage
from endpoints.samples import samples
from tests.endpoints.labels import *  # noqa: F403  (fixtures)
from tests.endpoints.peer import labelled
from tests.endpoints.test_consumers import Browser
from training.ml.classify.answers import Answer, Word

pytestmark = pytest.mark.django_db(transaction=True)
ANGRY = "It came late and the driver was rude."


@pytest.fixture
def secret(classifier, owner):
    return publishing.issue_key(classifier, owner, "tests")[1]


@pytest.fixture
def ask(server, secret):
    def post(data, key=secret, **headers):
        headers = {"Authorization": f"Bearer {key}"} | headers
        return httpx.post(f"{server.url}/v1/classify", json=data, headers=headers)

    return post


def test_it_publishes_with_the_reports_threshold_and_texts_to_try(classifier):
    assert classifier.threshold == 0.5
    assert len(classifier.starters) == 3
    assert classifier.deployment.answers_with == "tuned"


async def test_it_answers_with_a_label_and_its_reasons(classifier):
    browser = Browser(classifier)
    await browser.open()
    await browser.ask(ANGRY)
    result = (await browser.until("result"))["result"]
    done = await browser.until("done")
    assert (result["kind"], result["label"], result["level"], result["percent"]) == (
        "label",
        "negative",
        "sure",
        "96 %",
    )
    assert "".join(text for text, _weight, _strength in result["pieces"]) == ANGRY
    assert [(text, strength) for text, _weight, strength in result["pieces"] if strength] == [("late", 3), ("rude", 2)]
    assert result["choices"] == ["negative", "neutral", "positive"]
    assert done["text"] == "Negative, quite sure (96 %). Decided by: late, rude."
    stored = await Message.objects.aget(role="assistant")
    assert (stored.result["label"], stored.state, stored.confidence) == ("negative", "done", 0.96)
    await browser.close()


async def test_it_says_when_it_is_not_sure_and_offers_a_person(classifier):
    browser = Browser(classifier)
    await browser.open()
    await browser.ask("A parcel.")
    result = (await browser.until("result"))["result"]
    done = await browser.until("done")
    assert (result["level"], done["state"]) == ("unsure", "unsure")
    assert done["text"].startswith("I am not sure. It could be neutral (41 %) or negative (35 %).")
    assert "help@example.com" in done["text"]
    await browser.close()


async def test_it_says_what_looks_like_none_of_its_labels(classifier):
    browser = Browser(classifier)
    await browser.open()
    await browser.ask("GREAT WEATHER TODAY")
    result = (await browser.until("result"))["result"]
    done = await browser.until("done")
    assert result["out_of_scope"] is True
    assert done["state"] == "unsure"
    assert "none of the labels" in done["text"]
    await browser.close()


@pytest.mark.parametrize(
    ("page", "text", "said"),
    [("en", "快递 late 了", "probably"), ("zh-hans", "快递 late 了", "很可能"), ("zh-hans", "It was late", "很可能")],
)
async def test_its_card_speaks_the_language_of_the_page_around_it(classifier, page, text, said):
    browser = Browser(classifier, query=f"lang={page}")
    await browser.open()
    await browser.ask(text)
    result = (await browser.until("result"))["result"]
    assert (result["label"], result["said"]) == ("negative", said)
    await browser.close()


async def test_no_word_is_said_to_have_decided_where_it_is_not_sure(classifier):
    text = "IT CAME LATE, SO RUDE"
    browser = Browser(classifier)
    await browser.open()
    await browser.ask(text)
    result = (await browser.until("result"))["result"]
    assert (result["level"], result["pieces"]) == ("unsure", [[text, 0.0, 0]])
    await browser.close()


async def test_it_calls_a_person_in_a_triage(triage):
    browser = Browser(triage)
    await browser.open()
    await browser.ask("A parcel.")
    result = (await browser.until("result"))["result"]
    done = await browser.until("done")
    assert result["needs_person"] is True
    assert "person" in result["person"].lower()
    assert "nurse@example.com" in done["text"]
    assert result["notice"] in done["text"]
    await browser.close()


@pytest.mark.parametrize(
    ("label", "needed"), [("urgent", True), ("High risk", True), ("紧急", True), ("routine", False), ("not now", False)]
)
def test_it_shows_every_alarming_level_to_a_person(label, needed):
    row = Answer(label, 0.99, {label: 0.99}, [label])
    assert labelling.judge("x", row, Terms(0.5, "risk_triage", (label,))).needs_person is needed


def test_it_cuts_a_text_where_words_decided():
    text = "Great, and 👍 great again"
    row = labelled(text, True)
    found = labelling.pieces(text, Answer.from_json(row).words)
    assert "".join(piece for piece, _weight in found) == text
    assert [piece for piece, weight in found if weight] == ["Great", "great"]
    assert labelling.pieces(text, []) == [(text, 0.0)]
    overlapping = [Word(0, 5, 1.0), Word(2, 8, 1.0)]
    assert "".join(piece for piece, _weight in labelling.pieces(text, overlapping)) == text


def test_it_gives_several_labels_where_a_text_may_have_them():
    row = Answer("late", 0.9, {"late": 0.9, "rude": 0.7, "fine": 0.1}, ["late", "rude"])
    found = labelling.judge("x", row, Terms(0.5, "", ("late", "rude", "fine"), True))
    assert found.label == "late, rude"
    assert labelling.judge("x", row, Terms(0.5)).label == "late"


# The API -----------------------------------------------------------------------------------------------------------
def test_it_labels_texts_for_programs(ask, classifier, peer):
    response = ask({"model": classifier.slug, "input": [ANGRY, "I love it", "Hm"]})
    assert response.status_code == 200
    assert response.headers["x-request-id"]
    assert response.headers["x-ratelimit-limit-requests"] == "60"
    data = response.json()["data"]
    assert [one["label"] for one in data] == ["negative", "positive", "neutral"]
    assert [one["level"] for one in data] == ["sure", "likely", "unsure"]
    assert [one["index"] for one in data] == [0, 1, 2]
    assert "words" not in data[0]
    assert "labels" not in data[0]
    assert "needs_person" not in data[0]
    assert response.json()["usage"]["total_tokens"] > 0
    assert Usage.objects.get().requests == 1
    rows = {row.label: (row.count, row.unsure) for row in LabelCount.objects.all()}
    assert rows == {"": (3, 1), "negative": (1, 0), "positive": (1, 0), "neutral": (1, 1)}


def test_it_explains_a_label_to_programs(ask, classifier):
    one = ask({"model": classifier.slug, "input": ANGRY, "explain": True}).json()["data"][0]
    assert [(word["text"], word["weight"]) for word in one["words"]] == [("late", 1.0), ("rude", 0.5)]
    assert ANGRY[one["words"][0]["start"] : one["words"][0]["end"]] == "late"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"input": []}, "1 to 1000"),
        ({"input": ["x"] * 1001}, "1 to 1000"),
        ({"input": ["x"] * 101, "explain": True}, "1 to 100"),
        ({"input": ["good", "  "]}, "Text 1"),
        ({"input": ["x" * 20_001]}, "20000"),
        ({"input": 7}, "input"),
        ({}, "input"),
    ],
)
def test_it_refuses_what_it_cannot_label(ask, classifier, given, said):
    response = ask({"model": classifier.slug} | given)
    assert response.status_code == 400
    error = response.json()["error"]
    assert said in error["message"]
    assert error["type"] == "invalid_request_error"


def test_it_names_a_field_that_it_does_not_know(ask, classifier):
    answer = ask({"model": classifier.slug, "input": ANGRY, "threshold": 0.9, "user": "7", "explain": None}).json()
    assert [one["param"] for one in answer["warnings"]] == ["threshold"]
    assert "warnings" not in ask({"model": classifier.slug, "input": ANGRY}).json()


def test_it_takes_a_thousand_texts_at_once(ask, classifier):
    data = ask({"model": classifier.slug, "input": [f"late {i}" for i in range(1000)]}).json()["data"]
    assert len(data) == 1000


def test_it_refuses_wrong_keys_names_and_haste(ask, classifier, settings):
    assert ask({"model": classifier.slug, "input": "x"}, key="sk-at-no").status_code == 401
    assert ask({"model": "nobody", "input": "x"}).status_code == 404
    classifier.requests_a_minute = 1
    classifier.save()
    assert ask({"model": classifier.slug, "input": "x"}).status_code == 200
    late = ask({"model": classifier.slug, "input": "x"})
    assert late.status_code == 429
    assert int(late.headers["retry-after"]) > 0


def test_it_says_that_an_assistant_gives_no_labels(server, endpoint, owner):
    secret = publishing.issue_key(endpoint, owner, "tests")[1]
    headers = {"Authorization": f"Bearer {secret}"}
    data = {"model": endpoint.slug, "input": "x"}
    response = httpx.post(f"{server.url}/v1/classify", json=data, headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "not_a_classifier")


def test_it_tells_when_the_engine_is_busy_or_away(ask, classifier, peer):
    peer.mood = "busy"
    response = ask({"model": classifier.slug, "input": "x"})
    assert (response.status_code, response.headers["retry-after"]) == (429, "7")
    peer.mood = "down"
    assert ask({"model": classifier.slug, "input": "x"}).status_code == 503


def test_it_loads_the_model_again_into_an_engine_that_was_restarted(ask, classifier, peer):
    peer.loaded.clear()
    assert ask({"model": classifier.slug, "input": "x"}).status_code == 200


def test_it_lets_listed_sites_label_texts_from_the_browser(server, ask, classifier):
    classifier.allowed_sites = ["https://shop.example"]
    classifier.save()
    asked = httpx.request("OPTIONS", f"{server.url}/v1/classify", headers={"Origin": "https://shop.example"})
    assert asked.headers["access-control-allow-origin"] == "https://shop.example"
    data = {"model": classifier.slug, "input": "x"}
    response = ask(data, key=classifier.publishable_key, Origin="https://shop.example")
    assert response.headers["access-control-allow-origin"] == "https://shop.example"
    assert ask(data, key=classifier.publishable_key, Origin="https://evil.example").status_code == 401
    many = {"model": classifier.slug, "input": ["x"] * 11}
    assert ask(many, key=classifier.publishable_key, Origin="https://shop.example").status_code == 400
    assert ask(many).status_code == 200  # the team's own programs may


def test_it_answers_openais_client_in_words(server, secret, classifier):
    client = openai.OpenAI(base_url=f"{server.url}/v1", api_key=secret, max_retries=0)
    answer = client.chat.completions.create(model=classifier.slug, messages=[{"role": "user", "content": ANGRY}])
    assert answer.choices[0].message.content.startswith("Negative, quite sure (96 %).")
    assert answer.model_extra["result"]["label"] == "negative"
    assert LabelCount.objects.get(label="negative").count == 1


def test_it_describes_the_labels_interface(client):
    schema = client.get("/api/schema").json()
    assert schema["paths"]["/v1/classify"]["post"]["summary"] == "Label texts"
    assert "needs_person" in schema["components"]["schemas"]["Labelled"]["properties"]


@pytest.mark.parametrize("language", ["Python", "curl", "JavaScript"])
def test_its_code_examples_run_as_they_stand(server, classifier, secret, language, tmp_path):
    import subprocess
    import sys

    from playwright._impl._driver import compute_driver_executable

    from endpoints import samples

    found = {one["title"]: one["text"] for one in samples.samples(classifier, server.url, secret)}
    file = tmp_path / "sample.mjs"
    file.write_text(found[language])
    tools = {
        "Python": [sys.executable, file],
        "curl": ["bash", file],
        "JavaScript": [compute_driver_executable()[0], file],
    }
    done = subprocess.run([str(word) for word in tools[language]], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert any(label in done.stdout for label in ("negative", "neutral", "positive"))


# Pages -------------------------------------------------------------------------------------------------------------
def spoken(classifier):
    talk = Conversation.objects.create(endpoint=classifier)
    Message.objects.create(conversation=talk, role="user", text=ANGRY)
    under = Terms(0.5, "sentiment", ("negative", "neutral", "positive"))
    found = labelling.judge(ANGRY, Answer.from_json(labelled(ANGRY, True)), under)
    result = {"kind": "label", **labelling.result(found, under)}
    text = labelling.sentence(found, under)
    return Message.objects.create(conversation=talk, role="assistant", text=text, result=result, confidence=0.96)


def test_it_shows_a_stored_label_with_its_words(classifier, owner, as_):
    message = spoken(classifier)
    page = as_(owner).get(f"/conversations/{message.conversation_id}/").content.decode()
    assert re.search(r'<mark\s+class="chat-mark" data-strength="3">late', page)
    assert "decided most" in page
    assert '<option value="neutral"' in page
    assert "Nearest known question" not in page


def test_it_keeps_a_label_that_a_person_corrected(classifier, owner, as_):
    message = spoken(classifier)
    as_(owner).post(f"/messages/{message.pk}/correct/", {"correction": "neutral"})
    assert Feedback.objects.get().correction == "neutral"
    page = as_(owner).get(f"/projects/{classifier.project_id}/corrections/").content.decode()
    assert '<option value="neutral" selected' in page


def test_it_learns_no_label_that_the_data_does_not_know(classifier, owner):
    from endpoints import correcting
    from projects.errors import UserError

    with pytest.raises(UserError):
        correcting.correct(spoken(classifier), ["hacked"], owner)
    with pytest.raises(UserError):
        correcting.to_dataset(classifier.project, owner)
    assert not Feedback.objects.exists()


def test_it_shows_labels_of_both_sides_in_the_tryout(classifier, owner, as_):
    model = classifier.deployment.model
    body = b"".join(as_(owner).get(f"/models/{model.pk}/tryout/tuned/?text={ANGRY}")).decode()
    data = json.loads(body.split("event: result\ndata: ")[1].split("\n")[0])
    assert data["result"]["label"] == "negative"
    page = as_(owner).get(f"/models/{model.pk}/tryout/").content.decode()
    assert "data-words=" in page


def test_it_words_the_settings_for_labels(classifier, owner, as_):
    page = as_(owner).get(f"/endpoints/{classifier.pk}/settings/").content.decode()
    assert "How likely a label must be" in page
    assert "Right, of 100 texts above" in page
    use = as_(owner).get(f"/endpoints/{classifier.pk}/").content.decode()
    assert "/v1/classify" in use
    assert f"/endpoints/{classifier.pk}/trends/" in use


def test_it_makes_new_data_of_the_corrected_label(classifier, owner):
    from endpoints import correcting
    from projects import importing
    from tests import tiny

    source = classifier.project.datasets.get()
    tiny.labelled(source.folder)
    correcting.correct(spoken(classifier), ["neutral"], owner)
    made = correcting.to_dataset(classifier.project, owner)
    importing.read(made)
    made.refresh_from_db()
    assert made.state == "ready", made.error
    lines = [line for side in ("train", "validation", "test") for line in (made.folder / f"{side}.jsonl").open()]
    found = {row["text"]: row["labels"] for row in map(json.loads, lines)}
    assert found[ANGRY] == ["neutral"]
    assert ANGRY in (made.folder / "train.jsonl").read_text()
    assert len(found) == 151


@pytest.mark.parametrize("way", ["tuned", "tfidf", "base"])
def test_it_names_what_answers_as_it_was_named_when_it_was_chosen(peer, reviews, owner, as_, way):
    from training import reports

    endpoint = publishing.publish(make_classifier(reviews), owner, way, name="Mood")  # noqa: F405
    page = as_(owner).get(f"/endpoints/{endpoint.pk}/versions/").content.decode()
    history = page[page.index("What answered when") :]
    names = reports.of("classify").answers()
    assert [name for name in names if str(names[name]) in history] == [way]


def test_it_offers_the_teams_own_held_out_texts_in_its_languages(classifier, owner, as_):
    """Whoever sorts mails about invoices learns nothing from a sample about customs; nor does a telephone number stand there."""
    own = ["It came late and nobody told us", "Der Fahrer war sehr freundlich, danke", "味道不错，送得也快"]
    model = classifier.deployment.model
    assert classifier.starters == own
    assert html.escape(own[0]) in as_(owner).get(f"/models/{model.pk}/tryout/").content.decode()
    assert all(own[0] in sample["text"] for sample in samples(classifier, "http://studio.example", "key"))


def test_it_offers_nothing_where_nothing_of_the_team_can_be_shown(classifier):
    from endpoints.starters import starters
    from training.models import Evaluation

    model = classifier.deployment.model
    Evaluation.objects.filter(model=model).update(report=REPORT | {"rows": []})  # noqa: F405
    assert starters(type(model).objects.get(pk=model.pk)) == []
