"""The same button pressed by two at once, or twice by one: done once, and nobody reads that something broke."""

from __future__ import annotations

import pytest

from endpoints.models import Conversation, Deployment, Endpoint, Feedback, Message
from projects.models import Dataset
from tests.endpoints.conftest import make_model
from tests.test_attacks import at_once
from tests.training.conftest import ready_dataset, tiny_bases, tiny_folders  # noqa: F401
from training.models import TrainingRun

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def presses(as_, owner):
    """The answers to the same press, sent by several browsers of one person at the same moment."""
    clients = [as_(owner) for _ in range(4)]

    def press(path: str, **data: str) -> list[int]:
        for client in clients:
            client.raise_request_exception = False
        return [one.status_code for one in at_once(lambda n: clients[n].post(path, data), len(clients))]

    return press


def test_a_model_is_published_once(presses, model, peer):
    given = {"name": "Kettle help", "greeting": "Hi", "visibility": "link", "threshold": "0.5", "color": "#336699"}
    given |= {"answers_with": "tuned", "starters": "", "messages_a_minute": "12", "requests_a_minute": "60"}
    codes = presses(f"/models/{model.pk}/publish/", **given)
    assert set(codes) <= {302, 409}, codes
    assert Endpoint.objects.count() == 1
    assert Deployment.objects.count() == 1


def test_another_version_goes_live_once(presses, endpoint, project, peer, owner):
    newer = make_model(project, 2)
    codes = presses(f"/endpoints/{endpoint.pk}/deploy/", model=str(newer.pk), answers_with="tuned")
    assert all(code < 500 for code in codes), codes
    assert Deployment.objects.filter(endpoint=endpoint, ended=None).count() == 1


@pytest.mark.usefixtures("tiny_bases")
def test_a_training_is_begun_once(presses, project, owner):
    dataset = ready_dataset(project, owner)
    codes = presses(f"/datasets/{dataset.pk}/train/", preset="quick")
    assert set(codes) <= {302, 409}, codes
    assert TrainingRun.objects.count() == 1


def test_corrections_become_one_dataset(presses, endpoint, project, owner):
    ready_dataset(project, owner)
    before = set(Dataset.objects.all())
    talk = Conversation.objects.create(endpoint=endpoint)
    question = Message.objects.create(conversation=talk, role="user", text="Do you ship to Iceland?")
    answer = Message.objects.create(conversation=talk, role="assistant", text="No")
    Feedback.objects.create(message=answer, rating=-1, correction="Yes", question=question.text)
    codes = presses(f"/projects/{project.pk}/corrections/retrain/")
    assert sorted(codes) == [302, 422, 422, 422]  # the others read that there is nothing new
    assert set(Dataset.objects.all()) - before == {Feedback.objects.get().used_in}
    assert Dataset.objects.count() == len(before) + 1
