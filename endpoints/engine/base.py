"""One base model in memory, its adapters a switch away, and the proof that what is served is what was trained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn
from transformers import AutoTokenizer, DynamicCache, PreTrainedModel

from endpoints.engine.lora import Adapter, can_pack, make_switchable
from endpoints.engine.prefixes import Prefixes
from endpoints.engine.wire import Refused
from training.ml import artifact
from training.ml.chat.generate import ends, prompt_ids
from training.ml.chat.loading import Probe
from training.ml.hardware import hardware
from training.ml.lora import load_base
from training.ml.prompts import Message

NEAR = 0.5
"""Scores this close may change places. Measured: a stored token is at most 0.13 behind when the right adapter reads it
again in bfloat16, and 1 to 6 behind without its adapter."""
ALIKE = 0.9
"""Share of the stored tokens that must be the likeliest again."""


class Base:
    """A base model and everything its answers share."""

    def __init__(self, folder: Path, context: int, kept_tokens: int, device: str | None = None) -> None:
        machine = hardware(device)
        self.slug = folder.name
        self.about = artifact.about_base(folder)
        self.device, self.dtype = machine.device, machine.dtype
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model: PreTrainedModel = load_base(folder, machine)
        self.ends = ends(self.model, self.tokenizer)
        self.context = min(context, int(getattr(self.model.config, "max_position_embeddings", context)))
        self.layers = {name for name, module in self.model.named_modules() if isinstance(module, nn.Linear)}
        self.switch = make_switchable(self.model, can_pack(machine.dtype, machine.device))
        self.prefixes = Prefixes(kept_tokens)

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        """The conversation as tokens, or a refusal when it is too long or in a shape the model was not made for."""
        try:
            ids = prompt_ids(self.tokenizer, messages)
        except Exception as error:  # a chat template raises whatever its author liked
            text = f"The model cannot read these messages: {error}"
            raise Refused(400, text, "invalid_messages", "messages") from error
        if len(ids) >= self.context:
            text = f"The conversation has {len(ids)} tokens; this model reads {self.context}. Shorten it."
            raise Refused(400, text, "context_length_exceeded", "messages")
        return ids

    def decode(self, ids: list[int]) -> str:
        return cast(str, self.tokenizer.decode(ids, skip_special_tokens=True)).replace("\x00", "")

    @torch.inference_mode()
    def read(self, adapter: Adapter | None, ids: Sequence[int], cache: DynamicCache | None, last: int = 1) -> Tensor:
        """Scores after each of the last tokens, as float32 on the CPU; the cache grows by ids."""
        self.switch.to(adapter)
        batch = torch.tensor([list(ids)], device=self.device)
        kept = cache is not None
        out = self.model(input_ids=batch, past_key_values=cache, use_cache=kept, logits_to_keep=last)
        return cast(Tensor, out.logits[0].float().cpu())


def prove(base: Base, adapter: Adapter) -> None:
    """Refuse an adapter that does not repeat the answers stored with it.

    Each stored answer is read once and every token must be the likeliest again, or as good as: half precision rounds
    a little differently for one row than for many and from processor to processor; a wrong base, chat template or
    adapter differs a lot.
    """
    same = wanted = 0
    for probe in artifact.read_probes(adapter.folder, Probe):
        tokens = probe.tokens
        if not tokens:
            continue
        scores = base.read(adapter, [*base.prompt(probe.messages), *tokens[:-1]], None, len(tokens))
        behind = scores.max(-1).values - scores[torch.arange(len(tokens)), torch.tensor(tokens)]
        wanted += len(tokens)
        same += int((behind == 0).sum())
        if float(behind.max()) > NEAR:
            now = base.decode(scores.argmax(-1).tolist())
            raise _mismatch(f"it said {probe.answer[:60]!r} then and would say {now[:60]!r} now")
    if wanted and same < ALIKE * wanted:
        raise _mismatch(f"{same} of {wanted} stored tokens come out again")


def _mismatch(seen: str) -> Refused:
    text = f"The model answers differently than after training: {seen}. It was not loaded."
    return Refused(409, text, "probe_mismatch", "lora_path")
