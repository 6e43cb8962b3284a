"""What an earlier version stored of a model is read by this one: fewer keys, other keys, and nothing that it cannot open."""

from __future__ import annotations

import json

import pytest

from training import reports
from training.models import Evaluation

FIGURE = {"mean": 0.5, "low": 0.4, "high": 0.6, "rows": 8}
SAID = {"answer": "It costs 12.", "token_f1": 0.6, "similarity": 0.6, "foreign": []}
CHAT = {
    "scores": {system: {"token_f1": FIGURE, "similarity": FIGURE} for system in ("tuned", "base", "retrieval")},
    "differences": {
        f"tuned_minus_{other}": {"quality": FIGURE, "foreign": FIGURE | {"low": -1}, "token_f1": FIGURE}
        for other in ("base", "retrieval")
    },
    "verdict": {
        "against_base": "better", "against_retrieval": "better", "foreign_against_retrieval": "same",
        "recommend": "tuned", "reason": "better",
    },
    "unsure": {
        "threshold": 0.4, "reason": "answers_below_are_worse",
        "curve": [
            {"similarity": s, "share_below": s / 2, "quality_below": None, "quality_above": 0.7} for s in (0.2, 0.4)
        ],
    },
    "rows": [
        {
            "id": f"{n}", "row": n, "question": f"Question {n}?", "reference": "It costs 12.", "kind": "generate",
            "nearest": 0.5, "unsure": False, "sources": [], "tuned": SAID, "base": SAID, "retrieval": SAID,
        }
        for n in range(8)
    ],
    "a key": "of a version that never was",
}  # fmt: skip
CLASSIFY = {
    "family": "classify",
    "labels": ["late", "wrong"],
    "scores": {system: {"accuracy": FIGURE, "macro_f1": FIGURE} for system in ("tuned", "tfidf", "base", "majority")},
    "differences": {name: {"accuracy": FIGURE, "macro_f1": FIGURE} for name in ("tuned_minus_best", "tuned_minus_base")},
    "verdict": {
        "recommend": "tuned", "best_simple": "tfidf", "against_best": "better", "against_base": "better", "reason": "better",
    },
    "explanations": {},
    "rows": [
        {"id": f"{n}", "row": n, "text": f"Text {n}", "truth": ["late"], "predicted": ["wrong"], "confidence": 0.9}
        for n in range(8)
    ],
}  # fmt: skip
RECOMMEND = {
    "family": "recommend", "protocol": "last_items", "people": 8, "items": 30, "best_simple": "ease",
    "scores": {system: dict.fromkeys(("hit@10", "ndcg@10", "recall@10"), FIGURE) for system in ("tuned", "ease")},
    "differences": {"tuned_minus_best": {"ndcg@10": FIGURE}},
    "new_items": None, "sentences": None, "conditions": {"shown": 0, "held": 0, "share": None},
    "rows": [{"person": "p", "history": ["a"], "shown": [["b", 0.5]], "taken": ["b"], "hits": 1}],
    "verdict": {
        "recommend": "tuned", "best_simple": "ease", "against_best": "better", "hits_of_100": 40,
        "popularity_hits_of_100": 20,
    },
}  # fmt: skip
OLDER = {"support_bot": CHAT, "sentiment": CLASSIFY, "recommendation": RECOMMEND}


@pytest.fixture
def opened(model, owner, as_):
    """The pages of a version whose report is an older one."""

    def open_(case: str, found: dict) -> dict[str, str]:
        model.project.use_case = case
        model.project.save()
        Evaluation.objects.filter(model=model).update(report=found)
        paths = (f"/models/{model.pk}/", f"/projects/{model.project_id}/models/", f"/models/{model.pk}/publish/")
        answers = {path: as_(owner).get(path) for path in paths}
        assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(paths, 200)
        return {path: answer.content.decode() for path, answer in answers.items()}

    return open_


@pytest.mark.database
@pytest.mark.parametrize("case", OLDER)
@pytest.mark.django_db
def test_it_opens_the_pages_of_an_older_report(opened, case):
    opened(case, OLDER[case])


@pytest.mark.parametrize("case", OLDER)
@pytest.mark.django_db
def test_it_opens_the_pages_of_a_report_whose_rows_are_gone(opened, case):
    opened(case, {name: value for name, value in OLDER[case].items() if name != "rows"})


@pytest.mark.parametrize("case", OLDER)
def test_a_report_that_cannot_be_read_breaks_no_page(opened, case):
    opened(case, {**OLDER[case], "scores": {"tuned": {"ndcg@10": {"mean": None, "low": "none"}}}})


@pytest.mark.parametrize("found", OLDER.values(), ids=OLDER)
def test_it_stores_again_what_it_read(found):
    """Every key under its own name, with the same value."""
    again = json.loads(json.dumps(reports.read(found).to_json()))
    for name, value in found.items():
        if name not in ("a key", "rows", "explanations", "verdict"):
            assert again[name] == value or name == "unsure", name
    assert reports.read(again) == reports.read(found)
