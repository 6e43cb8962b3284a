"""Answers keep the rules and conditions, and give true reasons."""

from __future__ import annotations

import random

import numpy as np
import pytest

from training.ml import recommend
from training.ml.recommend.picks import SYSTEMS
from training.ml.recommend.rules import Rules
from training.ml.recommend.scoring import of_history
from training.ml.recommend.wishes import holds, parse

HISTORY = ["g0r", "g1b", "g2g", "k0r"]


def of(loaded, pick):
    return loaded.items[loaded.places[pick.item]]


def test_it_answers_with_every_system(loaded):
    for system in SYSTEMS:
        picks = recommend.answer(loaded, HISTORY, k=5, answers_with=system)
        assert len(picks) == 5
        assert [pick.score for pick in picks] == sorted((pick.score for pick in picks), reverse=True)


def test_it_recommends_what_the_taste_asks_for(loaded):
    picks = recommend.answer(loaded, ["g0r", "g1b", "g2g"], k=10, rules={"most_per_category": 0})
    assert sum(of(loaded, pick).category == "garden" for pick in picks) >= 7


def test_it_needs_no_history(loaded):
    picks = recommend.answer(loaded, [], k=4)
    assert len(picks) == 4 and {pick.reason.kind for pick in picks} == {"popular"}
    assert recommend.answer(loaded, ["unknown"], k=4) == picks


def test_its_shelf_agrees_with_each_items_conditions(loaded):
    for sentence in ("a mug under 12, not red", "something over 20 in stock", "no spade"):
        wish = parse(sentence)
        mask = loaded.shelf.allowed(Rules(), wish)
        assert mask.tolist() == [holds(item, wish) for item in loaded.items]


def random_rules(chance: random.Random) -> dict:
    return {
        "exclude": chance.sample(["g0r", "g1r", "t3b", "o2g", "k5r", "g3b"], 3),
        "exclude_categories": chance.sample(["Garden", "toys", "office"], chance.randrange(2)),
        "boost": {"kitchen": chance.choice([0.5, 2.0]), "t1r": 3.0},
        "in_stock_only": chance.random() < 0.5,
        "not_bought_already": chance.random() < 0.7,
        "most_per_category": chance.choice([1, 2, 3]),
        "price_min": chance.choice([None, 10]),
        "price_max": chance.choice([None, 30]),
    }


def keeps(loaded, rules: dict, history: list[str], picks) -> bool:
    found = [of(loaded, pick) for pick in picks]
    kinds = [item.category for item in found]
    return (
        not {item.item for item in found} & set(rules["exclude"])
        and not {kind.casefold() for kind in kinds} & {kind.casefold() for kind in rules["exclude_categories"]}
        and (not rules["in_stock_only"] or all(item.available for item in found))
        and (not rules["not_bought_already"] or not {item.item for item in found} & set(history))
        and all(kinds.count(kind) <= rules["most_per_category"] for kind in kinds)
        and all(item.price >= (rules["price_min"] or 0) for item in found)
        and all(item.price <= (rules["price_max"] or 1e9) for item in found)
    )


@pytest.mark.parametrize("query", [None, "a red lamp", "like red spade but blue"])
def test_its_rules_always_hold(loaded, query):
    chance = random.Random(5)
    ids = [item.item for item in loaded.items]
    for _ in range(25):
        rules, history = random_rules(chance), chance.sample(ids, chance.randrange(6))
        picks = recommend.answer(loaded, history, query, 10, rules)
        assert keeps(loaded, rules, history, picks)


def test_it_puts_boosted_items_forward(loaded):
    place = lambda picks: [pick.item for pick in picks].index("o4g")  # noqa: E731
    everything = {"most_per_category": 0}
    before = recommend.answer(loaded, HISTORY, k=96, rules=everything)
    after = recommend.answer(loaded, HISTORY, k=96, rules=everything | {"boost": {"o4g": 4}})
    assert place(after) < place(before)
    top = recommend.answer(loaded, HISTORY, k=5, rules=everything | {"boost": {"o4g": 5000}})
    assert top[0].item == "o4g" and top[0].reason.kind == "rule"


