"""The recommend family's verbs: text, histories and linear methods that together rank a catalogue for a person.

Names are looked up when first used, so that the light parts (picks, wishes, rules) come without torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.ml.fitting import FitResult
    from training.ml.recommend.answering import answer, similar
    from training.ml.recommend.evaluating import evaluate
    from training.ml.recommend.fitting import fit
    from training.ml.recommend.loading import LoadedRecommender, load, with_items
    from training.ml.recommend.picks import Item, Pick, Why
    from training.ml.recommend.probing import check_probes

__all__ = [
    "FitResult", "Item", "LoadedRecommender", "Pick", "Why",
    "answer", "check_probes", "evaluate", "fit", "load", "similar", "with_items",
]  # fmt: skip
HOMES = {
    "FitResult": "training.ml.fitting",
    "LoadedRecommender": "loading", "load": "loading", "with_items": "loading",
    "answer": "answering", "similar": "answering", "check_probes": "probing",
    "evaluate": "evaluating", "fit": "fitting",
    "Item": "picks", "Pick": "picks", "Why": "picks",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = HOMES[name]
    return getattr(importlib.import_module(home if "." in home else f"{__name__}.{home}"), name)
