"""What an answer should have been: given at once through every door, never a stranger's word, learned with one press."""

from __future__ import annotations

import json

import httpx2 as httpx
import openai
import pytest

from endpoints import publishing
from endpoints.models import Conversation, Endpoint, Feedback, Message
from projects import importing
from projects.models import Dataset
from tests import tiny
from tests.endpoints.conftest import ALL
from tests.endpoints.labels import *  # noqa: F403  (fixtures)
from tests.endpoints.test_classify import ANGRY, spoken
from tests.endpoints.test_consumers import Browser
from tests.endpoints.things import *  # noqa: F403  (fixtures)
from training import following, runs
from training.models import TrainingRun

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
PARCEL = "What happened to my parcel from Leeds?"
RIGHT = "Write to parcels@kettle.example with its number."


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """What would go into the queue."""
    found = []

    def send(name, args=(), *_more, **_options):
        found.extend(args if name == runs.TASK else ())

    monkeypatch.setattr(runs.current_app, "send_task", send)
    return found


@pytest.fixture
def key(endpoint, owner):
    return publishing.issue_key(endpoint, owner, "tests")[1]


async def asked(endpoint, text, **more):
    """The question through the socket: the last frame, and the conversation's browser."""
    browser = Browser(endpoint, **more)
    await browser.open()
    await browser.ask(text)
    return await browser.until("done"), browser


async def answers(endpoint, text):
    done, browser = await asked(endpoint, text)
    await browser.close()
    return done


def shown(browser):
    return [card["item"] for card in next(f for f in browser.frames if f["type"] == "result")["result"]["items"]]


async def press(as_, who, address, **data):
    from asgiref.sync import sync_to_async

    return await sync_to_async(lambda: as_(who).post(address, data))()


async def correct(as_, owner, said):
    message = await Message.objects.filter(role="assistant").alatest("pk")
    return await press(as_, owner, f"/messages/{message.pk}/correct/", correction=said)


# At once -----------------------------------------------------------------------------------------------------------
async def test_it_gives_the_teams_answer_from_that_moment_on(endpoint, peer, owner, as_):
    assert (await answers(endpoint, PARCEL))["text"] == ALL
    assert (await correct(as_, owner, RIGHT)).status_code == 302
    asked_before = len(peer.asked)
    for spelled in (PARCEL, "what happened to my parcel from leeds", f"  {PARCEL}!"):
        done = await answers(endpoint, spelled)
        assert (done["text"], done["state"]) == (RIGHT, "done")
    assert len(peer.asked) == asked_before
    assert (await answers(endpoint, "What happened to my parcel from York?"))["text"] == ALL
    widget = Browser(endpoint, query=f"?key={endpoint.publishable_key}")
    await widget.open()
    await widget.ask(PARCEL)
    assert (await widget.until("done"))["text"] == RIGHT


async def test_it_wins_over_a_known_answer_and_over_doubt(endpoint, owner, as_):
    await Endpoint.objects.aupdate(threshold=1.0)
    assert (await answers(endpoint, PARCEL))["state"] == "unsure"
    await correct(as_, owner, RIGHT)
    assert (await answers(endpoint, PARCEL))["text"] == RIGHT
    await Endpoint.objects.aupdate(threshold=0.0)
    known = "Do you ship abroad?"
    assert "every country" in (await answers(endpoint, known))["text"]
    await correct(as_, owner, "Not any more.")
    assert (await answers(endpoint, known))["text"] == "Not any more."


async def test_it_takes_a_correction_back(endpoint, owner, as_):
    await answers(endpoint, PARCEL)
    await correct(as_, owner, RIGHT)
    feedback = await Feedback.objects.aget()
    await press(as_, owner, f"/feedback/{feedback.pk}/", action="dismiss")
    assert (await answers(endpoint, PARCEL))["text"] == ALL


async def test_a_short_follow_up_is_corrected_with_the_question_before_it(endpoint, owner, as_):
    _done, browser = await asked(endpoint, "Is the shop in Leeds open on Saturday?")
    await browser.ask("And on Sunday?")
    await browser.until("done")
    await browser.close()
    await correct(as_, owner, "Closed.")
    assert (await answers(endpoint, "And on Sunday?"))["text"] != "Closed."
    _done, browser = await asked(endpoint, "Is the shop in Leeds open on Saturday?")
    await browser.ask("And on Sunday?")
    assert (await browser.until("done"))["text"] == "Closed."


