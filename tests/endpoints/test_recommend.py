"""A recommender in chat, API and page: cards with reasons, what was asked before, the owner's rules."""

from __future__ import annotations

from dataclasses import replace

import httpx2 as httpx
import pytest
from django.urls import reverse

from endpoints import catalogue, chat, publishing
from endpoints.answering.recommend import understood
from endpoints.models import Endpoint, Message
from endpoints.rules import RulesForm
from tests.endpoints.test_consumers import Browser
from tests.endpoints.things import *  # noqa: F403  (fixtures)
from training.ml.recommend.wishes import LONGEST, parse

pytestmark = pytest.mark.django_db(transaction=True)
SHOWN = [
    {"kind": "cards", "items": [{"item": "t0"}, {"item": "t1"}], "query": "a gift under 20", "dropped": [], "liked": []}
]


async def test_it_answers_with_cards_and_says_the_same_in_words(recommender, peer):
    browser = Browser(recommender)
    await browser.open()
    await browser.ask("A gift for a gardener under 20")
    result = (await browser.until("result"))["result"]
    done = await browser.until("done")
    assert [card["item"] for card in result["items"]] == ["t0", "t1", "t2", "t3", "t4"]
    assert result["items"][0]["picture"] == "https://shop.example/0.jpg"
    assert result["items"][1]["link"] == ""  # no address that runs
    assert result["items"][0]["reason"] == "Fits “gift”"
    assert "1. Green kettle, 49" in done["text"]
    stored = await Message.objects.aget(role="assistant")
    assert stored.result["query"] == "A gift for a gardener under 20"
    await browser.close()


async def test_it_knows_what_was_shown_before(recommender, peer):
    browser = Browser(recommender)
    await browser.open()
    for text in ("A gift under 20", "cheaper", "not the second", "more like the first", "a cup"):
        await browser.ask(text)
        await browser.until("done")
    asked = [one for one in peer.asked if "rules" in one]
    assert asked[1]["query"] == "A gift under 20 cheaper"
    assert asked[1]["rules"]["shown"] == ["t0", "t1", "t2", "t3", "t4"]
    assert asked[2]["rules"]["exclude"] == ["t1"]
    assert (asked[3]["query"], asked[3]["history"]) == ("more like the first", [])  # the query names it
    assert asked[3]["rules"]["exclude"] == ["t1"]
    assert asked[4]["history"] == ["t0"]
    await browser.close()


async def test_it_says_when_nothing_fits(recommender, peer):
    peer.things = []
    browser = Browser(recommender)
    await browser.open()
    await browser.ask("a kettle under 1, not red")
    done = await browser.until("done")
    assert "nothing that fits" in done["text"]
    assert "another price" in done["text"]
    await browser.close()


@pytest.mark.parametrize(
    ("said", "query", "dropped", "liked"),
    [
        ("under 10", "a gift under 10", [], []),
        ("for children", "a gift under 20 for children", [], []),
        ("a red kettle", "a red kettle", [], []),
        ("hello", "", [], []),
        ("not the first one", "a gift under 20", ["t0"], []),
        ("不要第二个", "a gift under 20", ["t1"], []),
        ("more like the second", "more like the second", [], ["t1"]),
        ("not the ninth", "a gift under 20 not the ninth", [], []),
    ],
)
def test_it_understands_a_sentence_with_the_ones_before(said, query, dropped, liked):
    found = understood(said, SHOWN)
    assert (" ".join(found.query.split()), found.dropped, found.liked) == (query, dropped, liked)


@pytest.fixture
def ask(server, recommender, owner):
    secret = publishing.issue_key(recommender, owner, "tests")[1]

    def post(key=secret, **data):
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.post(f"{server.url}/v1/recommend", json={"model": recommender.slug} | data, headers=headers)

    return post


def test_it_recommends_through_the_api(ask):
    answer = ask(history=["t0", "gone"], k=3)
    assert answer.status_code == 200
    body = answer.json()
    assert body["unknown"] == ["gone"]
    assert [one["item"] for one in body["data"]] == ["t1", "t2", "t3"]
    assert body["data"][0]["title"] == "<b>Oolong</b>"
    assert body["data"][0]["link"] == ""
    assert body["data"][0]["reason"] == "Because of Green kettle"
    assert answer.headers["x-ratelimit-remaining-requests"]


