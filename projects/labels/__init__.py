"""Labels of texts: how they are spelled, which are meant the same, who relabelled what, and writing them down."""

from __future__ import annotations

from projects.labels.relabelling import relabel, relabelled, undo_relabel

__all__ = ["relabel", "relabelled", "undo_relabel"]
