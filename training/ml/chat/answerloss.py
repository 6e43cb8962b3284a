"""The loss on answer tokens only: the large output layer is computed for them alone, a few hundred at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from training.ml.batches import Example
from training.ml.lora import causal

CHUNK = 256


class _HeadLoss(torch.autograd.Function):
    """Summed cross-entropy through a frozen output layer; its gradient is made at once, so no logits are kept."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, head: Tensor, wanted: Tensor) -> Tensor:
        gradient = torch.empty_like(hidden)
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        for start in range(0, len(hidden), CHUNK):
            part, ids = hidden[start : start + CHUNK], wanted[start : start + CHUNK].unsqueeze(1)
            shares = linear(part, head).float().log_softmax(-1)
            total -= shares.gather(1, ids).sum()
            shares.exp_().scatter_add_(1, ids, torch.full_like(ids, -1, dtype=torch.float32))
            gradient[start : start + CHUNK] = shares.to(head.dtype) @ head
        ctx.save_for_backward(gradient)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (gradient,) = ctx.saved_tensors
        return gradient * gradients[0].to(gradient.dtype), None, None


def answer_loss(model: nn.Module, examples: Sequence[Example], pad: int) -> tuple[Tensor, int]:
    """Summed loss of the answers' tokens and their number.

    Rows are padded at the end, where causal attention cannot see the padding, so no mask is needed.
    """
    inner = causal(model)
    device = next(inner.parameters()).device
    width = max(map(len, examples))
    ids = torch.full((len(examples), width), pad, dtype=torch.long)
    learned = torch.zeros(len(examples), width, dtype=torch.bool)
    for row, example in enumerate(examples):
        ids[row, : len(example)] = torch.tensor(example.ids)
        learned[row, example.prompt - 1 : len(example) - 1] = True
    wanted = ids[:, 1:][learned[:, :-1]].to(device)
    hidden = inner.get_decoder()(input_ids=ids.to(device), use_cache=False).last_hidden_state
    head = cast(nn.Linear, inner.get_output_embeddings()).weight
    loss = _HeadLoss.apply(hidden[learned.to(device)], head, wanted)  # type: ignore[no-untyped-call]
    return loss, int(learned.sum())
