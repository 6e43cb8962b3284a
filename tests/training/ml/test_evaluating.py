"""The report: three systems, intervals, and a verdict that says no more than the figures allow."""

from __future__ import annotations

import json

import pytest

from training.ml import chat
from training.ml.chat.judging import judge
from training.ml.scores import Interval, interval, token_f1


@pytest.fixture(scope="module")
def report(fitted, data, base, encoder):
    return chat.evaluate(fitted[0].model, data, base, encoder, limit=4)


def test_it_scores_all_systems_on_the_same_rows(report, fitted) -> None:
    stored = json.loads((fitted[0].model / "report.json").read_text())
    assert stored["scores"]["tuned"]["token_f1"]["rows"] == 4 and stored["held_out"] == 6
    assert {system for system, found in report.scores.items() if "token_f1" in found} == {"tuned", "base", "retrieval"}
    assert {system for system, found in report.scores.items() if "perplexity" in found} == {"tuned", "base"}
    assert report.scores["tuned"]["perplexity"].mean < report.scores["base"]["perplexity"].mean
    assert all(row.retrieval.answer == row.sources[0].answer for row in report.rows)


def test_it_leaves_the_model_folder_whole(report, fitted, base) -> None:
    chat.load(fitted[0].model, base)


@pytest.mark.parametrize(
    ("quality", "foreign", "wanted"),
    [
        ((0.1, 0.05, 0.2), (-0.1, -0.2, -0.05), ("tuned", "better")),
        ((0.0, -0.1, 0.1), (-0.1, -0.2, -0.05), ("tuned", "same_with_fewer_foreign_facts")),
        ((0.0, -0.1, 0.1), (0.0, -0.1, 0.1), ("tuned", "same")),
        ((-0.1, -0.2, -0.05), (-0.1, -0.2, -0.05), ("retrieval", "retrieval_better")),
    ],
)
def test_it_judges_by_the_intervals(quality, foreign, wanted) -> None:
    retrieval = {"quality": Interval(*quality, 20), "foreign": Interval(*foreign, 20)}
    verdict = judge({"tuned_minus_retrieval": retrieval, "tuned_minus_base": {"quality": Interval(0.3, 0.2, 0.4, 20)}})
    assert (verdict.recommend, verdict.reason) == wanted and verdict.against_base == "better"


def test_it_overlaps_words_and_chinese_characters() -> None:
    assert token_f1("The parcel is late", "the parcel, late") == pytest.approx(6 / 7)
    assert token_f1("我的订单", "订单") == pytest.approx(2 / 3)
    assert token_f1("", "x") == 0.0


def test_it_knows_how_sure_a_mean_is() -> None:
    found = interval([0.0, 1.0] * 50)
    assert found.mean == 0.5 and 0.38 < found.low < 0.45 and 0.55 < found.high < 0.62
    assert interval([]).rows == 0
