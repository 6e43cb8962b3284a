"""The recommend family's verbs: text, histories and linear methods that together rank a catalogue for a person.

Names are looked up when first used, so that the light parts (picks, wishes, rules) come without torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.ml import lazy
from training.ml.families import Family
from training.ml.recommend import presets, versus

if TYPE_CHECKING:
    from training.ml import recommend as package
    from training.ml.families import Verbs
    from training.ml.recommend.answering import answer, similar
    from training.ml.recommend.asking import ask, recall
    from training.ml.recommend.evaluating import evaluate
    from training.ml.recommend.fitting import fit
    from training.ml.recommend.loading import LoadedRecommender, load, with_items
    from training.ml.recommend.picks import Item, Pick, Why
    from training.ml.recommend.probing import check_probes
    from training.ml.recommend.refitting import refit
    from training.ml.recommend.report import Tested
    from training.ml.recommend.terminal import measure, say
    from training.ml.result import FitResult

__all__ = [
    "FitResult", "Item", "LoadedRecommender", "Pick", "Why",
    "answer", "ask", "check_probes", "evaluate", "fit", "load", "measure", "recall", "refit", "say", "similar", "with_items",
]  # fmt: skip
FAMILY = Family(presets, versus, base="all-minilm-l6-v2")
__getattr__ = lazy.names(
    __name__,
    {
        "FitResult": "training.ml.result",
        "LoadedRecommender": "loading", "load": "loading", "with_items": "loading",
        "answer": "answering", "similar": "answering", "check_probes": "probing",
        "ask": "asking", "recall": "asking", "evaluate": "evaluating", "fit": "fitting", "refit": "refitting",
        "Item": "picks", "Pick": "picks", "Why": "picks",
        "measure": "terminal", "say": "terminal",
    },
)  # fmt: skip
if TYPE_CHECKING:
    VERBS: Verbs[Tested, LoadedRecommender] = package