def test_it_lets_callers_only_narrow_the_owners_rules(ask, recommender, peer):
    Endpoint.objects.update(rules={"exclude": ["t0"], "price_max": 20.0, "in_stock_only": True})
    assert ask(query="tea", rules={"exclude": ["t1"], "price_max": 50, "in_stock_only": False}).status_code == 200
    rules = peer.asked[-1]["rules"]
    assert rules["exclude"] == ["t0", "t1"]
    assert rules["price_max"] == 20.0
    assert rules["in_stock_only"] is True


def test_it_refuses_what_it_cannot_do_with_a_sentence(ask):
    assert ask(key="sk-at-wrong").status_code == 401
    assert ask(k=0).status_code == 400
    missing = ask(item="gone")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "item_not_found")


def test_it_keeps_the_owners_rules(recommender, owner, viewer, stranger, as_):
    address = reverse("endpoints:rules", args=[recommender.pk])
    values = {
        "in_stock_only": "on", "most_per_category": "1", "price_max": "30", "exclude": "Tea towel\nt3",
        "exclude_categories": ["Cups"], "boost": "Tea = 2",
    }  # fmt: skip
    assert as_(owner).post(address, values).status_code == 302
    recommender.refresh_from_db()
    assert recommender.rules["exclude"] == ["t2", "t3"]
    assert recommender.rules["boost"] == {"Tea": 2.0}
    assert recommender.rules["exclude_categories"] == ["Cups"]
    page = as_(viewer).get(address)
    assert "Tea towel" in page.content.decode()
    assert as_(viewer).post(address, values).status_code in (403, 404)
    assert as_(stranger).get(address).status_code == 404


def test_it_says_which_rule_it_does_not_understand(recommender, owner, as_):
    address = reverse("endpoints:rules", args=[recommender.pk])
    page = as_(owner).post(address, {"exclude": "No such thing", "boost": "Tea", "price_min": "9", "price_max": "3"})
    assert page.status_code == 422
    text = page.content.decode()
    assert "nothing called “No such thing”" in text
    assert "no = with a number" in text


def test_it_keeps_a_rule_for_one_of_two_things_of_one_title(recommender, owner, as_):
    things = catalogue.of_model(chat.of_endpoint(recommender)[1])
    twins = {"a": replace(things["t2"], item="a"), "b": replace(things["t2"], item="b")}
    form = RulesForm({"exclude": "Tea towel", "boost": "a = 2"}, catalogue=twins)
    assert form.is_valid(), form.errors
    assert form.rules()["exclude"] == ["a", "b"]
    assert RulesForm.initial_of(form.rules(), twins)["exclude"] == ["Tea towel"]
    assert RulesForm.initial_of({"exclude": ["a"]}, twins)["exclude"] == ["a"]
    assert RulesForm.initial_of(form.rules(), twins)["boost"] == ["a = 2"]


@pytest.mark.parametrize(
    ("field", "text", "problem"),
    [
        ("boost", "Tea = 1.2.3", "no = with a number"),
        ("boost", "Tea = .", "no = with a number"),
        ("boost", "Tea = nan", "above 0"),
        ("boost", "= 2", "no = with a number"),
        ("exclude", "t1\n" * 501, "501 lines; 500 fit"),
    ],
)
def test_it_stores_no_rule_that_it_cannot_keep(recommender, owner, as_, field, text, problem):
    page = as_(owner).post(reverse("endpoints:rules", args=[recommender.pk]), {field: text})
    assert page.status_code == 422
    assert problem in page.content.decode()
    recommender.refresh_from_db()
    assert recommender.rules == {}


def test_it_reads_no_more_of_a_sentence_than_it_can_in_a_moment():
    assert parse("a kettle under 5 " + "not the " * 12_000) == parse(
        ("a kettle under 5 " + "not the " * 12_000)[:LONGEST]
    )
    assert parse("!" * 100_000 + " under 5").price_max is None


def test_it_finds_things_by_name(recommender, owner, as_):
    page = as_(owner).get(reverse("endpoints:rules", args=[recommender.pk]), {"find": "oolong"}).content.decode()
    assert "&lt;b&gt;Oolong&lt;/b&gt;" in page
    assert "Green kettle" not in page
