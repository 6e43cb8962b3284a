"""The model folder: it describes itself, and every file in it can be checked. No torch here."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from training.ml.config import TrainConfig
from training.ml.errors import BrokenModel, MissingBase
from training.ml.prompts import Policy

MANIFEST = "manifest.json"
PROBES = "probes.json"
REPORT = "report.json"
ADAPTER = "adapter_model.safetensors"
LATER = frozenset({MANIFEST, REPORT})
"""Files that are not in the manifest's list: itself, and the report, which is written afterwards."""
LIBRARIES = ("torch", "transformers", "peft", "safetensors", "numpy", "scikit-learn", "faiss-cpu")


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a model folder says about itself."""

    family: str
    base: str
    """Slug of the base model."""
    base_revision: str
    embedder: str
    """Slug of the embedding model that the known questions were turned into vectors with."""
    query_prefix: str = ""
    passage_prefix: str = ""
    tokenizer_sha256: str
    chat_template_sha256: str = ""
    system_prompt: str = ""
    policy: Policy = field(default_factory=Policy)
    """When known answers are given word for word; of the chat family."""
    max_new_tokens: int = 0
    config: TrainConfig
    data_sha256: str
    examples: int
    training: dict[str, Any]
    """Steps, loss, validation loss, seconds, why it ended."""
    choices: dict[str, Any]
    """What was compared on validation rows before something was chosen."""
    details: dict[str, Any] = field(default_factory=dict)
    """What a family keeps of its own: labels, temperatures, weights of a blend."""
    versions: dict[str, str]
    files: dict[str, str]
    """sha256 of every other file in the folder."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def read_manifest(folder: Path) -> Manifest:
    """What the folder says about itself; raises BrokenModel when it says nothing readable."""
    try:
        values = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        values["policy"] = Policy.from_dict(values["policy"])
        values["config"] = TrainConfig.from_dict(values["config"])
        return Manifest(**{f.name: values[f.name] for f in fields(Manifest) if f.name in values})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BrokenModel(file=MANIFEST) from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    text = json.dumps(manifest.as_dict(), ensure_ascii=False, indent=1)
    work = folder / f"{MANIFEST}.tmp"
    work.write_text(text + "\n", encoding="utf-8")
    os.replace(work, folder / MANIFEST)


def verify(folder: Path) -> Manifest:
    """The manifest, after every file was found to be what was saved."""
    manifest = read_manifest(folder)
    for name, wanted in manifest.files.items():
        if not (folder / name).is_file() or sha256_of(folder / name) != wanted:
            raise BrokenModel(file=name)
    return manifest


def file_sums(folder: Path) -> dict[str, str]:
    """sha256 of every file that the manifest lists."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name not in LATER)
    return {path.name: sha256_of(path) for path in files}


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def about_base(folder: Path) -> dict[str, Any]:
    """What a base model's folder says about itself; a folder that somebody brought may say nothing."""
    if not (folder / "config.json").exists():
        raise MissingBase(path=folder)
    manifest = folder / MANIFEST
    found: dict[str, Any] = json.loads(manifest.read_text()) if manifest.exists() else {}
    config = sha256_of(folder / "config.json")[:16]
    return {"slug": folder.name, "revision": config, "query_prefix": "", "passage_prefix": ""} | found


def versions() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A folder to write into that takes its name only when everything went well."""
    work = target.with_name(f"{target.name}.tmp")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    yield work
    shutil.rmtree(target, ignore_errors=True)
    os.replace(work, target)


def write_probes(folder: Path, probes: list[dict[str, Any]]) -> None:
    (folder / PROBES).write_text(json.dumps(probes, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read_probes(folder: Path) -> list[dict[str, Any]]:
    try:
        probes: list[dict[str, Any]] = json.loads((folder / PROBES).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BrokenModel(file=PROBES) from error
    return probes
