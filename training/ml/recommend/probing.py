"""Stored questions with the answers they got, by which an engine proves that it serves what was trained."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from training.ml import artifact
from training.ml.recommend.answering import scored_alone
from training.ml.recommend.loading import LoadedRecommender, load

SHOWN = 5


@dataclass(frozen=True)
class Probe:
    """A question with what was shown."""

    history: list[str]
    query: str | None = None
    shown: list[str] = field(default_factory=list)


def probes_of(model: Path, base: Path) -> list[Probe]:
    """Answers of the stored model to a few histories, a sentence, and nothing at all."""
    loaded = load(model, base)
    known = np.argsort(-loaded.tables.popularity, kind="stable")[:12]
    ids = [loaded.items[i].item for i in known]
    asked = [Probe(ids[:1]), Probe(ids[3:6]), Probe([], loaded.items[known[0]].title), Probe([])]
    return [replace(one, shown=_shown(loaded, one)) for one in asked]


def check_probes(loaded: LoadedRecommender, model: Path | None = None) -> float:
    """Share of the stored probe answers that come out again, place by place; 1.0 is the very same model."""
    same = wanted = 0
    for stored in artifact.read_probes(model or loaded.folder, Probe):
        again = _shown(loaded, stored)
        wanted += max(len(stored.shown), len(again))
        same += sum(a == b for a, b in zip(stored.shown, again, strict=False))
    return same / wanted if wanted else 1.0


def _shown(loaded: LoadedRecommender, asked: Probe) -> list[str]:
    return [pick.item for pick in scored_alone(loaded, asked.history, asked.query, SHOWN)]
