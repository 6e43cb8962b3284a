"""Labels for texts, how sure they are, and the words that decided; and the proof that a loaded model is the trained one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from training.ml import artifact
from training.ml.classify import explaining, scope, thresholds
from training.ml.classify.linear import Floats
from training.ml.classify.loading import LoadedClassifier
from training.ml.classify.methods import MAJORITY, SYSTEMS, TUNED
from training.ml.errors import LearningError

MOST_SCORES = 10
NEAR = 0.03
"""How far a probability may move between two machines."""


@dataclass(frozen=True)
class Answer:
    """What a classifier says about one text."""

    label: str
    score: float
    """Calibrated probability of the label; of several, how sure the least certain yes or no among all labels is."""
    scores: dict[str, float]
    """The likeliest labels with their probabilities, the likeliest first."""
    labels: list[str] = field(default_factory=list)
    """All labels given; more than one only where the data had several a text."""
    words: list[dict[str, float]] = field(default_factory=list)
    """Pieces of the text that speak for the label: start, end (characters) and weight (0 to 1)."""
    out_of_scope: bool = False

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def answer(
    loaded: LoadedClassifier, texts: Sequence[str], explain: bool = False, answers_with: str = TUNED
) -> list[Answer]:
    """One answer for each text, in the order given. The same text is read once; explaining reads each many times."""
    if answers_with not in SYSTEMS:
        raise LearningError(system=answers_with)
    if not texts:
        return []
    once = list(dict.fromkeys(texts))
    found = dict(zip(once, _answers(loaded, once, answers_with), strict=True))
    if explain and answers_with != MAJORITY:
        found = {text: _explained(loaded, text, one, answers_with) for text, one in found.items()}
    return [found[text] for text in texts]


def _answers(loaded: LoadedClassifier, texts: list[str], system: str) -> list[Answer]:
    methods = loaded.methods
    far = np.zeros(len(texts), dtype=bool)
    if system == TUNED:
        vectors = methods.vectors(TUNED, texts)
        probabilities = methods.blended(texts, vectors)
        far = scope.likeness(vectors, methods.arrays.middles) < methods.scope.likeness
    else:
        probabilities = methods.probabilities(system, texts)
    decided = methods.decide(probabilities)
    several = thresholds.sure_of_set(probabilities, thresholds.sets(probabilities))  # what the threshold was chosen on
    sure = several if methods.labels.multi else probabilities.max(axis=1)
    return [_answer(loaded, *one) for one in zip(probabilities, decided, sure.tolist(), far.tolist(), strict=True)]


def _answer(loaded: LoadedClassifier, row: Floats, places: list[int], sure: float, far: bool) -> Answer:
    names = loaded.labels
    order = [int(place) for place in np.argsort(-row)[:MOST_SCORES]]
    place = max(places, key=lambda one: row[one])
    return Answer(
        label=names[place],
        score=round(sure, 4),
        scores={names[one]: round(float(row[one]), 4) for one in order},
        labels=[names[one] for one in sorted(places, key=lambda one: -row[one])],
        out_of_scope=far or place == loaded.methods.scope.label,
    )


def _explained(loaded: LoadedClassifier, text: str, one: Answer, system: str) -> Answer:
    place = loaded.labels.index(one.label)
    found = explaining.words(text, probability_of(loaded, place, system))
    words = [{"start": start, "end": end, "weight": round(weight, 3)} for start, end, weight in found]
    return Answer(one.label, one.score, one.scores, one.labels, words, one.out_of_scope)


def probability_of(loaded: LoadedClassifier, place: int, system: str) -> Callable[[list[str]], Floats]:
    """How likely the label at PLACE is for each of many texts, float32 [texts]."""
    return lambda texts: loaded.methods.probabilities(system, texts)[:, place]


def probe(loaded: LoadedClassifier, texts: Sequence[str]) -> list[dict[str, Any]]:
    """Texts with the answers they get now, to be stored with the model."""
    return [
        {"text": text, "label": one.label, "score": one.score}
        for text, one in zip(texts, answer(loaded, texts), strict=True)
    ]


def check_probes(loaded: LoadedClassifier, folder: Path) -> float:
    """Share of the stored texts that get the label they got after training, with nearly the same probability."""
    stored = artifact.read_probes(folder)
    if not stored:
        return 1.0
    found = answer(loaded, [str(one["text"]) for one in stored])
    same = [
        abs(now.score - float(then["score"])) < NEAR and (now.label == then["label"] or now.score < 0.5 + NEAR)
        for now, then in zip(found, stored, strict=True)
    ]
    return float(sum(same)) / len(same)