def test_programs_get_the_teams_answer_too(server, endpoint, key, owner, as_):
    client = openai.OpenAI(base_url=f"{server.url}/v1", api_key=key, max_retries=0)
    question = [{"role": "user", "content": PARCEL}]
    assert client.chat.completions.create(model=endpoint.slug, messages=question).choices[0].message.content == ALL
    message = Message.objects.get(role="assistant")
    as_(owner).post(f"/messages/{message.pk}/correct/", {"correction": RIGHT})
    assert client.chat.completions.create(model=endpoint.slug, messages=question).choices[0].message.content == RIGHT


def test_programs_are_not_pointed_to_what_they_are_not_shown(server, endpoint, key):
    Endpoint.objects.update(threshold=0.9)
    client = openai.OpenAI(base_url=f"{server.url}/v1", api_key=key, max_retries=0)
    question = [{"role": "user", "content": "Do you ship to the moon?"}]
    said = client.chat.completions.create(model=endpoint.slug, messages=question).choices[0].message.content
    assert "below" not in said
    assert "Do you ship abroad?” Its answer: We ship to every country of the union." in said


# Labels and things -------------------------------------------------------------------------------------------------
async def test_a_label_is_put_right_at_once(classifier, owner, as_):
    done = await answers(classifier, ANGRY)
    assert "Negative" in done["text"]
    await correct(as_, owner, "neutral")
    done, browser = await asked(classifier, ANGRY)
    result = next(frame for frame in browser.frames if frame["type"] == "result")["result"]
    assert (result["label"], result["level"], result["score"]) == ("neutral", "sure", 0.99)
    assert "Neutral" in done["text"]
    assert "late" not in done["text"]  # what decided for the other label does not speak for this one
    assert "Negative" in (await answers(classifier, f"{ANGRY} Again."))["text"]


def test_programs_and_files_get_the_label_that_was_put_right(server, classifier, owner, as_):
    message = spoken(classifier)
    secret = publishing.issue_key(classifier, owner, "tests")[1]

    def labels():
        body = {"model": classifier.slug, "input": [ANGRY, "I love it"]}
        headers = {"Authorization": f"Bearer {secret}"}
        found = httpx.post(f"{server.url}/v1/classify", json=body, headers=headers).json()["data"]
        return [one["label"] for one in found]

    assert labels() == ["negative", "positive"]
    as_(owner).post(f"/messages/{message.pk}/correct/", {"correction": "neutral"})
    assert labels() == ["neutral", "positive"]


async def test_things_that_do_not_fit_a_sentence_make_way_at_once(recommender, owner, as_):
    _done, browser = await asked(recommender, "A gift for my aunt")
    assert shown(browser) == ["t0", "t1", "t2", "t3", "t4"]
    await correct(as_, owner, ["-t0", "-t3", "Cup 6"])
    _done, browser = await asked(recommender, "a gift for my aunt")
    assert shown(browser) == ["t6", "t1", "t2", "t4", "t5"]
    _done, browser = await asked(recommender, "A gift for my uncle")
    assert shown(browser)[0] == "t0"
    await Endpoint.objects.aupdate(rules={"exclude": ["t6"]})
    _done, browser = await asked(recommender, "A gift for my aunt")
    assert "t6" not in shown(browser)


@pytest.mark.parametrize("said", ["hello", "你好", "red mugs", "surprise me"])
async def test_a_short_wish_is_corrected_by_itself_wherever_it_was_said(recommender, owner, as_, said):
    """The page promised that whoever asks this gets it, and kept it under the sentence before it as well."""
    _done, browser = await asked(recommender, "A gift for my aunt")
    await browser.ask(said)
    await browser.until("done")
    await browser.close()
    await correct(as_, owner, "t7")
    _done, browser = await asked(recommender, said)
    assert shown(browser)[0] == "t7"


@pytest.mark.parametrize("said", ["for my small children", "More like the second"])
async def test_what_says_nothing_by_itself_is_corrected_with_the_sentence_before_it(recommender, owner, as_, said):
    async def after(before):
        _done, browser = await asked(recommender, before)
        browser.frames.clear()
        await browser.ask(said)
        await browser.until("done")
        return browser

    await after("A gift for my aunt")
    await correct(as_, owner, "t7")
    assert shown(await after("A gift for my aunt"))[0] == "t7"
    assert shown(await after("A cup"))[0] != "t7"


