"""The simple ways to label: counted words, and a regression on what each untouched encoder makes of a text.

A second encoder beside the first makes other mistakes. It takes part where one is there that knows the language.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from torch import nn

from training.ml import artifact
from training.ml.classify import beyond, blending, details, linear, scope, words
from training.ml.classify.beyond import Beyond, Known
from training.ml.classify.blending import Blend
from training.ml.classify.crossing import MOST_CROSSED, crossed, folds, label_folds
from training.ml.classify.encoder import Progress, Texts, vectors
from training.ml.classify.learner import Scale
from training.ml.classify.linear import Floats, Linear
from training.ml.classify.methods import EMBEDDING, SECOND, TFIDF, Arrays, Second
from training.ml.classify.rows import Parts, Row
from training.ml.classify.words import Words
from training.ml.errors import BrokenModel
from training.ml.everyday import in_each_script

STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3)
"""Inverse regularisations of the logistic regression on an untouched encoder; the best on validation rows is kept."""
MOST_SECOND = 12_000
"""With more rows than this a second encoder's reading costs more than it can still teach."""
MOST_BYTES = 700_000_000
"""A second encoder with larger weights would take longer to read than the training."""
FOREIGN = 0.1
"""Share of tokens that an encoder may not know of a language that it speaks."""
ASKED = 200
"""Texts that are looked at to tell whether it does."""
REFIT = 5000
"""Up to so many rows the simple ways are learned again with the validation rows, once the choices are made."""


@dataclass(frozen=True)
class Reading:
    """What one untouched encoder makes of the data."""

    base: Path
    train: Floats
    checks: Floats
    scale: Scale
    linear: Linear
    strength: float
    outside: Floats
    """The vectors of everyday sentences, which belong to none of the labels; empty where they are not asked for."""

    @property
    def every(self) -> Floats:
        """The vectors of all rows, scaled: float32 [rows, width]."""
        return self.scale(np.vstack([self.train, self.checks]))

    @property
    def known(self) -> Known:
        """All rows as it sees them."""
        return Known(np.vstack([self.train, self.checks]), self.scale)

    @property
    def probabilities(self) -> Floats:
        """Of the validation rows."""
        return self.linear.probabilities(self.scale(self.checks))


@dataclass(frozen=True)
class Simple:
    """All that is known before anything is tuned."""

    readings: dict[str, Reading]
    words: Words

    @property
    def first(self) -> Reading:
        return self.readings[EMBEDDING]

    @property
    def second(self) -> Second | None:
        found = self.readings.get(SECOND)
        return Second(found.scale, found.linear) if found else None

    @property
    def about_second(self) -> details.SecondEncoder | None:
        """Which second encoder it is."""
        about = artifact.about_base(self.readings[SECOND].base) if SECOND in self.readings else None
        return details.SecondEncoder(about.slug, about.revision) if about else None

    def said(self, rows: list[Row]) -> dict[str, Floats]:
        """What each way says of the validation rows, float32 [rows, labels]."""
        found = {TFIDF: self.words.probabilities([row.text for row in rows])}
        return found | {name: one.probabilities for name, one in self.readings.items()}

    def pool(self, found: Parts, targets: Floats, seed: int) -> tuple[Blend, dict[str, Floats]] | None:
        """The ways weighted on rows that they did not learn from, and what they say of all rows, each left out once.

        TARGETS, float32 [rows, labels], are of the training and then of the validation rows. None where there are too many rows.
        """
        rows = [*found.train, *found.validation]
        if not found.judged or len(rows) > MOST_CROSSED:
            return None
        features = {name: (one.every, one.strength) for name, one in self.readings.items()}
        texts, multi = [row.text for row in rows], found.labels.multi
        fold = folds(targets, seed)
        said = crossed(texts, targets, multi, features, fold)
        if said is None:
            return None
        blend = blending.pooled(said, targets, multi, fold)
        return replace(blend, tilt=blending.tilted(blend, said, targets)), said

    def beyond(self, found: Parts, targets: Floats, pool: tuple[Blend, dict[str, Floats]], seed: int) -> Beyond | None:
        """What tells texts that belong nowhere, from few rows; None where it is told otherwise. TARGETS are of all rows."""
        if not _seldom(found):
            return None
        blend, said = pool
        names = [name for name in self.readings if name == EMBEDDING or name in blend.methods]
        known = {name: self.readings[name].known for name in names}
        texts = [row.text for row in (*found.train, *found.validation)]
        strange = {name: one.linear.probabilities(one.scale(one.outside)) for name, one in self.readings.items()}
        strange[TFIDF] = self.words.probabilities(in_each_script(texts))
        apart = None
        if found.labels.count >= beyond.FEWEST_LABELS:
            group = label_folds(targets, seed)
            features = {name: (one.every, one.strength) for name, one in self.readings.items()}
            left_out = crossed(texts, targets, False, features, group)
            apart = (group, blend(left_out).max(axis=1)) if left_out else None
        sure, unsure = (blend(one).max(axis=1) for one in (said, strange))
        return beyond.learn(known, {name: self.readings[name].outside for name in names}, sure, unsure, apart)

    def again(self, arrays: Arrays, found: Parts, targets: Floats) -> tuple[Arrays, Words]:
        """Learned once more with the validation rows, so that they are compared at their best. TARGETS are of all rows."""
        if len(found.train) > REFIT or not found.judged:
            return arrays, self.words
        multi = found.labels.multi
        learned = {n: linear.fit(one.every, targets, multi, one.strength) for n, one in self.readings.items()}
        second = Second(self.readings[SECOND].scale, learned[SECOND]) if SECOND in learned else None
        texts = [row.text for row in (*found.train, *found.validation)]
        return replace(arrays, frozen=learned[EMBEDDING], second=second), words.fit(texts, targets, multi)


