"""Fixtures: a published classifier of reviews, answered for by the other engine."""

from __future__ import annotations

import json

import pytest

LABELS = {"negative": 60, "neutral": 20, "positive": 120}
REPORT = {
    "family": "classify",
    "labels": [*LABELS],
    "multi": False,
    "scores": {
        name: {"accuracy": {"mean": 0.9, "low": 0.85, "high": 0.94, "rows": 200}} for name in ("tuned", "tfidf", "base")
    },
    "differences": {
        name: {"accuracy": {"mean": 0.1, "low": 0.05, "high": 0.15, "rows": 200}}
        for name in ("tuned_minus_best", "tuned_minus_base")
    },
    "coverage": [
        {"threshold": 0.0, "coverage": 1.0, "accuracy": 0.9},
        {"threshold": 0.5, "coverage": 0.8, "accuracy": 0.96},
    ],
    "unsure": {"threshold": 0.5, "coverage": 0.8, "accuracy": 0.96},
    "rows": [
        {"id": str(n), "row": n, "text": text, "truth": [label], "predicted": [label], "confidence": 0.9}
        for n, (text, label) in enumerate(
            [
                ("Hi team, cancel my order please Thanks, Maria", "negative"),
                ("Where is the parcel that Maria Keller sent", "negative"),
                ("Maria here, where is the parcel", "negative"),
                ("Der Fahrer rief am 24.12. um 18:30 an", "neutral"),
                ("Der Fahrer rief am 27.12. um 19:30 an", "neutral"),
                ("Der Fahrer rief am 28.12. um 10:30 an", "neutral"),
                ("Der Fahrer rief am 29.12. um 11:30 an", "neutral"),
                ("Hallo, wann kommt mein Paket? Grüße, Jonas", "negative"),
                ("我叫王芳，请取消订单", "negative"),
                ("It came late and nobody told us", "negative"),
                ("Call me back under +49 30 1234567", "neutral"),
                ("It came late again, what a pity", "negative"),
                ("Der Fahrer war sehr freundlich, danke", "positive"),
                ("味道不错，送得也快", "positive"),
                ("I just wanted to say it is there", "neutral"),
            ]
        )
    ],
    "verdict": {
        "recommend": "tuned",
        "best_simple": "tfidf",
        "against_best": "better",
        "against_base": "better",
        "against_majority": "better",
    },
}


def write_classifier(folder, labels=tuple(LABELS), multi=False):
    """What training leaves behind, as far as answering needs it."""
    from training.ml.artifact import Manifest, write_manifest
    from training.ml.config import TrainConfig

    folder.mkdir(parents=True, exist_ok=True)
    manifest = Manifest(
        family="classify", base="tiny", base_revision="1", embedder="tiny", tokenizer_sha256="", config=TrainConfig(),
        data_sha256="", examples=200, training={}, choices={}, details={"labels": [*labels], "multi": multi},
        versions={}, files={},
    )  # fmt: skip
    write_manifest(folder, manifest)


def make_classifier(project, number=1, **given):
    from projects.models import Dataset
    from training.models import Evaluation, ModelVersion, TrainingRun

    dataset = Dataset.objects.create(project=project, name="reviews.csv", state="ready", counts={"kept": 200})
    dataset.folder.mkdir(parents=True, exist_ok=True)
    facts = {"labels": LABELS, "multi": given.get("multi", False)}
    (dataset.folder / "dataset.json").write_text(json.dumps(facts))
    run = TrainingRun.objects.create(project=project, dataset=dataset, base_model="tiny", state="succeeded")
    row = ModelVersion.objects.create(project=project, number=number, run=run, manifest={})
    Evaluation.objects.create(model=row, report=REPORT)
    write_classifier(row.folder, **given)
    return row


@pytest.fixture
def reviews(team, owner):
    from projects.models import Project

    return Project.objects.create(team=team, name="Reviews", use_case="sentiment", created_by=owner)


@pytest.fixture
def fresh():
    from endpoints import chat
    from endpoints.families.classify import labelling

    chat._knowing.cache_clear()
    labelling._about.cache_clear()


@pytest.fixture
def classifier(peer, reviews, owner, fresh):
    from endpoints import publishing

    return publishing.publish(
        make_classifier(reviews), owner, name="Mood", visibility="link", contact="help@example.com"
    )


@pytest.fixture
def triage(peer, team, owner, fresh):
    from endpoints import publishing
    from projects.models import Project

    project = Project.objects.create(team=team, name="Notes", use_case="risk_triage", created_by=owner)
    return publishing.publish(make_classifier(project), owner, name="Triage", contact="nurse@example.com")
