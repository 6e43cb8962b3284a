"""The classify family's verbs: a LoRA adapter and a head on a text encoder, blended with a cheap method, calibrated.

Names are looked up when first used, so that the light parts (metrics, rows, verdict) come without torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.ml import lazy
from training.ml.classify import presets, versus
from training.ml.families import Family

if TYPE_CHECKING:
    from training.ml import classify as package
    from training.ml.classify.answering import answer, check_probes
    from training.ml.classify.answers import Answer
    from training.ml.classify.asking import ask, recall
    from training.ml.classify.evaluating import evaluate
    from training.ml.classify.fitting import fit
    from training.ml.classify.loading import LoadedClassifier, load
    from training.ml.classify.refitting import refit
    from training.ml.classify.report import Tested
    from training.ml.classify.terminal import measure, say
    from training.ml.families import Verbs
    from training.ml.result import FitResult

__all__ = [
    "Answer",
    "FitResult",
    "LoadedClassifier",
    "answer",
    "ask",
    "check_probes",
    "evaluate",
    "fit",
    "load",
    "measure",
    "recall",
    "refit",
    "say",
]
FAMILY = Family(presets, versus, base="all-minilm-l6-v2")
__getattr__ = lazy.names(
    __name__,
    {
        "FitResult": "training.ml.result",
        "Answer": "answers", "answer": "answering", "check_probes": "answering",
        "LoadedClassifier": "loading", "load": "loading",
        "ask": "asking", "recall": "asking", "evaluate": "evaluating", "fit": "fitting", "refit": "refitting",
        "measure": "terminal", "say": "terminal",
    },
)  # fmt: skip
if TYPE_CHECKING:
    VERBS: Verbs[Tested, LoadedClassifier] = package
