"""The report of a recommender in words: only what the figures allow."""

from __future__ import annotations

import pytest
from django.utils import translation

from projects.usecases import get
from training.families.recommend import report as recommend


def interval(mean: float) -> dict:
    return {"mean": mean, "low": mean, "high": mean, "rows": 500}


def report(by_chance: float, times: float) -> dict:
    """What the sentences of a verdict are made from."""
    found = {"hits_of_100": 47, "popularity_hits_of_100": 21, "against_best": "better", "best_simple": "ease"}
    new = {"times_random": times, "ndcg@10": {"tuned": interval(0.1), "random": interval(by_chance)}}
    return {"scores": {"tuned": {}}, "people": 500, "verdict": found | {"recommend": "tuned"}, "new_items": new}


def said(found: dict) -> str:
    with translation.override("en"):
        return " ".join(map(str, recommend.verdict(recommend.read(found)).sentences))


@pytest.mark.parametrize(("times", "words"), [(63.9, "64 times"), (10.0, "10 times"), (1.2, "1.2 times")])
def test_it_says_how_much_oftener_than_by_chance_new_things_are_found(times, words):
    assert f"{words} as high up as by chance" in said(report(0.01, times))


def test_it_says_where_a_simple_way_does_as_well_with_new_things():
    found = report(0.01, 1.3)
    found["new_items"] |= {"best_simple": "tfidf", "ratio_to_best": {"mean": 0.92, "low": 0.8, "high": 1.1, "rows": 50}}
    assert "A simple way puts them as high or higher: Counting words." in said(found)


def test_its_figure_says_whose_it_is():
    """A person read 83 of 100 as the trained model's, which had 88, and was advised to publish another."""
    found = report(0.01, 2.0)
    found["verdict"] |= {"against_best": "same", "recommend": "ease"}
    with translation.override("en"):
        told = recommend.verdict(recommend.read(found))
    assert str(told.headline).startswith("With Patterns of what goes together (EASE) the next thing")
    assert "By how high up the right things stand" in " ".join(map(str, told.sentences))


def scored(hit: float, ndcg: float) -> dict:
    return {"hit@10": interval(hit), "ndcg@10": interval(ndcg)}


def test_a_figure_by_which_another_method_is_best_compares_with_none():
    found = report(0.01, 2.0) | {"best_simple": "ease", "titles": {}, "rows": [], "protocol": "next_basket"}
    found["scores"] = {"tuned": scored(0.88, 0.5), "ease": scored(0.83, 0.49), "ease_recency": scored(0.84, 0.48)}
    found["differences"] = {"tuned_minus_best": {"hit@10": interval(0.05), "ndcg@10": interval(0.01)}}
    with translation.override("en"):
        hits, height = recommend.context(get("recommendation"), recommend.read(found))["comparisons"]
    assert hits.difference == ""
    assert height.difference == "The trained model is better than Patterns of what goes together (EASE) by 1.0."


def test_it_names_what_it_is_mixed_of():
    found = report(0.01, 2.0) | {"blend": {"itemknn_flat": 0.2, "itemknn_1_apart": 0.3, "tfidf_3": 0.5}}
    with translation.override("en"):
        facts = dict(recommend.facts(recommend.read(found)))
    assert facts["Made of"] in (
        "Chosen together (item-kNN) 50 %, Counting words 50 %",
        "Counting words 50 %, Chosen together (item-kNN) 50 %",
    )


def test_it_compares_nothing_with_a_chance_of_nought():
    """Reports made when chance was drawn once may hold it."""
    assert "by chance" not in said(report(0.0, 100_000_000.0))
