"""The chat family's four verbs: a LoRA adapter on a causal language model, answering with known answers in its prompt."""

from __future__ import annotations

from training.ml.evaluating import evaluate
from training.ml.fitting import FitResult, fit
from training.ml.generate import AnswerOptions
from training.ml.loading import LoadedChat, answer, check_probes, load

__all__ = ["AnswerOptions", "FitResult", "LoadedChat", "answer", "check_probes", "evaluate", "fit", "load"]
