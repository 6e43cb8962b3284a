"""A classifier's folder into memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from training.ml import artifact
from training.ml.classify import words
from training.ml.classify.blending import Blend
from training.ml.classify.encoder import Texts
from training.ml.classify.methods import Methods, load_arrays
from training.ml.classify.rows import Labels
from training.ml.classify.scope import Scope
from training.ml.errors import WrongBase


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
    if about["slug"] != manifest.base or about["revision"] != manifest.base_revision:
        raise WrongBase(
            expected=f"{manifest.base} {manifest.base_revision}", found=f"{about['slug']} {about['revision']}"
        )
    details = manifest.details
    labels = Labels(tuple(details["labels"]), bool(details["multi"]))
    methods = Methods(
        folder=folder,
        base=base,
        labels=labels,
        arrays=load_arrays(folder, labels.multi),
        words=words.load(folder),
        blend=Blend(dict(details["blend"]), labels.multi),
        scope=Scope(**details["scope"]),
        texts=Texts(base, int(details["longest"])),
    )
    return LoadedClassifier(methods, manifest, float(details["threshold"]))
