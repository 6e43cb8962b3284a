"""Stored questions with the answers they got, by which an engine proves that it serves what was trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from training.ml import artifact
from training.ml.recommend.answering import answer
from training.ml.recommend.loading import LoadedRecommender, load

SHOWN = 5


def probes_of(model: Path, base: Path) -> list[dict[str, Any]]:
    """Answers of the stored model to a few histories, a sentence, and nothing at all."""
    loaded = load(model, base)
    known = np.argsort(-loaded.tables.popularity, kind="stable")[:12]
    ids = [loaded.items[i].item for i in known]
    asked: list[dict[str, Any]] = [
        {"history": ids[:1], "query": None},
        {"history": ids[3:6], "query": None},
        {"history": [], "query": loaded.items[known[0]].title},
        {"history": [], "query": None},
    ]
    return [one | {"shown": _shown(loaded, one)} for one in asked]


def check_probes(loaded: LoadedRecommender, model: Path | None = None) -> float:
    """Share of the stored probe answers that come out again, place by place; 1.0 is the very same model."""
    same = wanted = 0
    for stored in artifact.read_probes(model or loaded.folder):
        again = _shown(loaded, stored)
        wanted += max(len(stored["shown"]), len(again))
        same += sum(a == b for a, b in zip(stored["shown"], again, strict=False))
    return same / wanted if wanted else 1.0


def _shown(loaded: LoadedRecommender, asked: dict[str, Any]) -> list[str]:
    rules = {"most_per_category": 0}
    return [pick.item for pick in answer(loaded, asked["history"], asked["query"], SHOWN, rules)]
