"""Fixtures: a published recommender of a tea shop, answered for by the other engine."""

from __future__ import annotations

import json

import pytest

FIGURE = {"mean": 0.2, "low": 0.1, "high": 0.3, "rows": 100}
REPORT = {
    "family": "recommend", "protocol": "next_basket", "people": 100, "items": 8, "rows": [], "titles": {},
    "scores": {name: {"ndcg@10": FIGURE, "hit@10": FIGURE} for name in ("tuned", "popularity", "ease")},
    "best_simple": "ease", "differences": {"tuned_minus_best": {"ndcg@10": FIGURE}},
    "verdict": {
        "recommend": "tuned", "best_simple": "ease", "against_best": "better", "hits_of_100": 20,
        "popularity_hits_of_100": 10, "reason": "better",
    },
}  # fmt: skip
THINGS = [
    {
        "item": "t0",
        "title": "Green kettle",
        "category": "Kettles",
        "price": 49.0,
        "picture": "https://shop.example/0.jpg",
    },
    {"item": "t1", "title": "<b>Oolong</b>", "category": "Tea", "price": 12.5, "link": "javascript:alert(1)"},
    {"item": "t2", "title": "Tea towel", "category": "Linen", "price": 9},
    *({"item": f"t{i}", "title": f"Cup {i}", "category": "Cups", "price": 5.0 + i} for i in range(3, 8)),
]


def make_recommender(project):
    from projects.models import Dataset
    from training.models import Evaluation, ModelVersion, TrainingRun

    dataset = Dataset.objects.create(project=project, name="orders.csv", state="ready", counts={"kept": 200})
    run = TrainingRun.objects.create(project=project, dataset=dataset, base_model="tiny", state="succeeded")
    row = ModelVersion.objects.create(project=project, number=1, run=run, manifest={})
    Evaluation.objects.create(model=row, report=REPORT)
    write_recommender(row.folder)
    return row


def write_recommender(folder):
    """What training leaves behind, as far as answering needs it."""
    from training.ml.artifact import Manifest, write_manifest
    from training.ml.config import TrainConfig

    folder.mkdir(parents=True, exist_ok=True)
    write_manifest(folder, Manifest(
        family="recommend", base="tiny", base_revision="1", embedder="tiny", tokenizer_sha256="", config=TrainConfig(),
        data_sha256="", examples=200, training={}, choices={}, versions={}, files={},
    ))  # fmt: skip
    lines = "".join(json.dumps(thing) + "\n" for thing in THINGS)
    (folder / "items.jsonl").write_text(lines, encoding="utf-8")


@pytest.fixture
def recommender(peer, team, owner):
    from endpoints import chat, publishing
    from endpoints.families.recommend import catalogue
    from projects.models import Project

    chat._knowing.cache_clear()
    catalogue._read.cache_clear()
    project = Project.objects.create(team=team, name="Shop", use_case="recommendation", created_by=owner)
    return publishing.publish(make_recommender(project), owner, name="Shop helper", visibility="link")
