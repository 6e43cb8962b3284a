"""The classify family's four verbs: a LoRA adapter and a head on a text encoder, blended with a cheap method, calibrated."""

from __future__ import annotations

from training.ml.classify.answering import Answer, answer, check_probes
from training.ml.classify.evaluating import evaluate
from training.ml.classify.fitting import fit
from training.ml.classify.loading import LoadedClassifier, load
from training.ml.fitting import FitResult

__all__ = ["Answer", "FitResult", "LoadedClassifier", "answer", "check_probes", "evaluate", "fit", "load"]
