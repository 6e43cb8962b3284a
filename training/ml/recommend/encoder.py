"""Texts into vectors with an encoder whose upper layers carry a LoRA adapter, and the heads that place histories.

Every item gets two vectors: one where sentences live, straight from the encoder, and one where histories live, behind a
head. Layers below the adapter never change, so that what they make of the items' texts is computed once.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, PeftModel, get_peft_model
from peft.tuners.lora import Linear as LoraLinear
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer, PreTrainedModel

from training.ml.config import TrainConfig
from training.ml.embed import _prefixes
from training.ml.errors import MissingBase
from training.ml.hardware import hardware
from training.ml.lora import speed_up

ADAPTED = 3
"""So many of the uppermost layers carry the adapter."""
LONGEST = 48
TOKENS_AT_ONCE = 3072
MODULES = ["query", "key", "value", "dense"]
NARROW = 128
Vectors = NDArray[np.float32]


class Encoder:
    """A BERT-like encoder, mean-pooled; unit vectors."""

    def __init__(self, folder: Path, device: str | None = None) -> None:
        if not (folder / "config.json").exists():
            raise MissingBase(path=folder)
        found = hardware(device)
        self.device = found.device
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        loaded = AutoModel.from_pretrained(folder, dtype=found.dtype, attn_implementation="eager")
        self.model: nn.Module = loaded.to(found.device).eval().requires_grad_(False)
        self.bert: Any = loaded
        self.depth = max(0, len(loaded.encoder.layer) - ADAPTED)
        self.prefixes = _prefixes(folder)
        self.adapted: list[Any] | None = None

    @property
    def width(self) -> int:
        return int(self.bert.config.hidden_size)

    def add_adapter(self, config: TrainConfig) -> None:
        """A fresh adapter on the uppermost layers."""
        torch.manual_seed(config.seed + 1)
        layers = list(range(self.depth, len(self.bert.encoder.layer)))
        lora = LoraConfig(
            r=config.rank,
            lora_alpha=config.alpha,
            lora_dropout=config.dropout,
            target_modules=MODULES,
            layers_to_transform=layers,
            layers_pattern="layer",
        )
        self.model = cast(nn.Module, get_peft_model(cast(PreTrainedModel, self.model), lora))
        speed_up(self.model)

    def with_adapter(self, folder: Path) -> None:
        """A stored adapter."""
        self.model = PeftModel.from_pretrained(cast(PreTrainedModel, self.model), folder, is_trainable=False).eval()
        speed_up(self.model)

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """Without the adapter for a while; peft's own way walks the whole model, which takes longer than a sentence."""
        layers = self._adapted_layers()
        for layer in layers:
            layer._disable_adapters = True
        try:
            yield
        finally:
            for layer in layers:
                layer._disable_adapters = False

    def _adapted_layers(self) -> list[Any]:
        if self.adapted is None:
            self.adapted = [module for module in self.model.modules() if isinstance(module, LoraLinear)]
        return self.adapted

    def ids(self, texts: Sequence[str], kind: str = "passage") -> list[list[int]]:
        """Token ids, at most 48 of a text; an empty text is still a row."""
        prefix = self.prefixes[kind]
        # Half a character, as broken JSON holds it, is nothing that a tokenizer can read.
        whole = [prefix + text.encode("utf-8", "replace").decode() for text in texts]
        rows = self.tokenizer(whole, truncation=True, max_length=LONGEST).input_ids
        return [row or [0] for row in rows] if texts else []

    def lower(self, rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """What the unchanging layers make of token ids: hidden states and the mask of real tokens."""
        width = max(map(len, rows))
        ids = torch.zeros(len(rows), width, dtype=torch.long)
        mask = torch.zeros(len(rows), width, dtype=torch.bool)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = torch.tensor(row)
            mask[i, : len(row)] = True
        ids, mask = ids.to(self.device), mask.to(self.device)
        with torch.no_grad():
            hidden = self.bert.embeddings(input_ids=ids)
            hidden = self._through(self.bert.encoder.layer[: self.depth], hidden, mask)
        return hidden, mask

    def upper(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """The adapted layers and the mean over real tokens: unit vectors in float32."""
        hidden = self._through(self.bert.encoder.layer[self.depth :], hidden, mask).float()
        real = mask.unsqueeze(-1)
        mean = (hidden * real).sum(1) / real.sum(1)
        return nn.functional.normalize(mean, dim=-1)

    def _through(self, layers: Sequence[nn.Module], hidden: Tensor, mask: Tensor) -> Tensor:
        bias = torch.zeros(mask.shape, dtype=hidden.dtype, device=hidden.device)
        bias = bias.masked_fill(~mask, torch.finfo(hidden.dtype).min)[:, None, None, :]
        for layer in layers:
            hidden = layer(hidden, bias)
        return hidden

    @torch.no_grad()
    def encode(
        self,
        texts: Sequence[str],
        kind: str = "passage",
        progress: Callable[[int], None] | None = None,
        keep: dict[int, Tensor] | None = None,
    ) -> Vectors:
        """One unit row for each text, in the order given; `keep` gets what the unchanging layers made of each."""
        ids = self.ids(texts, kind)
        vectors = np.zeros((len(ids), self.width), dtype=np.float32)
        done = 0
        for batch in _batches([len(row) for row in ids]):
            hidden, mask = self.lower([ids[i] for i in batch])
            vectors[batch] = self.upper(hidden, mask).cpu().numpy()
            if keep is not None:
                keep.update({i: hidden[row, : len(ids[i])].clone() for row, i in enumerate(batch)})
            done += len(batch)
            if progress:
                progress(done)
        return vectors

    @torch.no_grad()
    def both(self, texts: Sequence[str]) -> tuple[Vectors, Vectors]:
        """Sentences with the adapter and without it; the unchanging layers are computed once."""
        hidden, mask = self.lower(self.ids(texts, "query"))
        adapted = self.upper(hidden, mask).cpu().numpy()
        with self.untouched():
            return adapted, self.upper(hidden, mask).cpu().numpy()


class Heads(nn.Module):
    """Where histories and items meet: two small residual layers that begin as the identity."""

    def __init__(self, width: int, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed + 2)
        self.history, self.item = _head(width), _head(width)

    def place(self, head: nn.Module, vectors: Tensor) -> Tensor:
        return nn.functional.normalize(vectors + head(vectors), dim=-1)

    def arrays(self) -> dict[str, Vectors]:
        """The weights as arrays, by name."""
        return {name: copy.copy(value.detach().cpu().numpy()) for name, value in self.state_dict().items()}


def _head(width: int) -> nn.Sequential:
    head = nn.Sequential(nn.Linear(width, NARROW), nn.GELU(), nn.Linear(NARROW, width))
    nn.init.zeros_(cast(nn.Linear, head[2]).weight)
    nn.init.zeros_(cast(nn.Linear, head[2]).bias)
    return head


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Positions in batches of like length."""
    batch: list[int] = []
    for position in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and lengths[position] * (len(batch) + 1) > TOKENS_AT_ONCE:
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch
