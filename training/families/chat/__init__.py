"""Chats are learned from questions with their answers."""

from __future__ import annotations

from training import datafacts
from training.families import Learning
from training.families.chat import report

LEARNING = Learning(report, datafacts.of_texts)
