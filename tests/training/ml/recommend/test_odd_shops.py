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
from training.ml.recommend.choosing import Task
from training.ml.recommend.comparing import by_chance
from training.ml.recommend.log import read_data
from training.ml.recommend.metrics import K, judge
from training.ml.recommend.rules import Rules


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


def test_it_shows_what_the_report_measured(loaded, report):
    """Without rules of the owner's, the served lists are those whose hits were counted."""
    for row in report["rows"][:20]:
        shown = [item for item, _score in row["shown"]]
        assert len(shown) == K
    counts = [len({loaded.items[loaded.places[item]].category for item, _ in row["shown"]}) for row in report["rows"]]
    picks = recommend.answer(loaded, ["g0r", "g1b"], k=K)
    assert min(counts) < K / 2  # more than two of a category
    assert len(picks) == K
    assert len({loaded.items[loaded.places[pick.item]].category for pick in picks}) < K / 2


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


@pytest.mark.parametrize("rules", [{"price_max": "abc"}, {"most_per_category": "x"}, {"exclude": 5}, {"boost": [1]}])
def test_it_refuses_what_is_no_rule(rules):
    with pytest.raises(LearningError):
        Rules.from_dict(rules)


def test_it_reads_half_a_character(loaded):
    assert recommend.answer(loaded, [], "red \ud83d pan", k=3)
