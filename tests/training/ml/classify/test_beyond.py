"""Texts that belong to none of the labels, told from few rows: by training rows left out and by everyday sentences."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests import tiny
from tests.benchmarks.classify_small import waimai
from tests.live import MODELS
from tests.training.ml.classify.conftest import QUICK, write
from training.ml import classify
from training.ml.classify import beyond
from training.ml.classify.learner import Scale
from training.ml.everyday import everyday, in_each_script

chance = np.random.default_rng(6)
CENTRES = np.random.default_rng(5).normal(size=(6, 24)).astype(np.float32)


def around(centres, each, spread=0.35):
    """Vectors around some centres."""
    found = np.repeat(centres, each, axis=0) + spread * chance.normal(size=(len(centres) * each, centres.shape[1]))
    return found.astype(np.float32)


def known(rows):
    return {"embedding": beyond.Known(rows, Scale.of(rows))}


def certainty(low, high, count):
    return chance.uniform(low, high, count).astype(np.float32)


def test_it_tells_what_is_far_from_every_known_text_and_keeps_what_is_near():
    rows, outside = around(CENTRES, 30), chance.normal(size=(100, 24)).astype(np.float32)
    found = beyond.learn(known(rows), {"embedding": outside}, certainty(0.6, 1, 180), certainty(0.2, 0.7, 100), None)
    new, strange = around(CENTRES, 30), chance.normal(size=(100, 24)).astype(np.float32)
    assert found.far({"embedding": new}, certainty(0.6, 1, 180)).mean() <= 2 * beyond.WRONGLY
    assert found.far({"embedding": strange}, certainty(0.2, 0.7, 100)).mean() > 0.9


def test_labels_left_out_show_what_lies_beside_the_known_ones():
    """A request of a seventh kind is near to the six; they show it by being left out."""
    near = chance.normal(size=(1, 24)).astype(np.float32) * 3
    centres = near + chance.normal(size=(7, 24)).astype(np.float32)
    rows, outside = around(centres[:6], 30, 0.25), chance.normal(size=(100, 24)).astype(np.float32)
    labels = np.repeat(np.arange(6), 30)
    sure = certainty(0.7, 1, 180)
    apart = (labels, certainty(0.2, 0.7, 180))
    seeing = beyond.learn(known(rows), {"embedding": outside}, sure, certainty(0.6, 0.95, 100), apart)
    seventh = {"embedding": around(centres[6:], 60, 0.25)}
    assert seeing.far(seventh, certainty(0.2, 0.7, 60)).mean() > 0.8
    assert seeing.far({"embedding": around(centres[:6], 30, 0.25)}, certainty(0.7, 1, 180)).mean() <= 2 * beyond.WRONGLY


def test_who_sorts_texts_about_everything_is_not_told_that_they_belong_nowhere():
    rows = around(CENTRES, 30)
    same = rows[:100] + 0.01
    assert beyond.learn(known(rows), {"embedding": same}, certainty(0.6, 1, 180), certainty(0.6, 1, 100), None) is None


def test_there_are_everyday_sentences_in_the_language_of_the_rows():
    chinese, english = everyday(["送餐太慢了，再也不点了"]), everyday(["The food came late"])
    assert len(chinese) == len(english) == 100
    assert not set(chinese) & set(english) and any("天气" in one for one in chinese)
    assert in_each_script(["送餐太慢了，再也不点了", "The food came late"]) == [*english, *chinese]
    assert in_each_script(["The food came late"] * 20) == english


@pytest.mark.parametrize("labels", [3, 6])
def test_a_folder_of_few_rows_keeps_it_and_answers_alike_after_loading(encoder, tmp_path, labels):
    pairs = [(f"{tiny.WORDS[i % 6]} my {tiny.SUBJECTS[i % labels]} {i}", tiny.SUBJECTS[i % labels]) for i in range(120)]
    data = write(tmp_path / "data", pairs[:90], pairs[90:], pairs[:8])
    folder = classify.fit(data, encoder, encoder, tmp_path / "run", QUICK).model
    loaded = classify.load(folder, encoder)
    assert loaded.methods.beyond is not None
    assert beyond.FILE in json.loads((folder / "manifest.json").read_text())["files"]
    for system in ("tuned", "untrained", "tfidf"):
        there = classify.answer(loaded, [text for text, _ in pairs[:60]], answers_with=system)
        assert sum(one.out_of_scope for one in there) < 15


@pytest.mark.slow
def test_texts_of_many_rows_and_of_several_labels_are_told_as_before(several, run, encoder):
    assert several[0].methods.beyond is None
    assert classify.load(run[0].model, encoder).methods.beyond is not None


WEATHER = [
    "后天会不会有台风？",
    "今天阳光明媚，适合去公园散步",
    "这周末的天气预报怎么说",
    "明天降温，要多穿衣服吗",
    "山里又下雪了",
]
REVIEWS = [
    "味道不错，送得也快",
    "等了两个小时才送到，饭都凉了",
    "量太少了，不值这个价",
    "下次还会再点",
    "包装很好，没有洒",
]


@pytest.mark.slow
def test_a_text_about_the_weather_is_no_review_of_a_meal(tmp_path):
    """300 Chinese reviews, good and bad, learned with the real encoder."""
    base = Path(MODELS) / "multilingual-e5-small"
    small = waimai()
    data = write(tmp_path / "data", small.train[30:], small.train[:30], small.test[:20])
    config = replace(QUICK, epochs=0.2, layers=("query", "key", "value", "dense"))
    loaded = classify.load(classify.fit(data, base, base, tmp_path / "run", config).model, base)
    assert sum(one.out_of_scope for one in classify.answer(loaded, WEATHER)) >= 4
    assert sum(one.out_of_scope for one in classify.answer(loaded, REVIEWS)) == 0


def test_a_certain_label_is_given_though_the_rows_are_nearer_to_each_other_than_what_people_write():
    """A file of variants: each row is near to the next one, and every text that comes is far from all of them."""
    rows, outside = around(CENTRES, 30, 0.05), chance.normal(size=(100, 24)).astype(np.float32)
    apart = (np.repeat(np.arange(6), 30), certainty(0.2, 0.7, 180))
    found = beyond.learn(known(rows), {"embedding": outside}, certainty(0.8, 1, 180), certainty(0.2, 0.7, 100), apart)
    new = {"embedding": around(CENTRES, 30, 0.6)}
    assert found.far(new, certainty(0.3, 0.5, 180)).mean() > 0.9
    assert not found.far(new, certainty(0.9, 1, 180)).any()
    assert not found.far(new, certainty(0.3, 0.5, 180), certainty(0.9, 1, 180)).any(), "what answers is sure"


def test_what_was_learned_before_that_was_asked_goes_on_as_it_did(tmp_path):
    rows, outside = around(CENTRES, 30), chance.normal(size=(100, 24)).astype(np.float32)
    found = beyond.learn(known(rows), {"embedding": outside}, certainty(0.6, 1, 180), certainty(0.2, 0.7, 100), None)
    found.save(tmp_path)
    assert beyond.load(tmp_path).certain == found.certain < 1
    with np.load(tmp_path / beyond.FILE) as arrays:
        np.savez(tmp_path / beyond.FILE, **{name: arrays[name] for name in arrays.files if name != "certain"})
    assert beyond.load(tmp_path).certain == 1


MAILS = {
    "Cancellation": [
        "I want to cancel my subscription{}", "Please cancel my contract{}", "Ich möchte meinen Vertrag kündigen{}",
        "Bitte kündigen Sie mein Konto{}", "我想取消订阅{}",
    ],
    "Invoice": [
        "I have a question about my invoice{}", "My invoice is wrong{}", "Ich habe eine Frage zur Rechnung{}",
        "Die Rechnung ist falsch{}", "发票金额不对{}",
    ],
    "Technical": [
        "The device does not start{}", "The app shows an error{}", "Das Gerät startet nicht{}",
        "Die App zeigt einen Fehler{}", "设备无法启动{}",
    ],
    "Delivery": [
        "Where is my parcel{}", "My delivery has not arrived{}", "Wo ist mein Paket{}",
        "Meine Lieferung ist nicht angekommen{}", "我的包裹在哪里{}",
    ],
    "Login": [
        "I cannot log in{}", "I forgot my password{}", "Ich kann mich nicht anmelden{}",
        "Ich habe mein Passwort vergessen{}", "我登录不了{}",
    ],
}  # fmt: skip
ENDINGS = ("", ".", ", please help", " 2")
OTHER_WORDS = [
    ("Ich moechte mein Abo kuendigen", "Cancellation"), ("please end the plan", "Cancellation"),
    ("You charged me twice last month", "Invoice"), ("Der Betrag auf der Abrechnung stimmt nicht", "Invoice"),
    ("The controller shows E77 and beeps", "Technical"), ("屏幕一直黑着", "Technical"),
    ("The courier never came to my door", "Delivery"), ("快递三天没有更新了", "Delivery"),
    ("my account is locked, wrong code", "Login"), ("密码忘了怎么办", "Login"),
]  # fmt: skip
NO_MAILS = [
    "How do I boil an egg so that it stays soft for breakfast?", "Wer hat gestern das Endspiel gewonnen?", "红烧肉怎么做才好吃？",
    "It rained the whole night in the mountains", "The parliament votes on the new law", "周末去公园散步吧",
]  # fmt: skip


@pytest.mark.slow
def test_mails_in_other_words_are_not_sent_away_by_a_small_file_of_variants(tmp_path):
    """100 mails in three languages, each sentence in four spellings, learned with the real encoder."""
    base = Path(MODELS) / "multilingual-e5-small"
    rows = [(text.format(end), label) for label, texts in MAILS.items() for text in texts for end in ENDINGS]
    data = write(tmp_path / "data", rows, [], rows[:5])
    config = replace(QUICK, epochs=0.2, layers=("query", "key", "value", "dense"))
    loaded = classify.load(classify.fit(data, base, base, tmp_path / "run", config).model, base)
    said = classify.answer(loaded, [text for text, _label in OTHER_WORDS])
    right = [one for one, (_text, label) in zip(said, OTHER_WORDS, strict=True) if one.label == label]
    assert len(right) >= 9
    assert not [one for one in right if one.out_of_scope and one.score >= 0.75]
    assert sum(one.out_of_scope for one in right) <= len(right) / 2
    assert sum(one.out_of_scope for one in classify.answer(loaded, NO_MAILS)) >= 4
