"""What is in memory: base models, the adapters on them (the least used leaves first) and encoders of sentences.

Everything here runs in the engine's one model thread; nothing in it is safe for two threads at once.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peft import PeftModel
from torch import nn
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from endpoints.engine.wire import Refused
from training.ml import artifact
from training.ml.chat import LoadedChat, check_probes
from training.ml.embed import Embedder
from training.ml.errors import LearningError
from training.ml.hardware import hardware
from training.ml.lora import load_base, speed_up

ALIKE = 0.9
"""Share of probe tokens that must come out again. Below one, since other processors round differently."""


@dataclass
class Base:
    """A base model with the adapters that are on it now."""

    model: nn.Module
    tokenizer: PreTrainedTokenizerBase
    context: int
    adapters: set[str] = field(default_factory=set)

    def using(self, adapter: str | None) -> nn.Module:
        """The model with that adapter at work, or none."""
        if isinstance(self.model, PeftModel):
            if adapter:
                self.model.base_model.enable_adapter_layers()
                self.model.set_adapter(adapter)
            else:
                self.model.base_model.disable_adapter_layers()
        return self.model


@dataclass(frozen=True)
class Adapter:
    name: str
    base: str
    folder: Path
    manifest: artifact.Manifest


class Library:
    def __init__(self, models: Path, roots: tuple[Path, ...], most: int = 8) -> None:
        self.models, self.most = models.resolve(), most
        self.roots = tuple(root.resolve() for root in roots)
        self.bases: dict[str, Base] = {}
        self.adapters: OrderedDict[str, Adapter] = OrderedDict()
        self.encoders: dict[str, Embedder] = {}

    def names(self) -> list[tuple[str, str | None]]:
        """(name, parent) of everything that can be asked: base models on disk and adapters in memory."""
        found = sorted(path.parent.name for path in self.models.glob("*/config.json")) if self.models.exists() else []
        return [(name, None) for name in found] + [(name, one.base) for name, one in self.adapters.items()]

    def ready(self, name: str) -> tuple[Base, str | None]:
        """The base and the adapter that answer under this name; 404 for a name that is not loaded."""
        if name in self.adapters:
            self.adapters.move_to_end(name)
            return self.base(self.adapters[name].base), name
        if (self._folder(name) / "config.json").exists():
            return self.base(name), None
        raise Refused(404, f"The model '{name}' does not exist or is not loaded.", "model_not_found", "model")

    def base(self, slug: str) -> Base:
        if slug not in self.bases:
            folder = self._folder(slug)
            if not (folder / "config.json").exists():
                raise Refused(404, f"The base model '{slug}' is not on this machine.", "model_not_found", "model")
            model = load_base(folder, hardware())
            context = int(getattr(model.config, "max_position_embeddings", 2048))
            self.bases[slug] = Base(model, AutoTokenizer.from_pretrained(folder), context)
        return self.bases[slug]

    def encoder(self, slug: str) -> Embedder:
        if slug not in self.encoders:
            folder = self._folder(slug)
            if not (folder / "config.json").exists():
                raise Refused(404, f"The model '{slug}' is not on this machine.", "model_not_found", "model")
            encoder = Embedder(folder)
            # Who asks over HTTP puts the words before a text that its model wants; they are not put twice.
            encoder.prefixes = dict.fromkeys(encoder.prefixes, "")
            self.encoders[slug] = encoder
        return self.encoders[slug]

    def load(self, name: str, path: str, replace: bool = False) -> None:
        """Puts a model folder's adapter on its base and proves that it answers as it did after training."""
        folder = self._allowed(path)
        known = self.adapters.get(name)
        if known and known.folder == folder and not replace:
            return
        try:
            manifest = artifact.verify(folder)
        except LearningError as error:
            raise Refused(400, f"The model folder is damaged: {error}.", "broken_model", "lora_path") from error
        base = self.base(manifest.base)
        trial = f"{name}~new" if known else name
        self._attach(base, trial, folder)
        alike = self._alike(base, trial, folder, manifest)
        if alike < ALIKE:
            self._detach(base, trial)
            text = f"The model answers differently than after training: {alike:.0%} of its probe tokens are the same."
            raise Refused(409, text, "probe_mismatch", "lora_path")
        if known:
            self.unload(name)
            self._detach(base, trial)
            self._attach(base, name, folder)
        self.adapters[name] = Adapter(name, manifest.base, folder, manifest)
        self._evict()

    def unload(self, name: str) -> None:
        adapter = self.adapters.pop(name, None)
        if adapter is None:
            raise Refused(404, f"The adapter '{name}' is not loaded.", "model_not_found", "lora_name")
        self._detach(self.bases[adapter.base], name)

    def _evict(self) -> None:
        while len(self.adapters) > self.most:
            self.unload(next(iter(self.adapters)))

    def _attach(self, base: Base, name: str, folder: Path) -> None:
        if isinstance(base.model, PeftModel):
            base.model.load_adapter(str(folder), adapter_name=name, is_trainable=False)
        else:
            base.model = PeftModel.from_pretrained(base.model, str(folder), adapter_name=name, is_trainable=False)  # type: ignore[arg-type]
        base.adapters.add(name)
        base.model.eval()
        speed_up(base.model)

    def _detach(self, base: Base, name: str) -> None:
        model: Any = base.model
        base.adapters.discard(name)
        if base.adapters:
            model.set_adapter(next(iter(base.adapters)))
            model.delete_adapter(name)
        else:  # peft keeps at least one adapter; without any the base is a plain model again
            base.model = model.unload()

    def _alike(self, base: Base, name: str, folder: Path, manifest: artifact.Manifest) -> float:
        return check_probes(LoadedChat(base.using(name), base.tokenizer, manifest), folder)

    def _folder(self, slug: str) -> Path:
        folder = (self.models / slug).resolve()
        return folder if folder.parent == self.models else self.models / "-"

    def _allowed(self, path: str) -> Path:
        folder = Path(path).resolve()
        if not any(folder.is_relative_to(root) for root in self.roots) or not folder.is_dir():
            raise Refused(404, f"There is no model folder at '{path}'.", "model_not_found", "lora_path")
        return folder
