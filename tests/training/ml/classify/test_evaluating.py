"""report.json of a classifier: its shape, its figures by other means, and what the verdict allows to say."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from tests.training.ml.classify.conftest import write
from training.ml import classify
from training.ml.classify import blending, evaluating, metrics, rows, scope, thresholds
from training.ml.classify.crossing import folds
from training.ml.classify.methods import SYSTEMS
from training.ml.classify.verdict import judge
from training.ml.errors import TooLittleData
from training.ml.scores import Interval


def test_it_writes_the_report_into_the_folder(run, report):
    stored = json.loads((run[0].model / "report.json").read_text())
    assert stored == json.loads(json.dumps(report))
    assert set(stored["scores"]) == set(SYSTEMS) - {"second"}  # one encoder was there
    assert stored["blend"] and sum(stored["blend"].values()) == pytest.approx(1, abs=0.01)
    assert {"recommend", "best_simple", "against_best", "against_base", "reason"} <= set(stored["verdict"])
    for difference in stored["differences"].values():
        assert all(one["low"] <= one["mean"] <= one["high"] for one in difference.values())


def test_it_counts_like_scikit_learn(report):
    truth = [row["truth"][0] for row in report["rows"]]
    said = [row["predicted"][0] for row in report["rows"]]
    scores = report["scores"]["tuned"]
    assert scores["accuracy"]["mean"] == pytest.approx(accuracy_score(truth, said), abs=1e-4)
    assert scores["macro_f1"]["mean"] == pytest.approx(f1_score(truth, said, average="macro"), abs=1e-4)
    table = np.array(report["confusion"])
    assert table.sum() == len(truth) and np.trace(table) == sum(a == b for a, b in zip(truth, said, strict=True))


def test_it_never_hides_a_row_from_the_bins(report):
    assert sum(one["count"] for one in report["reliability"]) == report["held_out"]
    covered = [one["coverage"] for one in report["coverage"]]
    assert covered == sorted(covered, reverse=True)


def test_it_says_it_is_sure_of_as_many_texts_as_it_answers(run, moods, encoder, tmp_path):
    """What it calls none of the labels goes to a person at every threshold, by every way to answer."""
    folder = shutil.copytree(run[0].model, tmp_path / "model")
    known = [(row.text, list(row.labels)) for row in rows.read(moods / "test.jsonl")]
    strange = [(f"zzz {n} qqq xxx", known[0][1]) for n in range(12)]
    report = classify.evaluate(folder, write(tmp_path / "data", [], [], [*known, *strange]), encoder, encoder)
    loaded, texts = classify.load(folder, encoder), [text for text, _ in [*known, *strange]]
    assert report.refused is not None and report.refused.rows >= 6
    for system in ("tuned", "untrained", "tfidf"):
        said, found = classify.answer(loaded, texts, answers_with=system), report.certain_of(system)
        assert found.refused is not None and found.refused.rows == sum(one.out_of_scope for one in said)
        for point in found.coverage:
            served = [not one.out_of_scope and one.score >= point.threshold for one in said]
            assert point.coverage == pytest.approx(np.mean(served), abs=1e-3)


def test_it_measures_some_rows_when_asked(run, moods, encoder, tmp_path):
    import shutil

    folder = shutil.copytree(run[0].model, tmp_path / "model")
    assert classify.evaluate(folder, moods, encoder, encoder, limit=9).held_out == 9
    with pytest.raises(TooLittleData):
        classify.evaluate(folder, write(tmp_path / "none", []), encoder, encoder)


def test_it_finds_words_that_matter_more_than_others(report):
    found = report["explanations"]
    assert found["deleted_top"] >= found["deleted_random"]


def test_its_calibration_error_is_the_gap_between_sure_and_right():
    sure = np.array([0.95] * 10 + [0.65] * 10)
    right = np.array([True] * 9 + [False] + [True] * 5 + [False] * 5)
    error = metrics.calibration_error(sure, right)(np.arange(20))
    assert error == pytest.approx((0.05 + 0.15) / 2)


def test_it_pools_what_helps_and_leaves_out_what_does_not():
    chance = np.random.default_rng(0)
    truth = chance.integers(0, 3, 600)
    targets = np.eye(3, dtype=np.float32)[truth]
    good = _softmax(targets * 2.5 + chance.normal(size=(600, 3)))
    noise = _softmax(chance.normal(size=(600, 3)))
    blend = blending.pooled({"embedding": good, "tfidf": noise}, targets, False, folds(targets, 0))
    assert blend.weights["embedding"] > 0.5 and blend.weights.get("tfidf", 0) < 0.15


def test_it_turns_down_what_is_too_sure_of_itself():
    chance = np.random.default_rng(1)
    truth = chance.integers(0, 2, 800)
    targets = np.eye(2, dtype=np.float32)[truth]
    sure = _softmax((targets * 1.0 + chance.normal(size=(800, 2))) * 8)
    blend = blending.pooled({"tfidf": sure}, targets, False, folds(targets, 0))
    mixed = blend({"tfidf": sure})
    error = metrics.calibration_error(mixed.max(axis=1).astype(float), mixed.argmax(axis=1) == truth)
    assert error(np.arange(800)) < 0.06
    assert sum(blend.weights.values()) < 0.5


def test_it_calls_doubtful_texts_out_of_scope_where_the_data_has_a_label_for_them():
    names = ("book", "oos", "pay")
    assert scope.label_of(names) == 1 and scope.label_of(("book", "pay")) is None
    found = scope.predicted(np.array([[0.5, 0.3, 0.2], [0.9, 0.05, 0.05]], dtype=np.float32), 1, 0.6)
    assert found.tolist() == [1, 0]


def test_it_says_how_sure_it_is_that_a_doubtful_text_belongs_nowhere():
    probabilities = np.array([[0.4, 0.14, 0.3, 0.16], [0.9, 0.02, 0.04, 0.04], [0.1, 0.7, 0.1, 0.1]], dtype=np.float32)
    found = scope.settled(probabilities, scope.Scope(1, 0.45, -1.0))
    assert found.argmax(axis=1).tolist() == [1, 0, 1]
    assert found[0, 1] == pytest.approx(0.6)
    assert found.sum(axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    np.testing.assert_array_equal(found[1:], probabilities[1:])
    np.testing.assert_array_equal(scope.settled(probabilities, scope.Scope(None, 0.0, 0.3)), probabilities)


@pytest.mark.parametrize(("middle", "spread"), [(0.5, 0.1), (0.9, 0.01)])
def test_it_calls_texts_out_of_scope_that_are_far_from_every_label(middle, spread):
    chance = np.random.default_rng(3)
    near = (middle + spread * chance.normal(size=400)).astype(np.float32)
    targets = np.eye(2, dtype=np.float32)[chance.integers(0, 2, 400)]
    found = scope.find(("book", "pay"), targets, targets, near)
    assert found.label is None
    assert (near < found.likeness).mean() == pytest.approx(scope.FARTHEST, abs=0.005)
    assert middle - 4 * spread < found.likeness < middle - 1.5 * spread


def test_it_is_sure_of_those_it_gets_right():
    chance = np.random.default_rng(2)
    sure = chance.uniform(0.4, 1.0, 500).astype(np.float32)
    probabilities = np.stack([sure, 1 - sure], axis=1)
    right = chance.uniform(size=500) < sure
    targets = np.where(right[:, None] == (probabilities == probabilities.max(1, keepdims=True)), 1.0, 0.0)
    threshold = thresholds.recommended(probabilities, targets.astype(np.float32), multi=False)
    assert 0.5 < threshold < 1.0


def test_it_recommends_the_cheaper_way_on_a_tie():
    def at(mean):
        return {name: Interval(mean, mean - 0.02, mean + 0.02, 100) for name in ("accuracy", "macro_f1")}

    scores = {"tuned": at(0.80), "tfidf": at(0.81), "embedding": at(0.7), "base": at(0.3)}
    same = {name: Interval(-0.01, -0.03, 0.01, 100) for name in ("accuracy", "macro_f1")}
    better = {name: Interval(0.5, 0.4, 0.6, 100) for name in ("accuracy", "macro_f1")}
    found = judge(scores, {"tuned_minus_best": same, "tuned_minus_base": better}, "tfidf")
    assert (found.recommend, found.against_best, found.against_base) == ("tfidf", "same", "better")
    found = judge(scores | {"tuned": at(0.9)}, {"tuned_minus_best": better, "tuned_minus_base": better}, "tfidf")
    assert (found.recommend, found.against_best) == ("tuned", "better")


def _softmax(scores):
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return (raised / raised.sum(axis=1, keepdims=True)).astype(np.float32)


def test_explaining_reads_no_more_than_it_may(run, report, moods, encoder, tmp_path, monkeypatch):
    copy = shutil.copytree(run[0].model, tmp_path / "model")
    monkeypatch.setattr(evaluating, "MOST_READ", 6000)
    assert 0 < classify.evaluate(copy, moods, encoder, encoder).explanations.rows < report["explanations"]["rows"]
