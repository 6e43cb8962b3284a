"""Learns along while people label: which texts would teach most, and what each of them looks like.

Uncertainty sampling by margin (Scheffer et al. 2001), thinned so that the next texts are unlike one another, over
TF-IDF of words and of characters with logistic regression. Only workers call this; scikit-learn is loaded here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import transaction

from projects.models import Labelling, WaitingText

RANKED = 4_000
"""Waiting texts that are looked at in one go."""
KNOWN = 3_000
"""Labelled texts of the data itself that are learned from as well."""
NEXT = 60
"""Texts that are picked to be unlike one another."""
CANDIDATES = 600
BY_CHANCE = 5
"""Every so-manieth text is drawn by chance, so that nothing stays unseen."""
State = WaitingText.State


@dataclass(frozen=True)
class Ranked:
    """What is made of one waiting text."""

    priority: float
    labels: list[str]
    confidence: float


def rank(desk: Labelling) -> int:
    """Puts the waiting texts in order; how many. Nothing where too little is labelled or another worker is at it."""
    names = set(desk.names.values_list("name", flat=True))
    known = [(text, kept) for text, labels in _labelled(desk) if (kept := [one for one in labels if one in names])]
    count = desk.texts.filter(state=State.LABELLED).count()
    if len({label for _text, labels in known for label in labels}) < 2:
        return 0
    # Read, not taken: what is written last says that it is done, so a database that goes away in between loses nothing.
    if not Labelling.objects.filter(pk=desk.pk, ranked__lt=count).exists():
        return 0
    waiting = list(desk.texts.filter(state=State.WAITING).order_by("-priority", "pk").only("pk", "text")[:RANKED])
    if not waiting:
        return 0
    found = order(known, [one.text for one in waiting], desk.multi)
    for text, ranked in zip(waiting, found, strict=True):
        text.priority, text.suggestion, text.confidence = ranked.priority, ranked.labels, ranked.confidence
    with transaction.atomic():
        if not Labelling.objects.filter(pk=desk.pk, ranked__lt=count).update(ranked=count):
            return 0  # another worker was quicker
        WaitingText.objects.bulk_update(waiting, ["priority", "suggestion", "confidence"], batch_size=200)
    return len(waiting)


def _labelled(desk: Labelling) -> list[tuple[str, list[str]]]:
    by_hand = list(desk.texts.filter(state=State.LABELLED).values_list("text", "labels"))
    path = desk.dataset.folder / "train.jsonl"
    if not path.exists():
        return by_hand
    with path.open(encoding="utf-8") as lines:
        there = [(one["text"], one["labels"]) for one in map(json.loads, islice(lines, KNOWN))]
    return by_hand + there


def order(known: Sequence[tuple[str, list[str]]], waiting: Sequence[str], multi: bool) -> list[Ranked]:
    """What each WAITING text looks like and how early it should be labelled, learned from KNOWN ones."""
    import numpy as np

    vectors, probabilities, names = _predict(known, waiting, multi)
    best = np.sort(probabilities, axis=1)[:, ::-1]
    doubt = 1 - np.abs(2 * probabilities - 1).min(axis=1) if multi else 1 - (best[:, 0] - best[:, 1])
    places = {place: turn for turn, place in enumerate(_picked(vectors, doubt))}
    found = []
    for i, row in enumerate(probabilities):
        said = [names[p] for p in np.flatnonzero(row >= 0.5)] if multi else []
        sure = float(np.maximum(row, 1 - row).min()) if multi and said else float(row.max())
        early = 2 - places[i] / NEXT if i in places else float(doubt[i])
        found.append(Ranked(early, said or [names[int(row.argmax())]], round(sure, 3)))
    return found


def _predict(known: Sequence[tuple[str, list[str]]], waiting: Sequence[str], multi: bool) -> tuple[Any, Any, list[str]]:
    """Vectors of the waiting texts, their probabilities float [texts, labels], and the names of the labels."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import FeatureUnion
    from sklearn.preprocessing import MultiLabelBinarizer

    texts = [text[:2000] for text, _labels in known]
    reader = FeatureUnion(
        [
            ("words", TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=50_000)),
            # Characters without regard to words: Chinese has no blanks.
            (
                "characters",
                TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True, max_features=80_000),
            ),
        ]
    )
    asked = [text[:2000] for text in waiting]
    reader.fit(texts + asked[:1000])
    learner = LogisticRegression(C=10, class_weight="balanced", max_iter=300)
    vectors = reader.transform(asked)
    if not multi:
        learner.fit(reader.transform(texts), [labels[0] for _text, labels in known])
        return vectors, learner.predict_proba(vectors), [str(name) for name in learner.classes_]
    names = MultiLabelBinarizer()
    several = OneVsRestClassifier(learner).fit(reader.transform(texts), names.fit_transform([one for _t, one in known]))
    return vectors, several.predict_proba(vectors), [str(name) for name in names.classes_]


def _picked(vectors: Any, doubt: Any) -> list[int]:
    """The most doubtful texts, each unlike those before it; now and then one by chance."""
    import numpy as np
    from sklearn.preprocessing import normalize

    candidates = np.argsort(-doubt, kind="stable")[:CANDIDATES]
    rows = normalize(vectors[candidates])
    near = np.zeros(len(candidates))
    draw, picked = np.random.default_rng(len(doubt)), []
    left = np.ones(len(candidates), dtype=bool)
    for turn in range(min(NEXT, len(candidates))):
        worth = np.where(left, doubt[candidates] * (1 - near), -1)
        place = int(draw.choice(np.flatnonzero(left))) if turn % BY_CHANCE == BY_CHANCE - 1 else int(worth.argmax())
        left[place] = False
        picked.append(int(candidates[place]))
        near = np.maximum(near, np.asarray((rows @ rows[place].T).todense()).ravel())
    return picked