@pytest.mark.parametrize("limit", [6, 12.5, 25])
def test_conditions_of_a_sentence_hold_for_everything(loaded, limit):
    for sentence in (
        f"a red lamp under {limit}",
        f"something for the kitchen up to £{limit} in stock",
        f"玩具，不超过{limit}元",
    ):
        picks = recommend.answer(loaded, HISTORY, sentence, 10)
        assert picks
        assert all(of(loaded, pick).price <= limit for pick in picks)
        assert "stock" not in sentence or all(of(loaded, pick).available for pick in picks)


def test_it_leaves_out_unwanted_words(loaded):
    picks = recommend.answer(loaded, [], "a mug, not red", 10)
    assert picks and not any("red" in of(loaded, pick).title.split() for pick in picks)


def test_it_finds_words_with_typos_and_names_them(loaded):
    assert of(loaded, recommend.answer(loaded, [], "green ketle", 3)[0]).title.endswith("kettle")
    first = recommend.answer(loaded, [], "green kettle", 3)[0]
    assert of(loaded, first).title == "green kettle"
    assert first.reason.kind == "text" and first.reason.words == ["green", "kettle"]


def test_it_reads_like_but(loaded):
    picks = recommend.answer(loaded, [], "something like red spade but blue", 5)
    assert all("blue" in of(loaded, pick).title for pick in picks)
    assert sum(of(loaded, pick).category == "garden" for pick in picks) >= 3


def test_it_understands_what_is_shown(loaded):
    rules = {"shown": ["k4r", "g4b", "t4g"], "most_per_category": 0}
    cheaper = recommend.answer(loaded, [], "like the second but cheaper", 6, rules)
    assert cheaper and all(
        of(loaded, pick).price < of(loaded, recommend.Pick("g4b", 0, None)).price for pick in cheaper
    )
    assert sum(of(loaded, pick).category == "garden" for pick in cheaper) >= 3
    assert all(of(loaded, pick).price < 25 for pick in recommend.answer(loaded, [], "cheaper", 6, rules))


def test_cheaper_means_something_without_anything_to_compare_with(loaded):
    picks = recommend.answer(loaded, [], "a spade, not too expensive", 6)
    assert picks and all(of(loaded, pick).price < 22.5 for pick in picks)


def test_it_searches_large_catalogues_nearly_as_well(loaded, monkeypatch):
    import dataclasses

    from training.ml.recommend import near

    monkeypatch.setattr(near, "LISTS", 4)
    monkeypatch.setattr(near, "FOUND", 30)
    library = loaded.library
    index = near.Near.of(library.text, library.sentence)
    large = dataclasses.replace(loaded, library=dataclasses.replace(library, near=index))
    for question in ("green kettle", "a blue robot for the kids", "red ball"):
        exact = [pick.item for pick in recommend.answer(loaded, [], question, 5)]
        nearly = [pick.item for pick in recommend.answer(large, [], question, 5)]
        assert exact[0] == nearly[0] and len(set(exact) & set(nearly)) >= 3


def test_its_search_index_survives_the_disk(loaded, tmp_path, monkeypatch):
    from training.ml.recommend import near

    monkeypatch.setattr(near, "LISTS", 4)
    index = near.Near.of(loaded.library.text, loaded.library.sentence)
    index.write(tmp_path)
    again = near.Near.read(tmp_path)
    query = (loaded.library.text[3], loaded.library.sentence[3])
    assert index.search(query, (1, 1), 96)[0].tolist() == again.search(query, (1, 1), 96)[0].tolist()
    assert near.Near.read(tmp_path / "nowhere") is None


def score(loaded, history: list[str], item: str) -> float:
    places = [loaded.places[one] for one in history]
    return float(loaded.scores(of_history(places))[0][loaded.places[item]])


def test_without_the_named_item_the_score_is_lower(loaded):
    chance = random.Random(7)
    ids = [item.item for item in loaded.items]
    named = 0
    for _ in range(40):
        history = chance.sample(ids, chance.randrange(1, 9))
        for pick in recommend.answer(loaded, history, k=8):
            for item in pick.reason.items:
                named += 1
                rest = [one for one in history if one != item]
                assert score(loaded, rest, pick.item) < score(loaded, history, pick.item)
    assert named > 100


