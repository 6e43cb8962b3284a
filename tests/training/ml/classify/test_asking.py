"""Another classifier is asked about the rows that it has not met, and both are held against each other."""

from __future__ import annotations

import json

from tests.training.ml.classify.conftest import write
from training.ml import classify, comparing, versus


def test_it_asks_only_of_texts_that_are_new_to_it(run, report, moods, encoder, place):
    kept = [json.loads(line) for line in (moods / "test.jsonl").read_text().splitlines()]
    known = [json.loads(line) for line in (moods / "train.jsonl").read_text().splitlines()]
    new = [(f"Hello number {n}: a lovely and great day", "positive") for n in range(9)]
    texts = [(one["text"], one["labels"]) for one in [*kept[:7], *known[:4]]] + new
    grown = write(place / "grown", [(one["text"], one["labels"]) for one in known], texts, texts)
    rows = [
        {
            "id": f"n{n}",
            "text": text,
            "truth": [labels] if isinstance(labels, str) else labels,
            "predicted": ["positive"],
            "row": n,
            "confidence": 0.9,
        }
        for n, (text, labels) in enumerate(texts)
    ]
    fresh = {"family": "classify", "rows": rows, "verdict": {"recommend": "tuned"}}
    asked = comparing.unseen(fresh, report, moods)
    assert [row.text for row in asked] == [text for text, _label in new], "what it learned later is no test either"
    for way in ("tuned", "tfidf", "majority"):
        rival = versus.Rival(run[0].model, moods, encoder, encoder, way)
        said = classify.ask(run[0].model, grown, encoder, asked, rival)
        assert len(said) == 9
        assert set(map(tuple, said.values())) <= {("positive",), ("negative",), ("neutral",)}
    found = comparing.compare(fresh, "tuned", comparing.answers(report, "tuned") | said)
    assert (found.rows, found.left_out) == (16, 4)


def test_it_is_level_with_itself(report):
    found = comparing.compare(report, "tuned", comparing.answers(report, "tuned"))
    assert (found.word, found.left_out) == ("same", 0) and found.ours == found.theirs
