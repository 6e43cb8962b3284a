"""Recommenders are learned from a log of who took what."""

from __future__ import annotations

from projects.models import Dataset
from training.families import Learning
from training.families.recommend import report
from training.ml.config import DataFacts

CHARACTERS = 40.0
"""Of a title, about."""


def facts(dataset: Dataset, test: Dataset | None) -> DataFacts:
    counts = dataset.amounts
    return DataFacts(
        rows=counts.interactions,
        question_characters=CHARACTERS,
        people=counts.people or 0,
        items=counts.items,
    )


LEARNING = Learning(report, facts, tested_beside=True)
