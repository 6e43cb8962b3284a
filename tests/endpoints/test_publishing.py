"""Publishing, and everything that can go wrong with it while an old version answers."""

from __future__ import annotations

import json

import pytest
from asgiref.sync import async_to_sync

from endpoints import chat, publishing
from endpoints.models import ApiKey, Deployment, Endpoint
from endpoints.starters import starters
from projects.errors import UserError
from projects.models import AuditEvent
from tests.endpoints.conftest import ALL, make_model
from training.models import Evaluation

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_it_publishes_with_one_call_and_good_defaults(peer, model, owner):
    endpoint = publishing.publish(model, owner)
    assert endpoint.slug == "kettle-support"
    assert endpoint.published
    assert endpoint.greeting
    assert endpoint.starters == ["Can I return an opened box?", "Where is my parcel?", "Do you ship abroad?"]
    assert endpoint.deployment.model == model
    assert peer.loaded == [model.engine_name]
    assert AuditEvent.objects.get(action="endpoint.published").user == owner


def test_it_begins_with_questions_of_each_of_its_languages(peer, model, owner):
    questions = [
        "What does the red kettle cost?",
        "Do you ship the kettle to Spain?",
        "怎么退货？",
        "Wie lange habe ich Garantie?",
    ]
    lines = [json.dumps({"id": str(n), "question": one, "answer": "x"}) for n, one in enumerate(questions)]
    (model.folder / "knowledge.jsonl").write_text("\n".join(lines) + "\n")
    assert starters(model) == [questions[0], questions[2], questions[3]]


def test_it_finds_a_free_address_for_every_name(peer, model, owner):
    slugs = [publishing.publish(model, owner, name=name).slug for name in ("Tea Shop", "Tea shop!", "客服助手", "茶")]
    assert slugs == ["tea-shop", "tea-shop-2", "support-bot", "support-bot-2"]


@pytest.mark.parametrize("mood", ["mismatch", "down"])
def test_it_keeps_the_old_version_when_the_new_one_cannot_be_served(endpoint, peer, owner, project, mood):
    before = endpoint.deployment
    peer.mood = mood
    with pytest.raises(UserError) as caught:
        publishing.deploy(endpoint, make_model(project, 2), owner)
    assert "goes on answering" in str(caught.value.safe)
    assert endpoint.deployment == before
    assert Deployment.objects.count() == 1


def test_it_publishes_nothing_when_the_engine_is_down(peer, model, owner, settings):
    settings.ENGINE_URL = settings.EMBEDDINGS_URL = "http://127.0.0.1:9"
    with pytest.raises(UserError):
        publishing.publish(model, owner)
    assert not Endpoint.objects.exists()


def test_it_deploys_another_version_and_goes_back(endpoint, model, owner, project):
    second = make_model(project, 2)
    publishing.deploy(endpoint, second, owner)
    assert endpoint.deployment.model == second
    publishing.rollback(endpoint, owner)
    assert endpoint.deployment.model == model
    assert Deployment.objects.count() == 3
    assert Deployment.objects.filter(ended__isnull=True).count() == 1
    with pytest.raises(UserError):
        publishing.deploy(endpoint, make_model(_other_project(project, owner), 1), owner)


def _other_project(project, owner):
    from projects.models import Project

    return Project.objects.create(team=project.team, name="Other", use_case="support_bot", created_by=owner)


def test_it_takes_an_assistant_off_and_puts_it_on_again(endpoint, model, owner):
    publishing.unpublish(endpoint, owner)
    endpoint.refresh_from_db()
    assert not endpoint.published
    assert endpoint.deployment is None
    publishing.republish(endpoint, owner)
    assert endpoint.deployment.model == model


def test_it_follows_the_report_unless_told_otherwise(peer, model, owner):
    Evaluation.objects.create(
        model=model, report={"verdict": {"recommend": "retrieval"}, "unsure": {"threshold": 0.45, "curve": []}}
    )
    endpoint = publishing.publish(model, owner)
    assert endpoint.deployment.answers_with == "retrieval"
    assert endpoint.threshold == 0.45
    assert publishing.publish(model, owner, answers_with="tuned").deployment.answers_with == "tuned"


def test_it_moves_the_threshold_with_the_recommendation_but_not_the_owners_own(endpoint, owner, project):
    publishing.deploy(endpoint, make_model(project, 2, unsure=0.3), owner)
    assert endpoint.threshold == 0.3
    Endpoint.objects.filter(pk=endpoint.pk).update(threshold=0.77)
    endpoint.refresh_from_db()
    publishing.deploy(endpoint, make_model(project, 3, unsure=0.4), owner)
    assert endpoint.threshold == 0.77


def test_it_shows_a_key_once_and_keeps_its_hash(endpoint, owner):
    key, secret = publishing.issue_key(endpoint, owner, "Shop")
    assert secret not in str(ApiKey.objects.values().get())
    assert key.usable
    publishing.revoke(key, owner)
    key.refresh_from_db()
    assert not key.usable


def test_it_says_that_files_are_missing(peer, model, owner):
    (model.folder / "manifest.json").unlink()
    with pytest.raises(UserError) as caught:
        publishing.publish(model, owner)
    assert "missing" in str(caught.value.what)


def test_it_goes_back_to_the_threshold_that_was_chosen_for_a_version(endpoint, owner, project):
    first = endpoint.deployment
    Endpoint.objects.filter(pk=endpoint.pk).update(threshold=0.61)  # the owner's own, for the first version
    endpoint.refresh_from_db()
    publishing.deploy(endpoint, make_model(project, 2, unsure=0.3), owner)
    Endpoint.objects.filter(pk=endpoint.pk).update(threshold=0.35)
    endpoint.refresh_from_db()
    publishing.rollback(endpoint, owner)
    endpoint.refresh_from_db()
    assert (endpoint.deployment.model, endpoint.threshold) == (first.model, 0.61)
    second = endpoint.deployments.get(model__number=2)
    assert second.settings == {"threshold": 0.35}
    publishing.rollback(endpoint, owner, second)
    endpoint.refresh_from_db()
    assert (endpoint.deployment.model.number, endpoint.threshold) == (2, 0.35)


def test_it_takes_what_the_report_recommends_for_a_version_from_before_settings_were_kept(endpoint, owner, project):
    first = endpoint.deployment
    publishing.deploy(endpoint, make_model(project, 2, unsure=0.3), owner)
    endpoint.deployments.update(settings={})
    Endpoint.objects.filter(pk=endpoint.pk).update(threshold=0.9)
    publishing.rollback(endpoint, owner, endpoint.deployments.get(pk=first.pk))
    endpoint.refresh_from_db()
    assert endpoint.threshold == publishing.advice(first.model).threshold


def test_it_goes_back_to_the_way_of_answering_that_belonged_to_a_version(endpoint, owner, project):
    """When a known answer is given word for word is chosen for each version; it lies in the version's folder."""
    asked = {"content": "Can I return it opened?", "role": "user"}

    def answer():
        knowing = chat.of_endpoint(Endpoint.objects.get(pk=endpoint.pk))[1]

        async def whole():
            events = [event async for event in chat.answer(chat.Request(knowing, [asked]))]
            return "".join(event.text for event in events if isinstance(event, chat.Piece))

        return async_to_sync(whole)()

    assert answer() == ALL
    publishing.deploy(endpoint, make_model(project, 2, hand_over=0.0, guard=False), owner)
    assert answer() == "Yes, within 30 days. Keep the receipt."
    publishing.rollback(endpoint, owner)
    assert answer() == ALL
