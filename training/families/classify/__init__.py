"""Classifiers are learned from texts with their labels."""

from __future__ import annotations

from training import datafacts
from training.families import Learning
from training.families.classify import report

LEARNING = Learning(report, datafacts.of_texts, shows_rows=True)
