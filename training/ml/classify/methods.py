"""All that is in a classifier's folder, at work: the tuned encoder, the cheap methods and their blend, as probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from training.ml.classify import scope, thresholds, words
from training.ml.classify.beyond import Beyond
from training.ml.classify.blending import Blend
from training.ml.classify.encoder import Progress, Texts, load_encoder, untouched, vectors, with_adapter
from training.ml.classify.learner import Scale
from training.ml.classify.linear import Floats, Linear
from training.ml.classify.memory import Memory
from training.ml.classify.rows import Labels
from training.ml.classify.scope import Scope
from training.ml.hardware import hardware

ARRAYS = "heads.npz"
TUNED, TFIDF, EMBEDDING, BASE, MAJORITY = "tuned", "tfidf", "embedding", "base", "majority"
SECOND, UNTRAINED = "second", "untrained"
LORA = "lora"
"""The tuned encoder's own part of the blend."""
SYSTEMS = (TUNED, UNTRAINED, TFIDF, EMBEDDING, SECOND, BASE, MAJORITY)
LEARNED = (TUNED, UNTRAINED, TFIDF, EMBEDDING, SECOND)
"""Those that learned from the team's rows."""
SHARP = 12.0
"""How sharply likeness of text and label name becomes a probability, for the untouched base."""


@dataclass(frozen=True)
class Second:
    """Logistic regression on another untouched encoder."""

    scale: Scale
    linear: Linear

    def probabilities(self, found: Floats) -> Floats:
        """float32 [texts, labels] for its vectors."""
        return self.linear.probabilities(self.scale(found))


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
    second: Second | None = None
    """None where the studio has one encoder only, and in models of version 0.1."""

    def save(self, folder: Path) -> None:
        arrays: dict[str, Any] = {
            "mean": self.scale.mean, "width": self.scale.width, "head_weights": self.head.weights,
            "head_bias": self.head.bias, "frozen_weights": self.frozen.weights, "frozen_bias": self.frozen.bias,
            "log_importance": self.log_importance, "share": self.share, "middles": self.middles, "names": self.names,
        }  # fmt: skip
        if self.second is not None:
            scale, model = self.second.scale, self.second.linear
            arrays |= {"second_mean": scale.mean, "second_width": scale.width}
            arrays |= {"second_weights": model.weights, "second_bias": model.bias}
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
            second=_second(found, multi) if "second_weights" in found else None,
        )


def _second(found: Mapping[str, Floats], multi: bool) -> Second:
    scale = Scale(found["second_mean"], found["second_width"])
    return Second(scale, Linear(found["second_weights"], found["second_bias"], multi))


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
    untrained: Blend | None = None
    """The pool without the trained encoder; None in models of version 0.1."""
    companion: Path | None = None
    """The second encoder's folder."""
    beyond: Beyond | None = None
    """What tells texts that belong nowhere, where few rows were learned from."""
    memory: Memory = field(default_factory=Memory)
    """Texts whose labels the team has given; what is published answers them so, what is measured does not look."""
    device: str | None = None
    """Where the encoders compute; none is this machine's best."""
    encoders: dict[str, nn.Module] = field(default_factory=dict)
    second_texts: Texts | None = None

    def encoder(self, kind: str) -> nn.Module:
        """The tuned encoder, or the one before tuning."""
        if kind not in self.encoders:
            machine = hardware(self.device)
            if kind == TUNED:
                self.encoders[kind] = with_adapter(load_encoder(self.base, machine), self.folder)
            else:
                base = self.companion if kind == SECOND and self.companion else self.base
                self.encoders[kind] = untouched(base, machine)
        return self.encoders[kind]

    def tokens(self, kind: str) -> Texts:
        """How an encoder's texts become token ids."""
        if kind != SECOND or self.companion is None:
            return self.texts
        if self.second_texts is None:
            self.second_texts = Texts(self.companion, self.texts.longest)
        return self.second_texts

    @property
    def systems(self) -> tuple[str, ...]:
        """The ways to answer that this folder has."""
        lacking = {SECOND} if self.arrays.second is None or self.companion is None else set()
        if self.untrained is None or lacking & set(self.untrained.methods):
            lacking.add(UNTRAINED)
        return tuple(system for system in SYSTEMS if system not in lacking)

    def probabilities(self, system: str, texts: Sequence[str]) -> Floats:
        """float32 [texts, labels] of one system of the report."""
        return Seen(self, texts).probabilities(system)

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


class Seen:
    """Some texts before every method; each encoder reads them once, and only when it is asked."""

    def __init__(self, methods: Methods, texts: Sequence[str], progress: Progress | None = None) -> None:
        self.methods, self.texts, self.progress = methods, texts, progress
        self._vectors: dict[str, Floats] = {}
        self._said: dict[str, Floats] = {}

    def vectors(self, kind: str) -> Floats:
        """float32 [texts, width] of the tuned encoder, the one before tuning or the second one."""
        if kind not in self._vectors:
            done, progress = len(self._vectors) * len(self.texts), self.progress
            ids = self.methods.tokens(kind).ids(self.texts)
            after = (lambda count: progress(done + count)) if progress else None
            self._vectors[kind] = vectors(self.methods.encoder(kind), ids, after)
        return self._vectors[kind]

    def said(self, name: str) -> Floats:
        """What one member of a blend says, float32 [texts, labels]."""
        if name not in self._said:
            self._said[name] = self._say(name)
        return self._said[name]

    def _say(self, name: str) -> Floats:
        arrays = self.methods.arrays
        if name == LORA:
            return from_head(arrays, self.vectors(TUNED))
        if name == TFIDF:
            return self.methods.words.probabilities(self.texts)
        if name == EMBEDDING:
            return arrays.frozen.probabilities(arrays.scale(self.vectors(BASE)))
        assert arrays.second is not None
        return arrays.second.probabilities(self.vectors(SECOND))

    def pooled(self, blend: Blend) -> Floats:
        """What a blend says, before what belongs nowhere is settled."""
        return blend({name: self.said(name) for name in blend.methods})

    def far(self, system: str) -> NDArray[np.bool_]:
        """bool [texts]: which belong to none of the labels, whichever way they would be labelled."""
        methods, arrays = self.methods, self.methods.arrays
        if methods.beyond is not None and methods.untrained is not None and system in LEARNED:
            kinds = {name: BASE if name == EMBEDDING else SECOND for name in methods.beyond.known}
            read = {name: self.vectors(kind) for name, kind in kinds.items()}
            sure = self.pooled(methods.untrained).max(axis=1)
            return methods.beyond.far(read, sure, self.probabilities(system).max(axis=1))
        if system == TUNED:
            return np.asarray(scope.likeness(self.vectors(TUNED), arrays.middles) < methods.scope.likeness)
        return np.zeros(len(self.texts), dtype=bool)

    def probabilities(self, system: str) -> Floats:
        """float32 [texts, labels] of one system of the report."""
        methods = self.methods
        if system == MAJORITY:
            return np.tile(methods.arrays.share, (len(self.texts), 1))
        if system == BASE:
            return methods.by_name(self.vectors(BASE))
        blend = methods.blend if system == TUNED else methods.untrained if system == UNTRAINED else None
        if blend is None:
            return self.said(system)
        mixed = self.pooled(blend)
        return mixed if methods.labels.multi else scope.settled(mixed, methods.scope)


def from_head(arrays: Arrays, found: Floats) -> Floats:
    """The head's probabilities with the class weighting taken off."""
    head = arrays.head
    plain = Linear(head.weights, (head.bias - arrays.log_importance).astype(np.float32), head.multi)
    return plain.probabilities(arrays.scale(found))
