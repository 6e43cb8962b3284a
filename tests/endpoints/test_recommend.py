"""A recommender in chat, API and page: cards with reasons, what was asked before, the owner's rules."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import httpx2 as httpx
import pytest
from asgiref.sync import sync_to_async
from django.urls import reverse

from endpoints import chat, publishing
from endpoints.families.recommend import catalogue
from endpoints.families.recommend.answering import understood
from endpoints.families.recommend.rules import RulesForm
from endpoints.models import Endpoint, Message
from tests.endpoints.test_consumers import Browser
from tests.endpoints.things import *  # noqa: F403  (fixtures)
from tests.endpoints.things import THINGS
from training.ml.recommend.picks import Item, Pick, Why
from training.ml.recommend.wishes import LONGEST, parse

pytestmark = pytest.mark.django_db(transaction=True)
SHOWN = [
    {"kind": "cards", "items": [{"item": "t0"}, {"item": "t1"}], "query": "a gift under 20", "dropped": [], "liked": []}
]


def test_it_begins_with_things_of_its_own_catalogue(recommender):
    """A pottery shop offered its visitors something new for the kitchen."""
    assert recommender.starters[0] == "Something from Cups"
    assert recommender.starters[1].startswith("Something like ")
    assert recommender.starters[1].removeprefix("Something like ") in {thing["title"] for thing in THINGS}


def test_it_leaves_out_what_is_not_in_stock_where_the_catalogue_says_so(recommender, owner, as_):
    assert recommender.rules == {}  # nothing is said of stock
    model = recommender.deployment.model
    things = [{**thing, "available": thing["item"] != "t3"} for thing in THINGS]
    (model.folder / "items.jsonl").write_text("".join(json.dumps(thing) + "\n" for thing in things))
    catalogue._read.cache_clear()
    again = publishing.publish(model, owner, name="With stock", visibility="link")
    assert again.rules == {"in_stock_only": True}
    page = as_(owner).get(reverse("endpoints:rules", args=[again.pk])).content.decode()
    box = next(tag for tag in re.findall("<input[^>]*>", page) if 'name="in_stock_only"' in tag)
    assert "checked" in box


def test_a_column_by_which_nothing_is_in_stock_hides_nothing(recommender, owner):
    model = recommender.deployment.model
    things = [{**thing, "available": False} for thing in THINGS]
    (model.folder / "items.jsonl").write_text("".join(json.dumps(thing) + "\n" for thing in things))
    catalogue._read.cache_clear()
    assert publishing.publish(model, owner, name="Nothing there", visibility="link").rules == {}


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


async def said_of(recommender, *sentences):
    """The last answer to what is said one after the other: its cards with what stands above them, and its text."""
    browser = Browser(recommender)
    await browser.open()
    for text in sentences:
        browser.frames.clear()
        await browser.ask(text)
        done = await browser.until("done")
    await browser.close()
    return next((frame["result"] for frame in browser.frames if frame["type"] == "result"), {}), done["text"]


@pytest.mark.parametrize(
    ("sentences", "note"),
    [
        (("a green kettle", "cheaper"), "I found no cheaper “green kettle”. These come nearest:"),
        (("a green kettle under 20",), "I found no “green kettle” at this price. These come nearest:"),
        (("a green kettle",), ""),
        (("a cup under 20",), ""),  # there is one
        (("a samovar under 20",), ""),  # there is none at any price
        (("便宜一点",), ""),
    ],
)
async def test_it_says_what_of_a_wish_is_not_there_at_that_price(recommender, peer, sentences, note):
    peer.things = ["t2", "t3", "t4"] if len(sentences) > 1 or "under" in sentences[0] else ["t0", "t3"]
    result, text = await said_of(recommender, *sentences)
    assert result.get("note", "") == note
    assert not note or text.startswith(note)


async def test_it_says_when_nothing_is_cheaper_and_when_no_price_is_known(recommender, peer):
    peer.things = []
    assert (await said_of(recommender, "a kettle", "cheaper"))[1].startswith("I found nothing cheaper that fits.")
    await sync_to_async(without_prices)(recommender)
    assert "I do not know any prices here. Ask without a price." in (await said_of(recommender, "a kettle under 5"))[1]
    peer.things = ["t0", "t1"]
    result, _text = await said_of(recommender, "a kettle", "cheaper")
    assert result["note"] == "I do not know any prices here, so these may cost more or less."


def without_prices(recommender):
    folder = recommender.deployments.get().model.folder
    lines = [json.dumps({**thing, "price": None}) for thing in THINGS]
    (folder / "items.jsonl").write_text("\n".join(lines), encoding="utf-8")
    catalogue._read.cache_clear()


@pytest.mark.parametrize(
    ("currency", "price"), [("EUR", "€49"), ("$", "$49"), ("CHF", "49\u00a0CHF"), ("CNY", "¥49"), (None, "49")]
)
def test_a_card_shows_the_money_where_it_is_known(currency, price):
    item = Item("t0", "Kettle", price=49.0, currency=currency)
    assert [one["price"] for one in catalogue.cards({"t0": item}, [Pick("t0", 1.0, Why("other"))])] == [price]


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


def test_it_names_a_field_that_it_does_not_know(ask):
    answer = ask(history=["t0"], limit=3).json()
    assert [one["param"] for one in answer["warnings"]] == ["limit"]
    assert "warnings" not in ask(history=["t0"]).json()


def test_null_counts_as_not_given(ask):
    whole = {"history": None, "query": "tea", "item": None, "k": None, "rules": None}
    assert len(ask(**whole).json()["data"]) == len(ask(query="tea").json()["data"]) > 0
    assert ask(query="tea", rules={"exclude": None, "exclude_categories": None}).status_code == 200


def test_it_refuses_a_condition_that_would_not_hold(ask):
    answer = ask(query="tea", rules={"price_maximum": 20})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "rules.price_maximum")


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
        ("exclude", "t1\n" * 501, "Too many lines: 501, where 500 fit"),
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


def test_its_settings_hold_no_threshold_which_nothing_of_it_would_use(recommender, owner, as_):
    page = reverse("endpoints:settings", args=[recommender.pk])
    shown = as_(owner).get(page).content.decode()
    assert "How sure it must be" not in shown
    assert "Where a person can be reached" in shown
    given = {"name": "Gift finder", "color": "#336699", "visibility": "link", "contact": "shop@example.com",
             "messages_a_minute": 20, "requests_a_minute": 60}  # fmt: skip
    assert as_(owner).post(page, given).status_code == 302
    recommender.refresh_from_db()
    assert (recommender.name, recommender.contact) == ("Gift finder", "shop@example.com")
