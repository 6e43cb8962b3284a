"""What projects tell whoever wants to go on from there; nobody is imported for it."""

from __future__ import annotations

from django.dispatch import Signal

dataset_ready = Signal()
"""A dataset is ready to learn from; `dataset` is its row."""
overtaking = Signal()
"""Asks which live version a newer one should replace; `model` is the newer one's row, the answer a number, or 0."""