def test_it_tells_what_people_also_take(loaded):
    picks = recommend.similar(loaded, "g0r", 6)
    assert len(picks) == 6 and "g0r" not in {pick.item for pick in picks}
    assert sum(of(loaded, pick).category == "garden" for pick in picks) >= 4
    assert recommend.similar(loaded, "unknown") == []


def test_it_takes_new_items_by_their_text(loaded):
    new = {
        "item": "new",
        "title": "golden spade",
        "text": "A golden spade for the garden.",
        "category": "garden",
        "price": 3.0,
    }
    grown = recommend.with_items(
        loaded, [new, {"item": "g0r", "title": "red spade", "price": 99.0, "available": False}]
    )
    assert len(loaded.items) + 1 == len(grown.items)
    assert recommend.answer(grown, [], "golden spade", 3)[0].item == "new"
    assert np.isfinite(score(grown, HISTORY, "new"))
    assert recommend.similar(grown, "new", 3)
    assert grown.items[grown.places["g0r"]].price == 99.0
    stocked = recommend.answer(grown, [], "red spade", 20, {"in_stock_only": True})
    assert "g0r" not in {pick.item for pick in stocked}
    assert recommend.answer(loaded, HISTORY, k=5)


def test_nearness_orders_new_items_but_does_not_lift_them(loaded):
    new = [
        {"item": f"n{i}", "title": f"{colour} wheelbarrow", "category": "garden"} for i, colour in enumerate("abcdefgh")
    ]
    grown = recommend.with_items(loaded, new)
    batch = of_history([grown.places[item] for item in HISTORY])
    scores = grown.blend.scores(grown.tables, batch)
    without, with_share = (grown.tables.with_new(scores, batch, share) for share in (0.0, 1.0))
    np.testing.assert_allclose(np.sort(without, axis=1), np.sort(with_share, axis=1))
    np.testing.assert_array_equal(without[:, ~grown.tables.cold], scores[:, ~grown.tables.cold])


def test_it_shows_what_many_chose_where_nothing_else_speaks(loaded):
    """A method that knows what goes together scores nothing without a history: it showed the first rows of the table."""
    best = [loaded.items[place].item for place in np.argsort(-loaded.popular, kind="stable")[:5]]
    for system in SYSTEMS:
        for history in ([], ["unknown"]):
            picks = recommend.answer(loaded, history, k=5, answers_with=system)
            assert {pick.reason.kind for pick in picks} == {"popular"}
            if system != "popularity":
                assert [pick.item for pick in picks] == best, system


def test_it_does_not_say_many_take_what_few_take(loaded):
    popular = loaded.popular
    picks = recommend.answer(loaded, HISTORY, k=len(loaded.items), answers_with="ease")
    told = {pick.item for pick in picks if pick.reason.kind == "popular"}
    assert told
    least = sorted(popular[popular > 0])[: int((popular > 0).sum() / 2)]
    assert not {item for item in told if popular[loaded.places[item]] in least}


def test_what_is_shown_counts_for_a_wish_that_names_nothing(loaded):
    """ "Cheaper" means like these but cheaper, for a visitor without a history too."""
    garden = [item.item for item in loaded.items if item.category == "garden"][:4]
    rules = {"shown": garden, "most_per_category": 0, "not_bought_already": False}

    def shown(history, rules):
        return [pick.item for pick in recommend.answer(loaded, history, "cheaper", 4, rules, answers_with="ease")]

    assert shown([], rules) == shown(garden, rules)
    assert shown([], rules) != shown([], {"most_per_category": 0})


def test_a_boost_leaves_what_scores_the_same_in_its_order(loaded):
    plain = [pick.item for pick in recommend.answer(loaded, [], k=20)]
    last = plain[-1]
    boosted = [pick.item for pick in recommend.answer(loaded, [], k=20, rules={"boost": {last: 1000.0}})]
    assert boosted == [last, *plain[:-1]]


@pytest.mark.parametrize("system", ["popularity", "recent"])
def test_a_list_of_what_many_choose_says_so_of_each(loaded, system):
    picks = recommend.answer(loaded, HISTORY, k=10, answers_with=system)
    assert {pick.reason.kind for pick in picks} == {"popular"}
