"""The model folder: it describes itself, and every file in it can be checked. No torch here."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar

from training.ml.config import TrainConfig
from training.ml.errors import BrokenModel, MissingBase
from training.ml.prompts import Policy
from training.ml.stored import Stored, present, read

Probe = TypeVar("Probe")
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
    """Rows that were learned from."""
    aside: int = 0
    """Rows that were put aside to choose how it answers, because the data had too few of its own for that."""
    known: int = 0
    """Rows that what is published knows: those, and the ones it was measured on. 0 before the report is made."""
    training: dict[str, object]
    """Steps, loss, validation loss, seconds, why it ended."""
    choices: dict[str, object]
    """What was compared on validation rows before something was chosen."""
    details: dict[str, object] = field(default_factory=dict)
    """What a family keeps of its own, as it stores it: labels, temperatures, weights of a blend."""
    versions: dict[str, str]
    files: dict[str, str]
    """sha256 of every other file in the folder."""

    def to_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Trained:
    """How the training went, as far as pages show it."""

    seconds: float | None = None
    steps: int | None = None


@dataclass(frozen=True)
class About:
    """What pages ask of a manifest that was stored away from its folder, by this version or one before it."""

    examples: int | None = None
    aside: int = 0
    known: int = 0
    embedder: str = ""
    policy: Policy = field(default_factory=Policy)
    training: Trained = field(default_factory=Trained)

    @classmethod
    def from_json(cls, values: Stored) -> About:
        return read(cls, present(values))


def read_manifest(folder: Path) -> Manifest:
    """What the folder says about itself; raises BrokenModel when it says nothing readable."""
    try:
        return read(Manifest, json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise BrokenModel(file=MANIFEST) from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    text = json.dumps(manifest.to_json(), ensure_ascii=False, indent=1)
    work = folder / f"{MANIFEST}.tmp"
    work.write_text(text + "\n", encoding="utf-8")
    os.replace(work, folder / MANIFEST)


def verify(folder: Path) -> Manifest:
    """The manifest, after every file was found to be what was saved."""
    manifest = read_manifest(folder)
    for name, wanted in manifest.files.items():
        file = folder / name
        try:
            # A link leads out of the folder, to what may be another file tomorrow.
            same = file.is_file() and not file.is_symlink() and sha256_of(file) == wanted
        except OSError as error:  # not ours to read, or a disk that fails
            raise BrokenModel(file=name) from error
        if not same:
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


def data_hash(data: Path) -> str:
    """One hash over everything that was learned from."""
    total = hashlib.sha256()
    for name in ("train.jsonl", "validation.jsonl"):
        if (data / name).exists():
            total.update((data / name).read_bytes())
    return total.hexdigest()


@dataclass(frozen=True)
class Base:
    """What a base model's folder says about itself."""

    slug: str
    revision: str
    query_prefix: str = ""
    """What an embedding model wants before a question, and before what is looked up."""
    passage_prefix: str = ""
    family: str = ""


def about_base(folder: Path) -> Base:
    """What a base model's folder says about itself; a folder that somebody brought may say nothing."""
    if not (folder / "config.json").exists():
        raise MissingBase(path=folder)
    manifest = folder / MANIFEST
    config = sha256_of(folder / "config.json")[:16]
    try:
        found = present(json.loads(manifest.read_text(encoding="utf-8"))) if manifest.exists() else {}
        return read(Base, {"slug": folder.name, "revision": config} | dict(found))
    except (AttributeError, ValueError) as error:
        raise BrokenModel(file=MANIFEST) from error


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
    old = target.with_name(f"{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        os.replace(target, old)
    os.replace(work, target)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def changed_folder(target: Path) -> Iterator[Path]:
    """A copy of a folder to change; it takes the folder's place only when everything went well."""
    with whole_folder(target) as work:
        shutil.copytree(target, work, dirs_exist_ok=True)
        yield work


def write_probes(folder: Path, probes: Sequence[object]) -> None:
    (folder / PROBES).write_text(
        json.dumps(probes, ensure_ascii=False, indent=1, default=asdict) + "\n", encoding="utf-8"
    )


def read_probes(folder: Path, kind: type[Probe]) -> list[Probe]:
    """The stored answers, as the family keeps them; raises BrokenModel when they are not readable."""
    try:
        probes: list[object] = json.loads((folder / PROBES).read_text(encoding="utf-8"))
        return [read(kind, probe) for probe in probes]
    except (OSError, ValueError) as error:
        raise BrokenModel(file=PROBES) from error