async def test_a_recommender_says_that_its_corrections_need_no_training(recommender, owner, as_):
    await answers(recommender, "A gift for my aunt")
    unknown = await correct(as_, owner, "A thing that is not there")
    assert unknown.status_code == 422
    page = unknown.content.decode()
    assert "The catalogue has nothing called" in page
    assert ">\nA thing that is not there\n</textarea>" in page, "what was typed is lost"
    await correct(as_, owner, "-t0")
    project = recommender.project_id
    page = await press(as_, owner, f"/projects/{project}/corrections/retrain/")
    assert page.status_code == 409
    assert "Corrections hold here without a training." in page.content.decode()
    assert "Retrain with it" not in page.content.decode()
    assert 'value="-t0" checked' in page.content.decode()


@pytest.mark.parametrize(
    ("family", "question", "said", "read", "onward"),
    [
        ("endpoint", PARCEL, RIGHT, RIGHT, "Retrain with it"),
        ("classifier", ANGRY, "neutral", "neutral", "Retrain with it"),
        (
            "recommender",
            "A gift for my aunt",
            ["-t0", "t6"],
            "First: Cup 6<br>Does not fit: Green kettle",
            "All corrections",
        ),
    ],
)
async def test_a_corrected_answer_says_so_and_leads_on(
    family, question, said, read, onward, request, owner, viewer, as_
):
    from asgiref.sync import sync_to_async

    endpoint = await sync_to_async(request.getfixturevalue)(family)
    await answers(endpoint, question)
    address = (await correct(as_, owner, said))["Location"]

    def page(who):
        return as_(who).get(address).content.decode()

    text, seen = await sync_to_async(page)(owner), await sync_to_async(page)(viewer)
    for found in (text, seen):
        assert " Corrected</span>" in found and "Marked wrong" not in found
        assert f'<blockquote class="quote">{read}</blockquote>' in found
    assert onward in text[text.index(" Corrected</span>") :]
    assert "/corrections/retrain/" not in seen


# Strangers ---------------------------------------------------------------------------------------------------------
async def suggest(endpoint, said, **more):
    done, browser = await asked(endpoint, PARCEL, **more)
    await browser.say(type="feedback", message=done["id"], rating="down", correction=said)
    await browser.until("feedback")
    return browser


async def test_a_visitors_word_is_neither_given_nor_learned_without_a_yes(endpoint, project, owner, as_):
    from asgiref.sync import sync_to_async

    await suggest(endpoint, "Send your card number to mallory@evil.example")
    assert (await answers(endpoint, PARCEL))["text"] == ALL
    page = (await sync_to_async(lambda: as_(owner).get(f"/projects/{project.pk}/corrections/"))()).content.decode()
    assert "From a visitor, not checked" in page
    assert "Ready to learn from" not in page
    assert "Retrain with" not in page
    assert "mallory" not in page  # personal data of whoever wrote it, or of somebody else
    refused = await press(as_, owner, f"/projects/{project.pk}/corrections/retrain/")
    assert refused.status_code == 422
    assert await Dataset.objects.acount() == 1


async def test_a_visitors_word_counts_once_a_person_took_it_over(endpoint, project, owner, viewer, as_):
    await suggest(endpoint, "It waits in the depot. Call 0171 555 8899 for it.")
    feedback = await Feedback.objects.aget()
    assert (await press(as_, viewer, f"/feedback/{feedback.pk}/", action="accept")).status_code == 403
    await press(as_, owner, f"/feedback/{feedback.pk}/", action="accept")
    assert (await answers(endpoint, PARCEL))["text"] == "It waits in the depot. Call [phone] for it."
    await feedback.arefresh_from_db()
    assert feedback.corrected_by_id == owner.pk


async def test_a_visitor_cannot_change_what_the_team_said(endpoint, owner, as_):
    browser = await suggest(endpoint, "mine")
    await correct(as_, owner, RIGHT)
    message = await Message.objects.filter(role="assistant").afirst()
    for rating, words in (("down", "still mine"), ("up", ""), (None, "")):
        await browser.say(type="feedback", message=message.pk, rating=rating, correction=words)
        await browser.until("feedback")
        assert (await answers(endpoint, PARCEL))["text"] == RIGHT


