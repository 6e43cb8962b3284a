"""A model folder that was found to be what was saved, before anything of it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from endpoints.engine.wire import Refused
from training.ml import artifact
from training.ml.errors import LearningError


@dataclass(frozen=True)
class Checked:
    """A model folder whose files are what was saved."""

    folder: Path
    digest: str
    base: str
    base_revision: str
    family: str = "chat"


def checked(path: str, roots: tuple[Path, ...]) -> Checked:
    """The folder, if it may be loaded from and every file in it is what was saved. For any thread."""
    folder = Path(path).resolve()
    if not any(folder.is_relative_to(root) for root in roots) or not folder.is_dir():
        raise Refused(404, f"There is no model folder at '{path}'.", "model_not_found", "lora_path")
    try:
        manifest = artifact.verify(folder)
    except LearningError as error:
        raise Refused(400, f"The model folder is damaged: {error}", "broken_model", "lora_path") from error
    digest = artifact.sha256_of(folder / artifact.MANIFEST)
    return Checked(folder, digest, manifest.base, manifest.base_revision, manifest.family)
