"""A classifier's folder into memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from training.ml import artifact
from training.ml.classify import beyond, words
from training.ml.classify.details import Details, SecondEncoder
from training.ml.classify.encoder import Texts
from training.ml.classify.memory import Memory
from training.ml.classify.methods import SECOND, Methods, load_arrays
from training.ml.classify.rows import Labels
from training.ml.errors import BrokenModel, MissingBase, WrongBase


@dataclass
class LoadedClassifier:
    """A model in memory, ready to label texts."""

    methods: Methods
    manifest: artifact.Manifest
    threshold: float
    """The probability from which the report calls it sure."""

    @property
    def labels(self) -> tuple[str, ...]:
        return self.methods.labels.names


def load(folder: Path, base: Path, device: str | None = None) -> LoadedClassifier:
    """The classifier in FOLDER on the base model in BASE, every file checked; raises BrokenModel or WrongBase."""
    manifest = artifact.verify(folder)
    about = artifact.about_base(base)
    if about.slug != manifest.base or about.revision != manifest.base_revision:
        raise WrongBase(expected=f"{manifest.base} {manifest.base_revision}", found=f"{about.slug} {about.revision}")
    try:
        details = Details.from_json(manifest.details)
    except ValueError as error:
        raise BrokenModel(file=artifact.MANIFEST) from error
    labels = Labels(tuple(details.labels), details.multi)
    blend = details.blend.blend(details.multi, details.tilt)
    untrained = details.untrained.blend(details.multi, details.tilt) if details.untrained else None
    second = _companion(base, details.second, SECOND in blend.methods)
    # Without the second encoder, what belongs nowhere is told by the trained one alone, as it is for many rows.
    blind = second is None and untrained is not None and SECOND in untrained.methods
    methods = Methods(
        folder=folder,
        base=base,
        labels=labels,
        arrays=load_arrays(folder, labels.multi),
        words=words.load(folder),
        blend=blend,
        untrained=untrained,
        companion=second,
        beyond=None if blind else beyond.load(folder),
        scope=details.scope,
        texts=Texts(base, details.longest),
        memory=Memory.read(folder),
        device=device,
    )
    return LoadedClassifier(methods, manifest, details.threshold)


def _companion(base: Path, about: SecondEncoder | None, needed: bool) -> Path | None:
    """The second encoder that a model was learned with, beside its first. Raises MissingBase or WrongBase where it is NEEDED and gone."""
    if not about:
        return None
    folder = base.parent / about.slug
    try:
        found = artifact.about_base(folder)
        if found.revision != about.revision:
            expected, there = (f"{about.slug} {revision}" for revision in (about.revision, found.revision))
            raise WrongBase(expected=expected, found=there)
    except (MissingBase, WrongBase):
        if needed:
            raise
        return None
    return folder
