"""Texts into mean-pooled vectors with a small encoder, with or without an adapter on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast
from weakref import WeakValueDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer, PreTrainedModel

from training.ml import artifact
from training.ml.config import TrainConfig
from training.ml.hardware import Hardware, hardware
from training.ml.lora import speed_up

LAYERS = ("query", "key", "value", "dense")
"""The linear layers of an encoder of the BERT family."""
ADAPTED = 6
"""So many of the uppermost layers carry the adapter: all of a small encoder, half of one with twice the layers.

Nothing has to be led back through the layers below, which is a third of what learning costs there.
"""
TOKENS_AT_ONCE = 4096
Progress = Callable[[int], None]
_UNTOUCHED: WeakValueDictionary[tuple[Path, str, str], nn.Module] = WeakValueDictionary()
"""Encoders that some model in memory uses; the last one to leave takes them along."""


class Texts:
    """Texts into token ids, with the word before them that the base model wants."""

    def __init__(self, base: Path, longest: int) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(base)
        self.prefix = artifact.about_base(base).query_prefix
        self.longest = longest

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, cut at the longest."""
        if not texts:
            return []
        # Half a character, as broken JSON holds it, is nothing that a tokenizer can read.
        whole = [self.prefix + text.encode("utf-8", "replace").decode() for text in texts]
        found: list[list[int]] = self.tokenizer(whole, truncation=True, max_length=self.longest).input_ids
        return [row or [0] for row in found]  # an empty text is still a row

    def foreign(self, texts: Sequence[str]) -> float:
        """Share of the tokens that it has no piece for; high for a language that its model never saw."""
        nothing = self.tokenizer.unk_token_id
        tokens = [token for row in self.ids(texts) for token in row]
        return float(sum(token == nothing for token in tokens) / max(len(tokens), 1))


def load_encoder(base: Path, machine: Hardware | None = None) -> nn.Module:
    """The frozen encoder in this machine's number format; weights only."""
    machine = machine or hardware()
    artifact.about_base(base)  # raises MissingBase
    # Plain attention: the studio's own for causal models has no use for the mask of an encoder.
    model = AutoModel.from_pretrained(base, dtype=machine.dtype, attn_implementation="eager", add_pooling_layer=False)
    return cast(nn.Module, model.to(machine.device).eval().requires_grad_(False))


def untouched(base: Path, machine: Hardware) -> nn.Module:
    """The frozen encoder, the same one for all models in memory that read texts with it."""
    key = (base.resolve(), artifact.about_base(base).revision, machine.device)
    found = _UNTOUCHED.get(key)
    if found is None:
        found = _UNTOUCHED[key] = load_encoder(base, machine)
    return found


def add_adapter(model: nn.Module, config: TrainConfig) -> PeftModel:
    """A fresh LoRA adapter (Hu et al. 2021, arXiv 2106.09685) in float32 on every linear layer of the upper layers."""
    torch.manual_seed(config.seed + 1)
    depth = int(cast(PreTrainedModel, model).config.num_hidden_layers)
    lora = LoraConfig(
        r=config.rank,
        lora_alpha=config.alpha,
        target_modules=list(LAYERS),
        layers_to_transform=list(range(max(0, depth - ADAPTED), depth)),
        layers_pattern="layer",
    )
    adapted = get_peft_model(cast(PreTrainedModel, model), lora)
    speed_up(adapted)
    return cast(PeftModel, adapted)


def with_adapter(model: nn.Module, folder: Path) -> nn.Module:
    """The encoder with a stored adapter worked into its weights, for as many texts a second as it can."""
    dtype = next(model.parameters()).dtype
    adapted = PeftModel.from_pretrained(cast(PreTrainedModel, model.float()), folder, is_trainable=False)
    whole = cast(nn.Module, adapted.merge_and_unload())
    return whole.to(dtype).eval()


def pooled(model: nn.Module, rows: Sequence[Sequence[int]]) -> Tensor:
    """float32 [rows, width]: the mean over each row's tokens of the last layer."""
    device = next(model.parameters()).device
    width = max(map(len, rows))
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    mask = torch.zeros(len(rows), width, dtype=torch.long)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1
    ids, mask = ids.to(device), mask.to(device)
    hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
    return cast(Tensor, (hidden * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True))


@torch.inference_mode()
def vectors(
    model: nn.Module, rows: Sequence[Sequence[int]], progress: Progress | None = None
) -> NDArray[np.float32]:  # fmt: skip
    """float32 [rows, width], in the order given; rows of like length share a batch."""
    found: NDArray[np.float32] = np.zeros(
        (len(rows), int(cast(PreTrainedModel, model).config.hidden_size)), dtype=np.float32
    )
    done = 0
    for batch in _batches([len(row) for row in rows]):
        found[batch] = pooled(model, [rows[i] for i in batch]).cpu().numpy()
        done += len(batch)
        if progress:
            progress(done)
    return found


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    batches: list[list[int]] = [[]]
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batches[-1] and lengths[place] * (len(batches[-1]) + 1) > TOKENS_AT_ONCE:
            batches.append([])
        batches[-1].append(place)
    return [batch for batch in batches if batch]
