"""Labels, how sure they are, the words that decided, and several labels a text."""

from __future__ import annotations

import pytest

from training.ml import classify
from training.ml.classify import explaining
from training.ml.errors import LearningError

TEXTS = ["My order is late and rude", "A lovely, great refund", "A plain grey parcel"]


def test_it_tells_labels_by_their_words(loaded):
    found = classify.answer(loaded, TEXTS)
    assert [one.label for one in found] == ["negative", "positive", "neutral"]
    for one in found:
        assert sum(one.scores.values()) == pytest.approx(1, abs=1e-3)
        assert one.score == max(one.scores.values()) and one.labels == [one.label]


def test_it_answers_in_the_order_given_and_alike_in_any_company(loaded):
    many = [f"{TEXTS[i % 3]} {'again ' * (i % 11)}" for i in range(70)]
    found = classify.answer(loaded, [*many, *many])
    assert [one.label for one in found[:70]] == [one.label for one in found[70:]]
    for i in (0, 7, 69):
        alone = classify.answer(loaded, [many[i]])[0]
        assert alone.label == found[i].label and alone.score == pytest.approx(found[i].score, abs=0.02)


def test_it_answers_with_every_way_of_the_report(loaded):
    for system in loaded.methods.systems:
        found = classify.answer(loaded, TEXTS, explain=True, answers_with=system)
        assert all(one.label in loaded.labels and 0 <= one.score <= 1 for one in found)


def test_it_does_not_know_other_ways(loaded):
    with pytest.raises(LearningError):
        classify.answer(loaded, TEXTS, answers_with="magic")


@pytest.mark.parametrize("text", ["", " ", "?!", "好", "x" * 5000, "\x00\ud83d\ude00", "🙂🙂"])
def test_it_survives_any_text(loaded, text):
    one = classify.answer(loaded, [text], explain=True)[0]
    assert one.label in loaded.labels
    assert all(0 <= word.start < word.end <= len(text) for word in one.words)


def test_it_answers_nothing_with_nothing(loaded):
    assert classify.answer(loaded, []) == []


def test_it_names_the_words_that_decide(loaded):
    text = "Where is my parcel 4: rude and late"
    one = classify.answer(loaded, [text], explain=True, answers_with="tfidf")[0]
    best = max(one.words, key=lambda word: word.weight)
    assert text[best.start : best.end] in ("rude", "late")
    assert best.weight == 1.0


def test_it_gives_several_labels(several):
    loaded, _data = several
    found = classify.answer(loaded, ["The noodles and costly it was", "A waiter it was"])
    assert set(found[0].labels) == {"food", "price"}
    assert found[1].labels == ["staff"]


def test_it_measures_several_labels_by_exact_match(several, encoder):
    loaded, data = several
    report = classify.evaluate(loaded.methods.folder, data, encoder, encoder).to_json()
    assert report["multi"] and "confusion" not in report
    assert report["scores"]["tuned"]["accuracy"]["mean"] >= 0.8
    assert report["rows"][2]["truth"] == ["price", "staff"]


class TestWords:
    def test_it_names_whole_words_of_chinese(self):
        import numpy as np

        def likely(texts):
            return np.array([0.2 + 0.4 * ("失望" in text) + 0.3 * ("推荐" in text) for text in texts], dtype=np.float32)

        text = "太失望了，以后不推荐大家购买。"
        assert [text[start:end] for start, end, _weight in explaining.words(text, likely)] == ["失望", "推荐"]

    def test_it_leaves_out_what_is_named(self):
        assert explaining.without("a good day", [(2, 6)]) == "a day"
        assert explaining.without("很好吃", [(0, 1)]) == "好吃"

    def test_it_gives_the_word_that_counts_all_the_weight(self):
        import numpy as np

        def likely(texts):
            return np.array([0.9 if "good" in text else 0.2 for text in texts], dtype=np.float32)

        assert explaining.words("a good day", likely) == [(2, 6, 1.0)]

    def test_it_reads_long_texts_in_longer_pieces(self):
        assert len(explaining.spans("word " * 1000)) <= explaining.MOST_PIECES
