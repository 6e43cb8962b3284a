"""A base model whose linear layers take the adapter of the moment: switching is one assignment, nothing is merged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import safe_open
from torch import Tensor, nn

from endpoints.engine.wire import Refused

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
PREFIX = "base_model.model."


@dataclass(frozen=True)
class Pair:
    """One layer's low-rank change: down is (in, rank), up is (rank, out)."""

    down: Tensor
    up: Tensor
    scale: float


@dataclass(frozen=True, eq=False)
class Adapter:
    """What was learned, by layer name."""

    name: str
    folder: Path
    base: str
    digest: str
    """sha256 of the manifest: two loads of the same model are equal."""
    pairs: dict[str, Pair] = field(repr=False)


class Switch:
    """Which adapter the layers of one base use now."""

    def __init__(self) -> None:
        self.pairs: dict[str, Pair] = {}

    def to(self, adapter: Adapter | None) -> None:
        self.pairs = adapter.pairs if adapter else {}


class Layer(nn.Module):
    """A frozen linear layer plus the change of the adapter of the moment."""

    def __init__(self, linear: nn.Linear, name: str, switch: Switch, packed: bool) -> None:
        super().__init__()
        self.name, self.switch = name, switch
        self.outputs = linear.out_features
        self.bias = linear.bias
        self.packed = packed
        # Plain attributes: nothing here is trained, saved or moved.
        self.matrix: Any = pack(linear.weight) if packed else linear.weight

    def forward(self, x: Tensor) -> Tensor:
        rows = x.reshape(-1, x.shape[-1])
        if self.packed:
            out = torch.ops.mkldnn._linear_pointwise(rows, self.matrix, self.bias, "none", [], "")
        else:
            out = nn.functional.linear(rows, self.matrix, self.bias)
        pair = self.switch.pairs.get(self.name)
        if pair is not None:
            out = torch.addmm(out, rows @ pair.down, pair.up, alpha=pair.scale)
        return cast(Tensor, out.view(*x.shape[:-1], self.outputs))


def pack(weight: Tensor) -> Tensor:
    """The weights in the order in which oneDNN reads them; several times faster for one row than torch's default."""
    plain = weight.detach()
    return torch.ops.mkldnn._reorder_linear_weight(plain, None)  # type: ignore[no-any-return]


def can_pack(dtype: torch.dtype, device: str) -> bool:
    """Whether packed products work here; tried once with a small one, since it depends on the build."""
    if device != "cpu" or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    try:
        weight, row = torch.eye(16, dtype=dtype), torch.ones(1, 16, dtype=dtype)
        same = torch.ops.mkldnn._linear_pointwise(row, pack(weight), None, "none", [], "")
        return bool(torch.equal(same, row))
    except (RuntimeError, AttributeError):
        return False


def make_switchable(model: nn.Module, packed: bool) -> Switch:
    """Replace every linear layer by one that asks the switch."""
    switch = Switch()
    linears = [(name, module) for name, module in model.named_modules() if isinstance(module, nn.Linear)]
    for name, linear in linears:
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, Layer(linear, name, switch, packed))
    return switch


def read_pairs(folder: Path, layers: set[str], dtype: torch.dtype, device: str) -> dict[str, Pair]:
    """The changes in an adapter folder as peft writes it, cast as training casts them."""
    about = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    for word in ("use_dora", "modules_to_save", "use_qalora", "lora_bias"):
        if about.get(word):
            raise Refused(400, f"Adapters with {word} cannot be served.", "adapter_not_supported")
    halves: dict[str, dict[str, Tensor]] = {}
    with safe_open(folder / WEIGHTS, framework="pt", device=device) as file:
        for key in file.keys():  # noqa: SIM118 - not a dict
            name, half = _place(key)
            if name not in layers or half not in ("lora_A", "lora_B"):
                raise Refused(
                    400, f"The adapter changes {key}, which this base does not have.", "adapter_not_supported"
                )
            halves.setdefault(name, {})[half] = file.get_tensor(key)
    return {name: _pair(name, found, about, dtype) for name, found in halves.items()}


def _place(key: str) -> tuple[str, str]:
    """Layer name and half of a key such as base_model.model.model.layers.0.mlp.up_proj.lora_A.weight."""
    parts = key.removeprefix(PREFIX).removesuffix(".weight").split(".")
    half = next((i for i, part in enumerate(parts) if part.startswith("lora_")), len(parts) - 1)
    return ".".join(parts[:half]), parts[half]


def _pair(name: str, found: dict[str, Tensor], about: Mapping[str, Any], dtype: torch.dtype) -> Pair:
    if len(found) != 2:
        raise Refused(400, f"The adapter is incomplete at {name}.", "adapter_not_supported")
    down, up = found["lora_A"].to(dtype), found["lora_B"].to(dtype)
    rank = down.shape[0]
    alpha = float(_for_layer(name, about.get("alpha_pattern"), about["lora_alpha"]))
    scale = alpha / (rank**0.5 if about.get("use_rslora") else rank)
    return Pair(down.t().contiguous(), up.t().contiguous(), scale)


def _for_layer(name: str, pattern: Mapping[str, float] | None, default: float) -> float:
    return next((value for end, value in (pattern or {}).items() if name.endswith(end)), default)
