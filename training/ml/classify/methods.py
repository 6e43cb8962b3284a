"""All that is in a classifier's folder, at work: the tuned encoder, the cheap methods and their blend, as probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from training.ml.classify import scope, thresholds, words
from training.ml.classify.blending import Blend
from training.ml.classify.encoder import Progress, Texts, load_encoder, vectors, with_adapter
from training.ml.classify.learner import Scale
from training.ml.classify.linear import Floats, Linear
from training.ml.classify.rows import Labels
from training.ml.classify.scope import Scope

ARRAYS = "heads.npz"
TUNED, TFIDF, EMBEDDING, BASE, MAJORITY = "tuned", "tfidf", "embedding", "base", "majority"
SYSTEMS = (TUNED, TFIDF, EMBEDDING, BASE, MAJORITY)
SHARP = 12.0
"""How sharply likeness of text and label name becomes a probability, for the untouched base."""


@dataclass(frozen=True)
class Arrays:
    """What was learned besides the adapter and the words, all float32."""

    scale: Scale
    head: Linear
    frozen: Linear
    log_importance: Floats
    """[labels]: what class weighting added to each label's score, taken off again for true probabilities."""
    share: Floats
    """[labels]: how often each label was in the data."""
    middles: Floats
    """[labels, width]: the middle of each label in the tuned encoder's space."""
    names: Floats
    """[labels, width]: the label names in the untouched encoder's space, for the untouched base."""

    def save(self, folder: Path) -> None:
        arrays: dict[str, Any] = {
            "mean": self.scale.mean, "width": self.scale.width, "head_weights": self.head.weights,
            "head_bias": self.head.bias, "frozen_weights": self.frozen.weights, "frozen_bias": self.frozen.bias,
            "log_importance": self.log_importance, "share": self.share, "middles": self.middles, "names": self.names,
        }  # fmt: skip
        np.savez(folder / ARRAYS, **arrays)


def load_arrays(folder: Path, multi: bool) -> Arrays:
    with np.load(folder / ARRAYS, allow_pickle=False) as found:
        return Arrays(
            scale=Scale(found["mean"], found["width"]),
            head=Linear(found["head_weights"], found["head_bias"], multi),
            frozen=Linear(found["frozen_weights"], found["frozen_bias"], multi),
            log_importance=found["log_importance"],
            share=found["share"],
            middles=found["middles"],
            names=found["names"],
        )


@dataclass
class Methods:
    """Every way to label a text. The encoders are read when they are first needed."""

    folder: Path
    base: Path
    labels: Labels
    arrays: Arrays
    words: words.Words
    blend: Blend
    scope: Scope
    texts: Texts
    encoders: dict[str, nn.Module] = field(default_factory=dict)

    def encoder(self, kind: str) -> nn.Module:
        """The tuned encoder, or the one before tuning."""
        if kind not in self.encoders:
            fresh = load_encoder(self.base)
            self.encoders[kind] = with_adapter(fresh, self.folder) if kind == TUNED else fresh
        return self.encoders[kind]

    def vectors(self, kind: str, texts: Sequence[str], progress: Progress | None = None) -> Floats:
        """float32 [texts, width]."""
        return vectors(self.encoder(kind), self.texts.ids(texts), progress)

    def tuned(self, found: Floats) -> Floats:
        """The head's probabilities for the tuned encoder's vectors, as often as labels are in the data."""
        return from_head(self.arrays, found)

    def frozen(self, plain: Floats) -> Floats:
        """The logistic regression's probabilities for the untouched encoder's vectors."""
        return self.arrays.frozen.probabilities(self.arrays.scale(plain))

    def blended(self, texts: Sequence[str], found: Floats, plain: Floats | None = None) -> Floats:
        """What is published, float32 [texts, labels]: FOUND are the tuned encoder's vectors, PLAIN the untouched one's."""
        parts: dict[str, Floats] = {}
        if "lora" in self.blend.weights:
            parts["lora"] = self.tuned(found)
        if "tfidf" in self.blend.weights:
            parts["tfidf"] = self.words.probabilities(texts)
        if "embedding" in self.blend.weights:
            parts["embedding"] = self.frozen(self.vectors(BASE, texts) if plain is None else plain)
        mixed = self.blend(parts)
        return mixed if self.labels.multi else scope.settled(mixed, self.scope)

    def probabilities(self, system: str, texts: Sequence[str], progress: Progress | None = None) -> Floats:
        """float32 [texts, labels] of one system of the report."""
        if system == TUNED:
            return self.blended(texts, self.vectors(TUNED, texts, progress))
        if system == TFIDF:
            return self.words.probabilities(texts)
        if system == MAJORITY:
            return np.tile(self.arrays.share, (len(texts), 1))
        found = self.vectors(BASE, texts, progress)
        if system == EMBEDDING:
            return self.frozen(found)
        return self.by_name(found)

    def by_name(self, found: Floats) -> Floats:
        """The untouched base: the label whose name is most like the text, both seen from the middle of all texts."""
        arrays = self.arrays
        left, right = found - arrays.scale.mean, arrays.names - arrays.names.mean(axis=0)
        left = left / np.maximum(np.linalg.norm(left, axis=1, keepdims=True), 1e-9)
        right = right / np.maximum(np.linalg.norm(right, axis=1, keepdims=True), 1e-9)
        none = np.zeros(len(right), dtype=np.float32)
        return Linear((right * SHARP).astype(np.float32), none, False).probabilities(left)

    def decide(self, probabilities: Floats) -> list[list[int]]:
        """The labels of each row by number."""
        if self.labels.multi:
            return [np.flatnonzero(row).tolist() for row in thresholds.sets(probabilities)]
        return [[int(place)] for place in probabilities.argmax(axis=1)]


def from_head(arrays: Arrays, found: Floats) -> Floats:
    """The head's probabilities with the class weighting taken off."""
    head = arrays.head
    plain = Linear(head.weights, (head.bias - arrays.log_importance).astype(np.float32), head.multi)
    return plain.probabilities(arrays.scale(found))
