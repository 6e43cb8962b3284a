"""Its report says nothing, and its data is measured as texts are."""

from __future__ import annotations

from types import SimpleNamespace

from training import datafacts
from training.families import Learning
from training.sureness import Certainty

REPORT = SimpleNamespace(
    SYSTEMS=("tuned",),
    CONTRACT={},
    titles=lambda: {"tuned": "The bird"},
    answers=lambda: {"tuned": "The bird"},
    read=lambda stored: SimpleNamespace(
        rows=[], scores={"tuned": {}}, verdict=SimpleNamespace(recommend=""), live=None, corrected=None
    ),
    certainty=lambda report, answers_with="": Certainty(),
    verdict=lambda report: None,
    context=lambda case, report: {},
    facts=lambda report: [],
    columns=list,
    figures=lambda report: [],
    brief=lambda report: "",
    tested=lambda report: "",
    measured_on=lambda report: "",
    beside=lambda ours, theirs, rows, number: "",
    recalled=lambda right, rows: "",
    unfit=lambda report: {},
    caution=lambda report: None,
)
LEARNING = Learning(REPORT, datafacts.of_texts)
