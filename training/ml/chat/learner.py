"""What the training loop needs to know of a chat model: losses on batches of examples."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from training.ml.batches import Example
from training.ml.chat.answerloss import answer_loss
from training.ml.checkpoints import Weights
from training.ml.lora import trainable


class ChatLearner:
    """What the training loop needs of a chat model."""

    def __init__(
        self, model: nn.Module, tokenizer: PreTrainedTokenizerBase, examples: list[Example], checks: list[Example]
    ) -> None:
        self.model, self.pad = model, int(tokenizer.pad_token_id or 0)
        self.examples, self.checks = examples, sorted(checks, key=len)

    def weights(self) -> Weights:
        return trainable(self.model)

    def loss(self, batch: Sequence[int]) -> tuple[Tensor, int]:
        return answer_loss(self.model, [self.examples[i] for i in batch], self.pad)

    def tokens(self, batch: Sequence[int]) -> int:
        return sum(len(self.examples[i]) for i in batch)

    def validation_loss(self) -> float | None:
        return mean_loss(self.model, self.checks, self.pad)


def mean_loss(model: nn.Module, examples: list[Example], pad: int) -> float | None:
    """Mean loss per answer token; its exponential is the perplexity."""
    if not examples:
        return None
    was_training = model.training
    model.eval()
    total, counted = 0.0, 0
    with torch.no_grad():
        for start in range(0, len(examples), 8):
            loss, count = answer_loss(model, examples[start : start + 8], pad)
            total, counted = total + float(loss), counted + count
    model.train(was_training)
    return total / max(counted, 1)
