"""The report's figures against a second, plain computation from the raw lists."""

from __future__ import annotations

import json
import math
from collections import defaultdict

import numpy as np
import pytest

from training.ml import recommend
from training.ml.recommend.metrics import judge, top


def plainly(shown: list[str], taken: set[str]) -> tuple[float, float, float]:
    """ndcg@10, recall@10 and hit@10 written down as they are defined."""
    gain = sum(1 / math.log2(place + 1) for place, item in enumerate(shown[:10], start=1) if item in taken)
    ideal = sum(1 / math.log2(place + 1) for place in range(1, min(10, len(taken)) + 1))
    hits = len(set(shown[:10]) & taken)
    return gain / ideal, hits / len(taken), float(hits > 0)


def test_it_agrees_with_an_independent_computation(report, loaded, shop_data):
    lines = [json.loads(line) for line in (shop_data / "interactions.jsonl").read_text().splitlines()]
    people: dict[str, list[dict]] = defaultdict(list)
    for line in lines:
        people[line["person"]].append(line)
    found = []
    for rows in people.values():
        first: dict[str, float] = {}
        for row in rows:
            first.setdefault(row["item"], row["when"])
        history = [item for item, when in first.items() if when < max(first.values())]
        taken = {item for item, when in first.items() if when == max(first.values())}
        if len(first) < 5 or not history:
            continue
        scores = {name: ten_best(loaded, name, history) for name in ("ease", "popularity")}
        found.append({name: plainly(shown, taken) for name, shown in scores.items()})
    assert report["people"] == len(found)
    for name in ("ease", "popularity"):
        for column, metric in enumerate(("ndcg@10", "recall@10", "hit@10")):
            mean = float(np.mean([one[name][column] for one in found]))
            assert report["scores"][name][metric]["mean"] == pytest.approx(mean, abs=2e-4)


def ten_best(loaded, name: str, history: list[str]) -> list[str]:
    """The ten best of the raw tables, computed item by item."""
    tables, places = loaded.tables, [loaded.places[item] for item in history]
    table = tables.ease.toarray()
    scores = {}
    for place, item in enumerate(loaded.items):
        if place not in places:
            scores[item.item] = (
                tables.popularity[place] if name == "popularity" else sum(table[i, place] for i in places)
            )
    return sorted(scores, key=lambda item: (-np.float32(scores[item]), loaded.places[item]))[:10]


def test_its_rows_have_the_hits_they_show(report):
    for row in report["rows"]:
        assert row["hits"] == len({item for item, _ in row["shown"]} & set(row["taken"]))
        assert not {item for item, _ in row["shown"]} & set(row["history"])
        values = [score for _, score in row["shown"]]
        assert values == sorted(values, reverse=True)


def test_its_means_follow_from_its_raw_lists(report):
    """Everybody is in the sample here, so the blend's own lists give the blend's own figures."""
    assert len(report["rows"]) == report["people"]
    found = [plainly([item for item, _ in row["shown"]], set(row["taken"])) for row in report["rows"]]
    for column, metric in enumerate(("ndcg@10", "recall@10", "hit@10")):
        mean = float(np.mean([one[column] for one in found]))
        assert report["scores"]["tuned"][metric]["mean"] == pytest.approx(mean, abs=1e-4)


def test_it_scores_a_perfect_and_a_useless_list():
    found = judge([[1, 2], [5, 6]], [frozenset({1, 2}), frozenset({9})], np.ones(10), 4)
    assert found.values["ndcg@10"].tolist() == [1.0, 0.0]
    assert found.values["hit@10"].tolist() == [1.0, 0.0]
    assert found.coverage == 0.4
    assert found.values["novelty"].tolist() == [2.0, 2.0]


def test_it_never_shows_what_is_ruled_out():
    assert top(np.array([[1.0, -np.inf, 3.0]])) == [[2, 0]]


def test_it_reports_every_system(report):
    assert set(report["scores"]) == set(recommend.picks.SYSTEMS)
    for scores in report["scores"].values():
        assert scores["ndcg@10"]["low"] <= scores["ndcg@10"]["mean"] <= scores["ndcg@10"]["high"]
    assert report["verdict"]["recommend"] in report["scores"]
    assert report["new_items"] is None or report["new_items"]["times_random"] >= 0
