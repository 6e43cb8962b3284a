"""Labels for texts, how sure they are, and the words that decided; and the proof that a loaded model is the trained one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.ml import artifact, segments
from training.ml.classify import explaining, thresholds
from training.ml.classify.answers import Answer, Word
from training.ml.classify.linear import Floats
from training.ml.classify.loading import LoadedClassifier
from training.ml.classify.methods import LEARNED, MAJORITY, TUNED, Seen
from training.ml.errors import LearningError

MOST_SCORES = 10
NEAR = 0.03
"""How far a probability may move between two machines."""


def answer(
    loaded: LoadedClassifier,
    texts: Sequence[str],
    explain: bool = False,
    answers_with: str = TUNED,
    spellings: Sequence[str] = (),
) -> list[Answer]:
    """One answer for each text, in the order given. The same text is read once; explaining reads each many times.

    SPELLINGS: each text as the data may hold it, with what is personal masked. A known text has the label it was given.
    """
    if answers_with not in loaded.methods.systems:
        raise LearningError(system=answers_with)
    if not texts:
        return []
    once = dict(zip(texts, spellings or texts, strict=True))
    found = dict(zip(once, _answers(loaded, list(once), answers_with, list(once.values())), strict=True))
    if explain and answers_with != MAJORITY:
        found = {text: _explained(loaded, text, one, answers_with) for text, one in found.items()}
    return [found[text] for text in texts]


def _answers(
    loaded: LoadedClassifier, texts: list[str], system: str, spellings: Sequence[str] = ()
) -> list[Answer]:  # fmt: skip
    methods = loaded.methods
    seen = Seen(methods, texts)
    probabilities = seen.probabilities(system)
    far = seen.far(system)
    if system in LEARNED and spellings:  # a label of these rows is the team's, whatever else is likely
        probabilities, known = methods.memory.over(probabilities, texts, spellings)
        far &= ~known
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
    words = [Word(start, end, round(weight, 3)) for start, end, weight in found]
    return Answer(one.label, one.score, one.scores, one.labels, words, one.out_of_scope)


def probability_of(loaded: LoadedClassifier, place: int, system: str) -> Callable[[list[str]], Floats]:
    """How likely the label at PLACE is for each of many texts, float32 [texts]."""
    return lambda texts: loaded.methods.probabilities(system, texts)[:, place]


@dataclass(frozen=True)
class Probe:
    """A text with the answer that it got."""

    text: str
    label: str
    score: float


def probe(loaded: LoadedClassifier, texts: Sequence[str]) -> list[Probe]:
    """Texts with the answers they get now, to be stored with the model. What is remembered would prove nothing."""
    return [
        Probe(text, one.label, one.score)
        for text, one in zip(texts, _answers(loaded, list(texts), TUNED) if texts else [], strict=True)
    ]


def check_probes(loaded: LoadedClassifier, folder: Path) -> float:
    """Share of the stored texts that get the label they got after training, with nearly the same probability."""
    stored = artifact.read_probes(folder, Probe)
    if not stored:
        return 1.0
    texts = [one.text for one in stored]
    segments.get_ready(texts)
    found = _answers(loaded, texts, TUNED)
    same = [
        abs(now.score - then.score) < NEAR and (now.label == then.label or now.score < 0.5 + NEAR)
        for now, then in zip(found, stored, strict=True)
    ]
    return float(sum(same)) / len(same)
