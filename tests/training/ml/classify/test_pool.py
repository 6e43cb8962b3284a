"""Two encoders and the words in one pool, weighted on rows that they did not learn from; rare labels; older folders."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests import tiny
from tests.training.ml.classify.conftest import QUICK
from training.ml import artifact, classify
from training.ml.classify import blending, simple
from training.ml.classify.answering import check_probes
from training.ml.classify.blending import Blend
from training.ml.classify.crossing import crossed, folds
from training.ml.classify.details import Details, Pool
from training.ml.classify.methods import SECOND, UNTRAINED
from training.ml.classify.rows import parts
from training.ml.errors import MissingBase

TEXTS = ["I am very happy with it", "This is broken and I am angry"]


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    """Two encoders side by side, as a studio has fetched them."""
    place = tmp_path_factory.mktemp("bases")
    for name in ("first", "second"):
        tiny.sentence_encoder(place / name)
        about = {"slug": name, "revision": "tiny", "family": "embedding"}
        (place / name / "manifest.json").write_text(json.dumps(about))
    return place


@pytest.fixture(scope="module")
def paired(bases, moods, tmp_path_factory):
    return classify.fit(moods, bases / "first", bases / "first", tmp_path_factory.mktemp("run"), QUICK).model


def test_a_second_encoder_and_the_pool_without_training_are_ways_to_answer(paired, bases):
    loaded = classify.load(paired, bases / "first")
    assert {SECOND, UNTRAINED} <= set(loaded.methods.systems)
    for system in (SECOND, UNTRAINED):
        found = classify.answer(loaded, TEXTS, answers_with=system)
        assert all(one.label in loaded.labels and 0 <= one.score <= 1 for one in found)


@pytest.mark.slow
def test_the_report_compares_with_both(paired, bases, moods):
    report = classify.evaluate(paired, moods, bases / "first", bases / "first").to_json()
    assert {SECOND, UNTRAINED} <= set(report["scores"])
    assert report["verdict"]["best_simple"] in report["scores"]


def test_a_folder_whose_answer_needs_the_second_encoder_says_so_when_it_has_gone(paired, bases, tmp_path):
    folder = blended(paired, {"lora": 0.5, SECOND: 0.5}, tmp_path)
    alone = shutil.copytree(bases / "first", tmp_path / "first")
    with pytest.raises(MissingBase):
        classify.load(folder, alone)


def test_a_folder_whose_answer_does_without_the_second_encoder_still_answers(paired, bases, tmp_path):
    folder = blended(paired, {"lora": 0.5, "tfidf": 0.5}, tmp_path)
    loaded = classify.load(folder, shutil.copytree(bases / "first", tmp_path / "first"))
    assert SECOND not in loaded.methods.systems
    assert classify.answer(loaded, TEXTS)[0].label in loaded.labels


def blended(folder, weights, place):
    """A copy of a model folder that answers with these weights."""
    copy = shutil.copytree(folder, place / "model")
    manifest = artifact.read_manifest(copy)
    artifact.write_manifest(copy, replace(manifest, details={**manifest.details, "blend": weights}))
    return copy


def test_one_encoder_is_enough_and_the_log_says_so(run):
    assert "one_encoder" in run[1].notes


def test_an_encoder_that_does_not_know_the_language_takes_no_part(tmp_path, moods):
    """MiniLM has no pieces for half of all Chinese; it is told from an encoder that has."""
    for name in ("first", "second"):
        tiny.sentence_encoder(tmp_path / name)
        about = {"slug": name, "revision": "tiny", "family": "embedding"}
        (tmp_path / name / "manifest.json").write_text(json.dumps(about))
    found = parts(moods)
    assert simple.companion(tmp_path / "first", found, 96) == tmp_path / "second"
    tokens = json.loads((tmp_path / "second" / "tokenizer.json").read_text())
    kept = {piece: number for piece, number in tokens["model"]["vocab"].items() if piece not in "aeiou"}
    tokens["model"] |= {"vocab": kept, "unk_token": "<|endoftext|>"}
    (tmp_path / "second" / "tokenizer.json").write_text(json.dumps(tokens))
    assert simple.companion(tmp_path / "first", found, 96) is None


def test_two_models_on_one_encoder_hold_it_once(paired, bases):
    first, second = (classify.load(paired, bases / "first") for _ in range(2))
    assert first.methods.encoder("base") is second.methods.encoder("base")
    assert first.methods.encoder("tuned") is not second.methods.encoder("tuned")


def test_a_folder_made_by_the_version_before_still_answers(encoder, tmp_path):
    """The folder was trained by version 0.1 on the tiny encoder: no second encoder, no pool, its scope as it was then."""
    old = shutil.copytree(Path(__file__).parent / "made_before", tmp_path / "model")
    manifest, about = artifact.read_manifest(old), artifact.about_base(encoder)
    artifact.write_manifest(old, replace(manifest, base=about.slug, base_revision=about.revision))
    loaded = classify.load(old, encoder)
    assert not {UNTRAINED, SECOND} & set(loaded.methods.systems)
    assert check_probes(loaded, old) >= 0.9
    assert classify.answer(loaded, ["Where is my order 3: broken and rude"], explain=True)[0].label in loaded.labels


def test_each_row_is_judged_by_methods_that_did_not_learn_from_it():
    texts = ["odd" if i == 7 else f"text {i % 2}" for i in range(40)]
    targets = np.eye(2, dtype=np.float32)[[i % 2 for i in range(40)]]
    features = np.zeros((40, 3), dtype=np.float32)
    features[7] = 50.0  # would be known by heart
    found = crossed(texts, targets, False, {"embedding": (features, 100.0)}, folds(targets, 0))
    assert found is not None
    assert found["embedding"][7, 1] < 0.9
    assert (found["tfidf"].argmax(axis=1) == targets.argmax(axis=1))[np.arange(40) != 7].all()


def test_rare_labels_get_back_what_costs_no_accuracy():
    chance = np.random.default_rng(0)
    truth = chance.choice(3, 600, p=[0.8, 0.14, 0.06])
    scores = chance.normal(0, 0.9, (600, 3)) + np.eye(3)[truth] * 1.6 + np.log([0.8, 0.14, 0.06]) * 1.6
    found = {"tfidf": (np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)).astype(np.float32)}
    targets = np.eye(3, dtype=np.float32)[truth]
    blend = Blend({"tfidf": 1.0}, False)
    tilt = blending.tilted(blend, found, targets)
    assert tilt and tilt[2] > tilt[1] > tilt[0] == 0
    before, after = blend(found).argmax(axis=1), replace(blend, tilt=tilt)(found).argmax(axis=1)
    assert (after == truth).mean() >= (before == truth).mean()
    assert (after[truth == 2] == 2).mean() > (before[truth == 2] == 2).mean()


def three_ways(seed, wrong=0.2, rows=300, labels=5):
    """Three ways of one worth that are sure of themselves, each wrong on rows of its own."""
    chance = np.random.default_rng(seed)
    truth = np.arange(rows) % labels
    found = {}
    for name in ("tfidf", "embedding", SECOND):
        given = np.where(chance.random(rows) < wrong, chance.integers(0, labels, rows), truth)
        sure = chance.uniform(0.97, 0.999, (rows, 1))
        found[name] = (np.eye(labels)[given] * sure + (1 - sure) / labels).astype(np.float32)
    return found, np.eye(labels, dtype=np.float32)[truth]


def right(said, targets):
    return float((said.argmax(axis=1) == targets.argmax(axis=1)).mean())


def test_the_plain_mean_of_all_ways_is_the_pool_where_no_weights_are_clearly_better():
    found, targets = three_ways(0)
    blend = blending.pooled(found, targets, False, folds(targets, 0))
    assert set(blend.methods) == set(found)
    assert right(blend(found), targets) >= right(blending.average(list(found.values())), targets)


@pytest.mark.parametrize("seed", range(12))
def test_the_pool_is_not_worse_than_the_plain_mean_on_rows_that_it_never_saw(seed):
    found, targets = three_ways(seed, wrong=(0.05, 0.2, 0.5)[seed % 3], rows=900)
    here, there = ({name: one[rows] for name, one in found.items()} for rows in (slice(0, 300), slice(300, 900)))
    blend = blending.pooled(here, targets[:300], False, folds(targets[:300], 0))
    mean = right(blending.average(list(there.values())), targets[300:])
    assert right(blend(there), targets[300:]) >= mean - 0.01


def test_an_encoder_that_adds_nothing_is_not_asked():
    found, targets = three_ways(1)
    twice = {"tfidf": found["tfidf"], "embedding": found["tfidf"], SECOND: found["tfidf"]}
    assert blending.pooled(twice, targets, False, folds(targets, 0)).methods == ("tfidf",)


def test_a_way_that_knows_nothing_is_weighed_out():
    found, targets = three_ways(2)
    found["tfidf"] = np.random.default_rng(5).dirichlet(np.ones(5), 300).astype(np.float32)
    found["embedding"] = found[SECOND]
    blend = blending.pooled(found, targets, False, folds(targets, 0))
    assert right(blend(found), targets) >= right(found[SECOND], targets)


def test_a_blend_is_read_as_it_was_stored_and_as_folders_held_it_before():
    mean = Blend({"lora": 0.4, blending.MEAN: 0.6}, False, (0.0, 0.5), ("tfidf", SECOND))
    assert Pool.of(mean).blend(False, (0.0, 0.5)) == mean
    assert mean.methods == ("lora", "tfidf", SECOND) and mean.encoders == {"lora", SECOND}
    assert mean.shares() == {"lora": 0.4, "tfidf": 0.3, SECOND: 0.3}
    before = {
        "labels": ["a", "b"],
        "multi": False,
        "longest": 128,
        "threshold": 0.5,
        "blend": {"lora": 0.7, "tfidf": 0.3},
    }
    found = Details.from_json(before | {"scope": {"label": None, "doubt": 0.0, "likeness": 0.2}})
    assert found.blend.weights == {"lora": 0.7, "tfidf": 0.3} and found.untrained is None
    assert Details.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_a_trained_encoder_that_knows_less_than_the_pool_is_left_out():
    truth = np.eye(2, dtype=np.float32)[np.arange(60) % 2]
    good = (truth * 0.8 + 0.1).astype(np.float32)
    useless = np.random.default_rng(1).dirichlet([1, 1], 60).astype(np.float32)
    untrained = Blend({"tfidf": 1.0}, False)
    assert blending.joined(useless, {"tfidf": good}, truth, untrained, folds(truth, 0)) == untrained


def test_a_trained_encoder_that_knows_more_takes_part():
    found, targets = three_ways(3)
    tuned = (targets * 0.9 + 0.02).astype(np.float32)
    untrained = Blend({blending.MEAN: 1.0}, False, averaged=tuple(found))
    blend = blending.joined(tuned, found, targets, untrained, folds(targets, 0))
    assert "lora" in blend.methods
    assert right(blend({"lora": tuned, **found}), targets) > right(untrained(found), targets)