def read(
    base: Path, encoder: nn.Module, texts: Texts, found: Parts, progress: Progress | None = None
) -> Reading:  # fmt: skip
    """Read all rows with an untouched encoder, and learn from what it makes of them."""
    train = vectors(encoder, texts.ids([row.text for row in found.train]), progress)
    checks = vectors(encoder, texts.ids([row.text for row in found.validation]))
    outside = in_each_script([row.text for row in found.train]) if _seldom(found) else []
    scale = Scale.of(train)
    best, strength = _strongest(scale(train), scale(checks), found)
    return Reading(base, train, checks, scale, best, strength, vectors(encoder, texts.ids(outside)))


def _seldom(found: Parts) -> bool:
    """Whether so few rows were put aside that they cannot tell what belongs nowhere."""
    labelled = found.labels.multi or scope.label_of(found.labels.names) is not None
    return found.judged and not labelled and len(found.train) + len(found.validation) <= beyond.MOST_ROWS


def _strongest(features: Floats, checks: Floats, found: Parts) -> tuple[Linear, float]:
    """The regularisation under which the validation rows are labelled best, and the least surprising of equals."""
    targets, wanted = found.labels.targets(found.train), found.labels.targets(found.validation)
    ranked = []
    for strength in STRENGTHS:
        model = linear.fit(features, targets, found.labels.multi, strength)
        said = model.probabilities(checks)
        right = float((said.argmax(axis=1) == wanted.argmax(axis=1)).mean())
        surprise = float(-(linear.logs(said) * wanted).sum() / len(said))
        ranked.append((right - 0.1 * surprise, strength, model))
    _score, strength, model = max(ranked, key=lambda one: one[0])
    return model, strength


def companion(base: Path, found: Parts, longest: int) -> Path | None:
    """A second encoder beside BASE in the folder of base models that knows the language; None where there is none."""
    if not found.judged or len(found.train) > MOST_SECOND:
        return None
    some = [row.text for row in found.train[:ASKED]]
    return next((folder for folder in _encoders(base) if Texts(folder, longest).foreign(some) < FOREIGN), None)


def _encoders(base: Path) -> Iterator[Path]:
    """Other encoders of sentences that lie beside BASE."""
    for folder in sorted(base.parent.iterdir()):
        if folder.name == base.name or not all((folder / name).exists() for name in (artifact.MANIFEST, "config.json")):
            continue
        try:
            about = artifact.about_base(folder)
        except BrokenModel:  # somebody's own folder beside ours
            continue
        size = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
        if about.family == "embedding" and size <= MOST_BYTES:
            yield folder