async def test_a_teammate_corrects_from_the_chat_page(endpoint, owner, viewer, as_):
    from asgiref.sync import sync_to_async

    async def cookie(user):
        client = await sync_to_async(as_)(user)
        return f"sessionid={client.cookies['sessionid'].value}"

    await suggest(endpoint, "only looking", cookie=await cookie(viewer))
    assert (await answers(endpoint, PARCEL))["text"] == ALL
    await suggest(endpoint, RIGHT, cookie=await cookie(owner))
    assert (await answers(endpoint, PARCEL))["text"] == RIGHT


# Learned -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def source(endpoint):
    found = Dataset.objects.get(project=endpoint.project)
    tiny.dataset(found.folder)
    return found


def lines(dataset, part):
    return [json.loads(line)["messages"] for line in (dataset.folder / f"{part}.jsonl").open(encoding="utf-8")]


def test_one_press_makes_the_data_and_starts_the_training(endpoint, source, project, owner, as_, sent):
    TrainingRun.objects.update(preset="thorough")
    questions = [f"Question of a visitor number {n}?" for n in range(12)]
    for question in questions:
        talk = endpoint.conversations.create()
        talk.messages.create(role="user", text=question)
        answer = talk.messages.create(role="assistant", text="Wrong.")
        as_(owner).post(f"/messages/{answer.pk}/correct/", {"correction": f"{question} {RIGHT}"})
    page = as_(owner).get(f"/projects/{project.pk}/corrections/").content.decode()
    assert "One press makes new data with your corrections in it and trains the next version: Thorough." in page
    address = as_(owner).post(f"/projects/{project.pk}/corrections/retrain/")["Location"]
    made = Dataset.objects.exclude(pk=source.pk).get()
    assert address == f"/datasets/{made.pk}/follow/"
    waiting = as_(owner).get(address).content.decode()
    assert "Then: training, Thorough" in waiting

    assert importing.read(made)

    run = TrainingRun.objects.exclude(dataset=source).get()
    assert (run.dataset, run.preset, run.created_by) == (made, "thorough", owner)
    assert sent[-1] == run.pk
    assert as_(owner).get(address)["Location"] == f"/runs/{run.pk}/"
    learned = {messages[0]["content"]: messages[1]["content"] for messages in lines(made, "train")}
    assert {question: learned.get(question) for question in questions} == {q: f"{q} {RIGHT}" for q in questions}
    assert len(lines(made, "test")) >= 1
    assert following.follow(made) is None


def test_corrections_of_before_are_in_newer_data_too(endpoint, source, project, owner, as_):
    talk = endpoint.conversations.create()
    talk.messages.create(role="user", text=PARCEL)
    first = talk.messages.create(role="assistant", text="Wrong.")
    as_(owner).post(f"/messages/{first.pk}/correct/", {"correction": RIGHT})
    as_(owner).post(f"/projects/{project.pk}/corrections/retrain/")
    newer = Dataset.objects.create(project=project, name="newer", state="ready")
    tiny.dataset(newer.folder)
    talk.messages.create(role="user", text="Something else that is long enough?")
    second = talk.messages.create(role="assistant", text="Wrong.")
    as_(owner).post(f"/messages/{second.pk}/correct/", {"correction": "Else."})
    as_(owner).post(f"/projects/{project.pk}/corrections/retrain/")
    made = Dataset.objects.latest("pk")
    importing.read(made)
    made.refresh_from_db()
    learned = {messages[0]["content"]: messages[1]["content"] for messages in lines(made, "train")}
    assert learned[PARCEL] == RIGHT
    assert learned["Something else that is long enough?"] == "Else."


def test_a_training_that_a_dead_worker_left_undone_begins_with_the_next_sweep(source, owner, sent):
    Dataset.objects.filter(pk=source.pk).update(train_with="quick", created_by=owner)
    following.sweep()
    following.sweep()
    assert TrainingRun.objects.filter(dataset=source, preset="quick", created_by=owner).count() == 1


def test_a_stranger_who_marks_hundreds_of_retries_makes_the_page_no_slower(
    endpoint, project, owner, as_, django_assert_max_num_queries
):
    talk = Conversation.objects.create(endpoint=endpoint)
    Message.objects.create(conversation=talk, role="user", text=PARCEL)
    answer = None
    for _ in range(200):
        answer = Message.objects.create(conversation=talk, role="assistant", text="No.", replaces=answer)
        Feedback.objects.create(message=answer, rating=-1)
    with django_assert_max_num_queries(150):
        page = as_(owner).get(f"/projects/{project.pk}/corrections/").content.decode()
    assert PARCEL in page
