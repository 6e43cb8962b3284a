"""The chat family's verbs: a LoRA adapter on a causal language model, answering with known answers in its prompt.

Names are looked up when first used, so that the light parts (judging, presets, report) come without torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.ml import lazy
from training.ml.chat import presets, versus
from training.ml.families import Family

if TYPE_CHECKING:
    from training.ml import chat as package
    from training.ml.chat.asking import ask, recall
    from training.ml.chat.evaluating import evaluate
    from training.ml.chat.fitting import fit
    from training.ml.chat.generate import AnswerOptions
    from training.ml.chat.loading import LoadedChat, answer, check_probes, load
    from training.ml.chat.refitting import refit
    from training.ml.chat.report import Tested
    from training.ml.chat.terminal import measure, say
    from training.ml.families import Verbs
    from training.ml.result import FitResult

__all__ = [
    "AnswerOptions", "FitResult", "LoadedChat",
    "answer", "ask", "check_probes", "evaluate", "fit", "load", "measure", "recall", "refit", "say",
]  # fmt: skip
FAMILY = Family(presets, versus, base="smollm2-135m-instruct", unnamed=True)
__getattr__ = lazy.names(
    __name__,
    {
        "FitResult": "training.ml.result", "AnswerOptions": "generate",
        "LoadedChat": "loading", "load": "loading", "answer": "loading", "check_probes": "loading",
        "ask": "asking", "recall": "asking", "evaluate": "evaluating", "fit": "fitting", "refit": "refitting",
        "measure": "terminal", "say": "terminal",
    },
)  # fmt: skip
if TYPE_CHECKING:
    VERBS: Verbs[Tested, LoadedChat] = package
