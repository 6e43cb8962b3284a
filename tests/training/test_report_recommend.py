"""The report of a recommender in words: only what the figures allow."""

from __future__ import annotations

import pytest
from django.utils import translation

from training.reports import recommend


def report(by_chance: float, times: float) -> dict:
    """What the sentences of a verdict are made from."""
    found = {"hits_of_100": 47, "popularity_hits_of_100": 21, "against_best": "better", "best_simple": "ease"}
    new = {"times_random": times, "ndcg@10": {"tuned": {"mean": 0.1}, "random": {"mean": by_chance}}}
    return {"scores": {"tuned": {}}, "people": 500, "verdict": found | {"recommend": "tuned"}, "new_items": new}


def said(found: dict) -> str:
    with translation.override("en"):
        return " ".join(map(str, recommend.verdict(found).sentences))


@pytest.mark.parametrize(("times", "words"), [(63.9, "64 times"), (10.0, "10 times"), (1.2, "1.2 times")])
def test_it_says_how_much_oftener_than_by_chance_new_things_are_found(times, words):
    assert f"{words} as often as by chance" in said(report(0.01, times))


def test_it_compares_nothing_with_a_chance_of_nought():
    """Reports made when chance was drawn once may hold it."""
    assert "by chance" not in said(report(0.0, 100_000_000.0))
