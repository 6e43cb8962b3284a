"""Data as it comes: no words in it, labels that only one part knows, a handful of rows, several labels a text."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.training.ml.classify.conftest import QUICK, signals, write
from training.ml import classify
from training.ml.classify import blending, rows, thresholds
from training.ml.classify.rows import Row, kept_back, parts


def made(folder: Path, encoder: Path, *given) -> classify.LoadedClassifier:
    data = write(folder / "data", *given)
    return classify.load(classify.fit(data, encoder, encoder, folder / "run", QUICK).model, encoder)


def test_it_learns_from_smileys_alone(tmp_path, encoder):
    pairs = [("😀😀", "good") if i % 2 else ("😡", "bad") for i in range(40)]
    assert {one.label for one in classify.answer(made(tmp_path, encoder, pairs), ["😀", "😡"])} <= {"good", "bad"}


@pytest.mark.parametrize("seed", range(20))
def test_it_takes_no_label_all_its_rows(seed):
    some = [Row(str(i), i, f"text {i}", ("x",) if i % 2 else ("y",)) for i in range(60)]
    some[7] = Row("7", 7, "text 7", ("x", "rare"))
    train, aside = kept_back(some, seed)
    assert any("rare" in row.labels for row in train)
    assert aside


def test_it_keeps_several_labels_a_text_though_one_row_alone_has_them(tmp_path):
    pairs = [(f"text {i}", ["x"] if i % 2 else ["y"]) for i in range(60)]
    pairs[7] = ("text 7", ["x", "y"])
    assert all(parts(write(tmp_path / str(seed), pairs), seed).labels.multi for seed in range(5))


def test_it_learns_nothing_from_labels_that_only_validation_knows(tmp_path):
    known = [(f"text {i}", "a" if i % 2 else "b") for i in range(60)]
    found = parts(write(tmp_path, known, [*known[:30], *((f"new {i}", "c") for i in range(30))]))
    assert found.labels.names == ("a", "b")
    assert len(found.validation) == 30


def test_it_is_careful_where_nothing_can_be_tried(tmp_path, encoder):
    pairs = [(f"{'lovely' if i % 2 else 'awful'} thing {i}", "good" if i % 2 else "bad") for i in range(16)]
    loaded = made(tmp_path, encoder, pairs)
    assert not parts(tmp_path / "data").judged
    assert loaded.methods.blend == blending.untried(False)
    assert loaded.threshold == thresholds.UNTRIED


def test_it_sends_nobody_to_a_person_where_hardly_anything_is_wrong():
    sure = np.linspace(0.55, 0.95, 100).astype(np.float32)
    probabilities = np.stack([sure, 1 - sure], axis=1)
    targets = np.tile(np.array([1.0, 0.0], dtype=np.float32), (100, 1))
    assert thresholds.recommended(probabilities, targets, False) == 0.5 < sure.min()
    targets[:30] = targets[:30, ::-1]
    assert thresholds.recommended(probabilities, targets, False) > 0.5


@pytest.mark.parametrize(("count", "threshold"), [(20, 0.5), (39, 0.5), (19, 0.725)])
def test_it_sends_nobody_to_a_person_where_nothing_is_wrong_unless_it_may_be_luck(count, threshold):
    sure = np.linspace(0.55, 0.95, count).astype(np.float32)
    probabilities = np.stack([sure, 1 - sure], axis=1)
    targets = np.tile(np.array([1.0, 0.0], dtype=np.float32), (count, 1))
    assert thresholds.recommended(probabilities, targets, False) == pytest.approx(threshold, abs=0.03)


def test_what_is_likelier_wrong_than_right_goes_to_a_person_unless_the_rows_say_that_it_is_right():
    targets = np.tile(np.array([1.0, 0.0, 0.0], dtype=np.float32), (40, 1))
    for lowest, threshold in ((0.6, 0.5), (0.44, 0.425)):
        sure = np.linspace(lowest, 0.95, 40).astype(np.float32)
        probabilities = np.stack([sure, (1 - sure) / 2, (1 - sure) / 2], axis=1)
        assert thresholds.recommended(probabilities, targets, False) == pytest.approx(threshold)


def test_it_recommends_no_trust_in_answers_that_lack_a_label_it_never_learned(tmp_path):
    several = [(text, [*labels, "never seen"] if i % 2 else labels) for i, (text, labels) in enumerate(signals(42))]
    found = parts(write(tmp_path, signals(140), several))
    targets = found.labels.targets(found.validation)
    known = found.labels.known(found.validation)
    assert known.tolist() == [i % 2 == 0 for i in range(42)]
    probabilities = np.abs(targets - 0.1)
    assert thresholds.recommended(probabilities, targets, True) == 0.5
    assert thresholds.recommended(probabilities, targets, True, known) > 0.8


@pytest.mark.slow
def test_it_counts_two_labels_as_wrong_where_it_gives_one(run, moods, encoder, tmp_path):
    model = shutil.copytree(run[0].model, tmp_path / "model")
    two = [(row.text, [*row.labels, "negative", "positive"]) for row in rows.read(moods / "test.jsonl")]
    report = classify.evaluate(model, write(tmp_path / "data", [], [], two), encoder, encoder).to_json()
    assert report["scores"]["tuned"]["accuracy"]["mean"] == 0
    assert report["coverage"][0]["accuracy"] == 0


@pytest.mark.slow
def test_it_is_as_right_at_full_coverage_as_it_is_accurate(several, tmp_path, encoder):
    loaded, data = several
    report = classify.evaluate(loaded.methods.folder, data, encoder, encoder).to_json()
    assert report["refused"]["rows"] == 0
    assert report["coverage"][0]["accuracy"] == pytest.approx(report["scores"]["tuned"]["accuracy"]["mean"], abs=1e-3)
    unknown = [(text, [*labels, "never seen"]) for text, labels in signals(35)]
    other = write(tmp_path / "data", signals(140), signals(42), unknown)
    report = classify.evaluate(loaded.methods.folder, other, encoder, encoder).to_json()
    assert report["scores"]["tuned"]["accuracy"]["mean"] == 0
    assert report["coverage"][0]["accuracy"] == 0


def test_it_gives_the_likeliest_where_none_is_likelier_than_not():
    probabilities = np.array([[0.2, 0.4], [0.7, 0.6]], dtype=np.float32)
    given = thresholds.sets(probabilities)
    assert given.tolist() == [[False, True], [True, True]]
    np.testing.assert_allclose(thresholds.sure_of_set(probabilities, given), [0.4, 0.6], rtol=1e-6)


def test_it_reads_rows_with_half_of_what_they_need(tmp_path):
    (tmp_path / "some.jsonl").write_text(
        '{"id": "1", "text": " ", "labels": ["a"]}\n{"id": "2", "text": "b", "labels": []}\n'
    )
    assert rows.read(tmp_path / "some.jsonl") == []
