"""Load a base model with frozen weights and put a LoRA adapter of peft's on it, with a faster way to compute the same."""

from __future__ import annotations

from pathlib import Path
from types import MethodType
from typing import Any, cast

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.tuners.lora import Linear as LoraLinear
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, PreTrainedModel

from training.ml.attention import attention_for
from training.ml.config import TrainConfig
from training.ml.errors import MissingBase
from training.ml.hardware import Hardware

ADAPTER = "default"


def load_base(folder: Path, machine: Hardware) -> PreTrainedModel:
    """A base model for this machine; weights only, no code of the folder's."""
    if not (folder / "config.json").exists():
        raise MissingBase(path=folder)
    attention = attention_for(machine.device)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=machine.dtype, attn_implementation=attention)
    return cast(PreTrainedModel, model.to(machine.device).eval().requires_grad_(False))


def add_adapter(model: PreTrainedModel, config: TrainConfig) -> PeftModel:
    """A fresh adapter in float32 on frozen weights."""
    # The tiny offset keeps the adapter's weights reproducible whatever was drawn before.
    torch.manual_seed(config.seed + 1)
    lora = LoraConfig(
        r=config.rank,
        lora_alpha=config.alpha,
        lora_dropout=config.dropout,
        target_modules=list(config.layers),
        task_type="CAUSAL_LM",
    )
    adapted = get_peft_model(model, lora)
    speed_up(adapted)
    return cast(PeftModel, adapted)


def with_adapter(model: PreTrainedModel, folder: Path) -> PeftModel:
    """A stored adapter on its base."""
    adapted = PeftModel.from_pretrained(model, folder, is_trainable=False)
    speed_up(adapted)
    return adapted.eval()


def causal(model: nn.Module) -> PreTrainedModel:
    """The transformers model below peft's wrapping; its layers carry the adapter."""
    inner = model.get_base_model() if isinstance(model, PeftModel) else model
    return cast(PreTrainedModel, inner)


def merged(model: nn.Module) -> nn.Module:
    """The adapter worked into the base's weights, for many answers at once; the model it came from is used up."""
    return cast(nn.Module, model.merge_and_unload()) if isinstance(model, PeftModel) else model


def save_adapter(model: nn.Module, folder: Path) -> None:
    """The adapter in peft's own format; the base's path stays out of it, since it differs from machine to machine."""
    adapted = cast(PeftModel, model)
    adapted.peft_config[ADAPTER].base_model_name_or_path = ""
    adapted.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)


def speed_up(model: nn.Module) -> None:
    """Compute each adapted layer as one function in the base's number format; dropout keeps peft's own way."""
    for module in model.modules():
        if isinstance(module, LoraLinear) and all(isinstance(d, nn.Identity) for d in module.lora_dropout.values()):
            module.forward = MethodType(_adapted, module)


def trainable(model: nn.Module) -> dict[str, nn.Parameter]:
    """The adapter's weights by name, in the order of the model."""
    return {name: weight for name, weight in model.named_parameters() if weight.requires_grad}


def _adapted(self: LoraLinear, x: Tensor, *args: object, **kwargs: object) -> Tensor:
    name = self.active_adapters[0]  # an engine has several on one base, one of them at work
    if self.disable_adapters or self.merged or name not in self.lora_A:
        return cast(Tensor, LoraLinear.forward(self, x, *args, **kwargs))
    down, up = self.lora_A[name].weight, self.lora_B[name].weight
    base = cast(nn.Linear, self.get_base_layer())
    out = _LowRank.apply(x.reshape(-1, x.shape[-1]), base.weight, down, up, self.scaling[name])  # type: ignore[no-untyped-call]
    out = out if base.bias is None else out + base.bias
    return cast(Tensor, out.view(*x.shape[:-1], -1))


class _LowRank(torch.autograd.Function):
    """x W' + scale (x A') B', without the copies in float32 that peft makes of x."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, down: Tensor, up: Tensor, scale: float) -> Tensor:
        low, high = down.to(x.dtype), up.to(x.dtype)
        inner = x @ low.t()
        ctx.save_for_backward(x, weight, low, high, inner)
        ctx.scale = scale
        return torch.addmm(x @ weight.t(), inner, high.t(), alpha=scale)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, low, high, inner = ctx.saved_tensors
        gradient = gradients[0]
        back = (gradient @ high) * ctx.scale
        to_down = (back.t() @ x).float()
        to_up = (gradient.t() @ inner).float() * ctx.scale
        to_x = torch.addmm(gradient @ weight, back, low) if ctx.needs_input_grad[0] else None
        return to_x, None, to_down, to_up, None
