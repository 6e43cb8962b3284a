"""What is in memory: base models, the adapters for them (the least used leaves first) and encoders of sentences.

Models and adapters are touched by the computing thread alone, encoders by a thread of their own.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from endpoints.engine.base import Base, prove
from endpoints.engine.checking import Checked, checked
from endpoints.engine.lora import Adapter, read_pairs
from endpoints.engine.wire import Refused
from training.ml.embed import Embedder

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shelf:
    """Where models lie and how much of them is kept in memory."""

    models: Path
    roots: tuple[Path, ...]
    """Adapters are loaded from below these folders only."""
    most_adapters: int = 8
    context: int = 4096
    """Longest conversation in tokens, where the base could take more."""
    kept_tokens: int = 12_288
    """Tokens of earlier prompts that stay computed, for each base."""


class Library:
    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.models = shelf.models.resolve()
        self.roots = tuple(root.resolve() for root in shelf.roots)
        self.bases: dict[str, Base] = {}
        self.adapters: OrderedDict[str, Adapter] = OrderedDict()
        self.known: dict[str, Checked] = {}
        """Everything loaded and not unloaded since; what was evicted comes back when it is asked."""
        self.encoders: dict[str, Embedder] = {}

    def names(self) -> list[tuple[str, str | None]]:
        """(name, parent) of everything that can be asked: base models on disk and adapters that were loaded."""
        found = sorted(path.parent.name for path in self.models.glob("*/config.json")) if self.models.exists() else []
        return [(name, None) for name in found] + [(name, one.base) for name, one in self.known.items()]

    def ready(self, name: str) -> tuple[Base, Adapter | None]:
        """The base and the adapter that answer under this name; 404 for a name that is not loaded."""
        if name in self.known and name not in self.adapters:
            self.put(name, self.check(str(self.known[name].folder)))
        if name in self.adapters:
            self.adapters.move_to_end(name)
            return self.base(self.adapters[name].base), self.adapters[name]
        if self._is_model(name):
            return self.base(name), None
        raise Refused(404, f"The model '{name}' does not exist or is not loaded.", "model_not_found", "model")

    def base(self, slug: str) -> Base:
        if slug not in self.bases:
            if not self._is_model(slug):
                raise Refused(404, f"The base model '{slug}' is not on this machine.", "model_not_found", "model")
            began = time.monotonic()
            self.bases[slug] = Base(self.models / slug, self.shelf.context, self.shelf.kept_tokens)
            logger.info("Loaded %s in %.1f s.", slug, time.monotonic() - began)
        return self.bases[slug]

    def encoder(self, slug: str) -> Embedder:
        if slug not in self.encoders:
            if not self._is_model(slug):
                raise Refused(404, f"The model '{slug}' is not on this machine.", "model_not_found", "model")
            encoder = Embedder(self.models / slug)
            # Who asks over HTTP puts the words before a text that its model wants; they are not put twice.
            encoder.prefixes = dict.fromkeys(encoder.prefixes, "")
            self.encoders[slug] = encoder
        return self.encoders[slug]

    def sentence_vectors(self, slug: str, texts: list[str]) -> NDArray[np.float32]:
        """One unit row for each text."""
        return self.encoder(slug).encode(texts)

    def check(self, path: str) -> Checked:
        """The folder, if it may be loaded from and every file in it is what was saved. For any thread."""
        return checked(path, self.roots)

    def put(self, name: str, found: Checked, replace: bool = False) -> None:
        """Take an adapter in after it has proved that it answers as it did after training; before, nothing changes."""
        here = self.adapters.get(name)
        if here and here.digest == found.digest and not replace:
            return
        base = self.base(found.base)
        revision = base.about.revision
        if found.base_revision != revision:
            text = f"The model was trained on another {found.base} ({found.base_revision}, not {revision})."
            raise Refused(409, text, "wrong_base", "lora_path")
        began = time.monotonic()
        pairs = read_pairs(found.folder, base.layers, base.dtype, base.device)
        adapter = Adapter(name, found.folder, found.base, found.digest, pairs)
        if self.known.get(name) != found or replace:
            prove(base, adapter)
        self._leave(name)
        self.adapters[name], self.known[name] = adapter, found
        while len(self.adapters) > self.shelf.most_adapters:
            self._leave(next(iter(self.adapters)))
        logger.info("Loaded %s on %s in %.2f s.", name, found.base, time.monotonic() - began)

    def unload(self, name: str) -> None:
        if self.known.pop(name, None) is None:
            raise Refused(404, f"The adapter '{name}' is not loaded.", "model_not_found", "lora_name")
        self._leave(name)

    def _leave(self, name: str) -> None:
        adapter = self.adapters.pop(name, None)
        if adapter is not None:
            self.bases[adapter.base].prefixes.drop(adapter)

    def _is_model(self, slug: str) -> bool:
        folder = (self.models / slug).resolve()
        return folder.parent == self.models and (folder / "config.json").exists()
