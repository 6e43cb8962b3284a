"""Attention as plain batched products: on a CPU several times faster than the fused kernel, forward and backward."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import AttentionInterface
from transformers.masking_utils import AttentionMaskInterface, eager_mask

NAME = "atelier"


def grouped(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    **_: object,
) -> tuple[Tensor, None]:
    """Softmax attention in which the queries that share a key are one matrix, so that no key is copied."""
    batch, heads, length, width = query.shape
    groups, seen = key.shape[1], key.shape[2]
    rows = query.reshape(batch * groups, heads // groups * length, width)
    keys = key.reshape(batch * groups, seen, width)
    scores = _products(rows * (scaling or width**-0.5), keys)
    if attention_mask is not None:
        scores = scores.view(batch, heads, length, seen) + attention_mask[..., :seen]
    shares = torch.softmax(scores, dim=-1, dtype=torch.float32 if scores.dtype == torch.float32 else None)
    mixed = torch.bmm(shares.view(batch * groups, heads // groups * length, seen), value.reshape(keys.shape))
    return mixed.view(batch, heads, length, width).transpose(1, 2).contiguous(), None


def _products(rows: Tensor, keys: Tensor) -> Tensor:
    """rows times keys'. A product in bfloat16 copies a transposed side first, so the smaller side is the one turned."""
    if rows.shape[1] * 4 < keys.shape[1]:
        return torch.bmm(keys, rows.transpose(1, 2)).transpose(1, 2).contiguous()
    return torch.bmm(rows, keys.transpose(1, 2))


AttentionInterface.register(NAME, grouped)
AttentionMaskInterface.register(NAME, eager_mask)


def attention_for(device: str) -> str:
    """Which attention transformers is to use."""
    return NAME if device == "cpu" else "sdpa"
