"""Data as it comes: no times, one basket each, texts that say nothing, strange line ends, and bad rules."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from tests.training.ml.recommend.conftest import QUICK, customers, shop, write
from training.ml import recommend
from training.ml.errors import LearningError, NobodyKnown, TooFewPeople
from training.ml.recommend import linear
from training.ml.recommend.choosing import Task, task
from training.ml.recommend.comparing import by_chance, new_items
from training.ml.recommend.log import read_data
from training.ml.recommend.metrics import K, judge
from training.ml.recommend.rules import Rules
from training.ml.recommend.splitting import split


def made(folder, encoder, lines, items=None):
    return recommend.fit(write(folder / "data", lines, items), encoder, encoder, folder / "run", QUICK).model


def test_it_takes_one_time_for_everything_for_none(tmp_path, encoder):
    lines = [line | {"when": 1.7e9, "basket": None} for line in customers(60)]
    assert made(tmp_path, encoder, lines)
    assert np.isnan(read_data(tmp_path / "data").log.when).all()


def test_it_says_when_nobody_came_twice(tmp_path, encoder):
    with pytest.raises(TooFewPeople):
        made(tmp_path, encoder, [line | {"basket": line["person"]} for line in customers(60)])


def test_it_says_when_the_test_is_about_strangers(tmp_path, encoder):
    data = write(tmp_path / "data", customers(60))
    strangers = [line | {"person": f"other {line['person']}"} for line in customers(5)]
    (data / "test_interactions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in strangers))
    with pytest.raises(NobodyKnown):
        recommend.fit(data, encoder, encoder, tmp_path / "run", QUICK)


@pytest.mark.parametrize("title", ["Product", "😀", "a\u2028b\x85c"])
def test_it_learns_where_titles_tell_nothing_apart(tmp_path, encoder, title):
    items = [item | {"title": title, "text": "", "category": None} for item in shop()]
    model = made(tmp_path, encoder, customers(60), items)
    loaded = recommend.load(model, encoder)
    assert len(recommend.answer(loaded, [], title, k=5)) == 5
    assert loaded.items[0].title == title


def test_it_shows_what_the_report_measured(loaded, report, shop_data):
    """Without rules of the owner's, the served lists have the hits that were counted.

    But for a person or two: the report knows which things were one basket and when, a served history only their order.
    """
    data = read_data(shop_data)
    parts = split(data)
    asked = task(parts.learned, parts.test, len(data.items))
    ids = [item.item for item in data.items]
    hits = []
    for history, truth in zip(asked.batch.histories, asked.truth, strict=True):
        shown = {pick.item for pick in recommend.answer(loaded, [ids[i] for i in history], k=K)}
        hits.append(bool(shown & {ids[i] for i in truth}))
    assert np.mean(hits) == pytest.approx(report["scores"]["tuned"]["hit@10"]["mean"], abs=0.05)


def test_it_fills_a_list_where_one_category_fills_the_top(loaded, monkeypatch):
    from training.ml.recommend import answering

    monkeypatch.setattr(answering, "MOST_ORDERED", 12)
    assert len(recommend.answer(loaded, ["g0r", "g1b"], k=8, rules={"most_per_category": 2})) == 8


def test_it_counts_nothing_that_came_later_as_recent(tmp_path):
    lines = customers(40)
    chance = random.Random(0)
    for line in lines:  # the lines of one order may lie months apart
        line["when"] += chance.random() * 100 * 86400
    log = read_data(write(tmp_path / "data", lines)).log
    now = float(np.median(log.when))
    found = linear.recent(log, 96, now, 4.0)
    assert found.sum() <= (log.when < now).sum()
    counted = np.bincount(log.item[log.when < now], minlength=96) > 0
    assert not found[~counted].any()


def test_it_expects_of_chance_what_many_draws_give():
    truth = [frozenset({1, 5}), frozenset(range(15))]
    task = Task(np.arange(2), None, truth)
    chance = np.random.default_rng(0)
    drawn = [[chance.permutation(40)[:K].tolist() for _ in truth] for _ in range(4000)]
    mean = np.mean([judge(shown, truth, np.ones(40), 1).values["ndcg@10"] for shown in drawn], axis=0)
    np.testing.assert_allclose(by_chance(task, 40), mean, rtol=0.08)


def test_it_tests_new_items_on_so_many_people_at_most(loaded, shop_data):
    data = read_data(shop_data)
    assert new_items(loaded, data, split(data), seed=0, most=25).people == 25


def test_it_takes_one_time_among_unknown_ones_for_none(tmp_path):
    lines = [line | {"when": 1.7e9 if i % 2 else None} for i, line in enumerate(customers(5))]
    assert np.isnan(read_data(write(tmp_path, lines)).log.when).all()


@pytest.mark.parametrize(
    "rules",
    [
        {"price_max": "abc"}, {"price_max": 10**400}, {"price_min": "nan"}, {"most_per_category": "x"},
        {"most_per_category": float("inf")}, {"exclude": 5}, {"boost": [1]}, {"boost": {"garden": float("nan")}},
    ],
)  # fmt: skip
def test_it_refuses_what_is_no_rule(rules):
    with pytest.raises(LearningError):
        Rules.from_json(rules)


def test_it_puts_forward_without_end_only_so_far(loaded):
    picks = recommend.answer(loaded, ["g0r"], k=5, rules={"boost": {"toys": float("inf")}})
    assert all(np.isfinite(pick.score) for pick in picks)
    assert {loaded.items[loaded.places[pick.item]].category for pick in picks} == {"toys"}


def test_it_refuses_a_system_that_there_is_not(loaded):
    with pytest.raises(LearningError):
        recommend.answer(loaded, ["g0r"], answers_with="magic")


def test_it_reads_half_a_character(loaded):
    assert recommend.answer(loaded, [], "red \ud83d pan", k=3)
