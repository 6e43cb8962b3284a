"""The pages of endpoints, as a person and as a stranger sees them."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.test import AsyncClient, Client

from endpoints.models import ApiKey, Conversation, Endpoint, Feedback, Message
from training.models import Evaluation

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def talk(endpoint):
    conversation = Conversation.objects.create(endpoint=endpoint)
    Message.objects.create(conversation=conversation, role="user", text=f"=1+1 {HOSTILE}")
    answer = Message.objects.create(
        conversation=conversation, role="assistant", text=HOSTILE, sources=[{"question": HOSTILE, "answer": HOSTILE}]
    )
    Feedback.objects.create(message=answer, rating=-1, correction="+Right")
    return conversation


def fields(**more):
    return {
        "name": "Help",
        "greeting": "Hello",
        "starters": "One?\nTwo?",
        "color": "#112233",
        "visibility": "link",
        "allowed_sites": "shop.example\nhttp://localhost:3000/x",
        "threshold": "0.4",
        "contact": "",
        "messages_a_minute": "12",
        "requests_a_minute": "60",
        "answers_with": "tuned",
    } | more


def test_it_publishes_with_what_the_page_offers(peer, model, owner, as_):
    page = as_(owner).get(f"/models/{model.pk}/publish/")
    form = page.context["form"]
    offered = {name: form[name].value() for name in form.fields}
    offered["starters"] = "\n".join(offered["starters"])
    offered["allowed_sites"] = ""
    done = as_(owner).post(f"/models/{model.pk}/publish/", offered, follow=True)
    assert done.status_code == 200
    assert Endpoint.objects.get().published
    assert "Published" in done.content.decode()


def test_it_keeps_settings_as_they_were_meant(peer, model, owner, as_):
    as_(owner).post(f"/models/{model.pk}/publish/", fields())
    endpoint = Endpoint.objects.get()
    assert endpoint.allowed_sites == ["https://shop.example", "http://localhost:3000"]
    assert endpoint.starters == ["One?", "Two?"]
    assert endpoint.threshold == 0.4


def test_it_explains_what_is_wrong_with_settings(endpoint, owner, as_):
    response = as_(owner).post(f"/endpoints/{endpoint.pk}/settings/", fields(allowed_sites="not a site", color="red"))
    assert response.status_code == 422
    assert "is not the address of a web site" in response.content.decode()


def test_it_says_before_publishing_that_something_simpler_did_better(peer, model, owner, as_):
    curve = [{"similarity": 0.5, "share_below": 0.1, "quality_below": 0.2, "quality_above": 0.8}]
    verdict = {"recommend": "retrieval", "against_base": "better", "against_retrieval": "worse"}
    Evaluation.objects.create(model=model, report={"verdict": verdict, "unsure": {"threshold": 0.5, "curve": curve}})
    page = as_(owner).get(f"/models/{model.pk}/publish/")
    assert page.context["form"]["answers_with"].value() == "retrieval"
    assert "Something simpler did better" not in page.content.decode(), "it is chosen already"
    page = as_(owner).get(f"/models/{model.pk}/publish/?answers_with=tuned")
    assert page.context["form"]["answers_with"].value() == "tuned"
    assert "Something simpler did better" in page.content.decode()


def test_it_says_on_the_page_that_the_engine_is_down(peer, model, owner, as_):
    peer.mood = "down"
    response = as_(owner).post(f"/models/{model.pk}/publish/", fields())
    assert response.status_code == 422
    assert "Nothing was published" in response.content.decode()


@pytest.mark.parametrize(
    "address",
    ["endpoints/{e}/", "endpoints/{e}/settings/", "endpoints/{e}/versions/", "endpoints/{e}/preview/",
     "models/{m}/publish/", "models/{m}/tryout/", "projects/{p}/corrections/", "projects/{p}/endpoints/panel/",
     "conversations/{c}/"],
)  # fmt: skip
def test_it_shows_each_page_to_members_and_to_nobody_else(address, talk, model, project, viewer, owner, stranger, as_):
    where = "/" + address.format(e=talk.endpoint_id, m=model.pk, p=project.pk, c=talk.pk)
    assert as_(owner).get(where).status_code == 200
    assert as_(viewer).get(where).status_code == 200
    assert as_(stranger).get(where).status_code == 404
    assert Client().get(where).status_code == 302
    for person in (owner, viewer):
        assert "<script>alert" not in as_(person).get(where).content.decode()


@pytest.mark.parametrize(
    "address",
    ["endpoints/{e}/settings/", "endpoints/{e}/deploy/", "endpoints/{e}/unpublish/", "endpoints/{e}/republish/",
     "endpoints/{e}/keys/", "deployments/{d}/back/", "models/{m}/publish/", "projects/{p}/corrections/retrain/",
     "conversations/{c}/delete/", "messages/{a}/correct/", "feedback/{f}/"],
)  # fmt: skip
def test_it_lets_viewers_and_strangers_change_nothing(address, talk, model, project, viewer, stranger, as_):
    answer = talk.messages.get(role="assistant")
    where = "/" + address.format(
        e=talk.endpoint_id, m=model.pk, p=project.pk, c=talk.pk, a=answer.pk, f=answer.feedback.pk,
        d=talk.endpoint.deployment.pk,
    )  # fmt: skip
    assert as_(viewer).post(where).status_code == 403
    assert as_(stranger).post(where).status_code == 404
    assert Client().post(where).status_code == 401  # the sign-in, with the form in it


def test_it_shows_a_key_once_in_examples_that_hold_it(endpoint, owner, as_):
    page = as_(owner).post(f"/endpoints/{endpoint.pk}/keys/", {"name": "Shop"})
    secret = page.context["secret"]
    assert page.content.decode().count(secret) == 4
    assert secret not in as_(owner).get(f"/endpoints/{endpoint.pk}/").content.decode()
    key = ApiKey.objects.get()
    as_(owner).post(f"/keys/{key.pk}/revoke/")
    key.refresh_from_db()
    assert not key.usable


def test_it_goes_back_to_an_earlier_version(endpoint, owner, project, as_):
    from tests.endpoints.conftest import make_model

    first = endpoint.deployment
    second = make_model(project, 2)
    as_(owner).post(f"/endpoints/{endpoint.pk}/deploy/", {"model": second.pk, "answers_with": ""})
    assert endpoint.deployment.model == second
    as_(owner).post(f"/deployments/{first.pk}/back/")
    assert endpoint.deployment.model == first.model
    assert "Answers now" in as_(owner).get(f"/endpoints/{endpoint.pk}/versions/").content.decode()


@pytest.mark.django_db(transaction=True)
async def test_it_downloads_conversations_without_formulas(talk, owner, as_):
    from asgiref.sync import sync_to_async

    client = AsyncClient()
    client.cookies = (await sync_to_async(as_)(owner)).cookies
    response = await client.get("/conversations/download/")
    text = "".join([part.decode() async for part in response.streaming_content])
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[0]["question"] == f"'=1+1 {HOSTILE}"
    assert rows[0]["correction"] == "'+Right"
    assert rows[0]["rating"] == "down"


@pytest.mark.django_db(transaction=True)
async def test_it_downloads_a_conversation_whose_answer_was_written_a_thousand_times(talk, owner, as_):
    from asgiref.sync import sync_to_async

    last = await Message.objects.filter(role="assistant").alast()
    for n in range(1_200):
        last = await Message.objects.acreate(conversation=talk, role="assistant", text=f"{n}\n＝1", replaces=last)
    client = AsyncClient()
    client.cookies = (await sync_to_async(as_)(owner)).cookies
    response = await client.get("/conversations/download/")
    text = "".join([part.decode() async for part in response.streaming_content])
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row["answer"] for row in rows] == ["1199\n'＝1"]
    assert (await client.get(f"/conversations/{talk.pk}/")).status_code == 200


def test_it_deletes_a_conversation(talk, editor, as_):
    as_(editor).post(f"/conversations/{talk.pk}/delete/")
    assert not Message.objects.exists()


def test_it_learns_from_corrections_once(talk, project, owner, as_):
    from projects.models import Dataset
    from tests import tiny

    source = Dataset.objects.get(project=project)
    tiny.dataset(source.folder)
    message = talk.messages.get(role="assistant")
    for said in ("Right", "+Right", "+Right"):
        as_(owner).post(f"/messages/{message.pk}/correct/", {"correction": said})
    panel = as_(owner).get(f"/projects/{project.pk}/endpoints/panel/").content.decode()
    assert "1 answer was marked wrong and corrected. Retrain with it?" in panel
    done = as_(owner).post(f"/projects/{project.pk}/corrections/retrain/")
    made = Dataset.objects.exclude(pk=source.pk).get()
    assert done["Location"] == f"/datasets/{made.pk}/follow/"
    assert json.loads(made.upload.path.read_bytes().splitlines()[-1]) == {
        "question": f"=1+1 {HOSTILE}", "answer": "+Right"
    }  # fmt: skip
    again = as_(owner).post(f"/projects/{project.pk}/corrections/retrain/")
    assert again.status_code == 422
    assert Dataset.objects.count() == 2
    done = project.team.events.order_by("pk").values_list("action", flat=True)
    # What a person did is one line of the record, and what was said already is none.
    assert list(done)[-3:] == ["answer.corrected", "answer.corrected", "corrections.used"]
    made.move("uploaded", "rejected")
    assert as_(owner).post(f"/projects/{project.pk}/corrections/retrain/").status_code == 302


def test_it_edits_and_dismisses_corrections(talk, owner, as_):
    found = Feedback.objects.get()
    as_(owner).post(f"/feedback/{found.pk}/", {"correction": "Better"})
    found.refresh_from_db()
    assert found.correction == "Better"
    as_(owner).post(f"/feedback/{found.pk}/", {"action": "dismiss"})
    found.refresh_from_db()
    assert found.rating == 0


def test_it_shows_the_chat_page_by_its_visibility(endpoint, viewer, stranger, as_):
    page = Client().get(f"/chat/{endpoint.slug}/")
    assert page.status_code == 200
    assert "noindex" in page["X-Robots-Tag"]
    assert json.loads(page.context["words_json"])["send"]
    Endpoint.objects.update(visibility="public")
    assert "X-Robots-Tag" not in Client().get(f"/chat/{endpoint.slug}/")
    Endpoint.objects.update(visibility="team")
    assert Client().get(f"/chat/{endpoint.slug}/").status_code == 302
    assert as_(stranger).get(f"/chat/{endpoint.slug}/").status_code == 404
    assert as_(viewer).get(f"/chat/{endpoint.slug}/").status_code == 200
    Endpoint.objects.update(visibility="api")
    assert as_(viewer).get(f"/chat/{endpoint.slug}/").status_code == 404
    Endpoint.objects.update(visibility="link", published=False)
    assert Client().get(f"/chat/{endpoint.slug}/").status_code == 404


def test_it_serves_the_widget_to_every_page_and_keeps_it_cached():
    response = Client().get("/widget.js")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "max-age" in response["Cache-Control"]
    assert response["Content-Type"].startswith("text/javascript")
    assert Client().get("/widget.js", headers={"If-None-Match": response["ETag"]}).status_code == 304


def test_it_tells_widgets_on_listed_sites_what_they_need(endpoint):
    where = f"/widget/{endpoint.slug}.json"
    Endpoint.objects.update(allowed_sites=["https://shop.example"])
    good = Client().get(where, {"lang": "zh-CN"}, headers={"Origin": "https://shop.example"})
    assert good["Access-Control-Allow-Origin"] == "https://shop.example"
    assert "Origin" in good["Vary"]
    facts = good.json()
    assert facts["key"] == endpoint.publishable_key
    assert facts["language"] == "zh-hans"
    evil = Client().get(where, headers={"Origin": "https://evil.example"})
    assert evil.status_code == 404
    assert "Access-Control-Allow-Origin" not in evil
    assert Client().get(where).status_code == 200
    Endpoint.objects.update(visibility="team")
    assert Client().get(where).status_code == 404
    assert Client().get("/widget/nobody.json").status_code == 404


def test_it_lets_only_its_own_pages_frame_the_preview(endpoint, owner, as_):
    page = as_(owner).get(f"/endpoints/{endpoint.pk}/preview/")
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    assert "unsafe" not in page["Content-Security-Policy"]
    assert as_(owner).get(f"/endpoints/{endpoint.pk}/")["X-Frame-Options"] == "DENY"


@pytest.mark.django_db(transaction=True)
async def test_it_tries_both_sides(peer, model, viewer, stranger, as_):
    from asgiref.sync import sync_to_async

    client = AsyncClient()
    client.cookies = (await sync_to_async(as_)(viewer)).cookies
    for side, asked in (("base", "tiny"), ("tuned", model.engine_name)):
        response = await client.get(f"/models/{model.pk}/tryout/{side}/", {"text": "Can I return it opened?"})
        text = b"".join([part async for part in response.streaming_content]).decode()
        assert "event: piece" in text
        assert "event: done" in text
        assert peer.asked[-1]["model"] == asked
    assert (await client.get(f"/models/{model.pk}/tryout/other/")).status_code == 404
    client.cookies = (await sync_to_async(as_)(stranger)).cookies
    assert (
        await client.get(f"/models/{model.pk}/tryout/base/", {"text": "Can I return it opened?"})
    ).status_code == 404


def test_it_tries_both_sides_without_a_script(peer, model, owner, as_):
    page = as_(owner).get(f"/models/{model.pk}/tryout/", {"text": "Can I return it opened?"})
    assert page.content.decode().count("word9") == 2


def test_it_asks_only_for_answers_that_nobody_put_right(talk, project, owner, viewer, as_):
    message = talk.messages.get(role="assistant")
    panel = f"/projects/{project.pk}/endpoints/panel/"
    Feedback.objects.update_or_create(message=message, defaults={"rating": -1, "question": "Where?", "correction": ""})
    assert "1 answer is marked wrong." in as_(owner).get(panel).content.decode()
    assert "Say what it should have been" not in as_(viewer).get(panel).content.decode()
    Feedback.objects.update(correction="Right here.", used_in=project.datasets.first())
    assert "marked wrong" not in as_(owner).get(panel).content.decode()
