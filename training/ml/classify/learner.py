"""What the training loop needs of a classifier: the adapter's and the head's weights, and losses on batches of texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from training.ml.checkpoints import Weights
from training.ml.classify.encoder import pooled
from training.ml.classify.linear import Floats, Linear
from training.ml.lora import trainable

CHECKS_AT_ONCE = 64
SOFTENED = 0.25
"""The head starts with this share of the regression's weights: a head that is sure already leaves the adapter nothing to learn."""


@dataclass(frozen=True)
class Scale:
    """Means and widths of the frozen encoder's vectors, float32 [width]; the head works on what is left."""

    mean: Floats
    width: Floats

    @classmethod
    def of(cls, found: Floats) -> Scale:
        spread = found.std(axis=0)
        # Some places of an encoder never change; dividing by nothing would make noise of them.
        return cls(found.mean(axis=0), np.maximum(spread, 0.3 * float(spread.mean())).astype(np.float32))

    def __call__(self, found: Floats) -> Floats:
        scaled: Floats = ((found - self.mean) / self.width).astype(np.float32)
        return scaled


class Head(nn.Module):
    """A linear layer on scaled vectors, begun from the logistic regression on the frozen encoder."""

    mean: Tensor
    width: Tensor

    def __init__(self, start: Linear, scale: Scale, dropout: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.from_numpy(start.weights * np.float32(SOFTENED)))
        self.bias = nn.Parameter(torch.from_numpy(np.maximum(start.bias, -8.0) * np.float32(SOFTENED)))
        self.register_buffer("mean", torch.from_numpy(scale.mean.copy()))
        self.register_buffer("width", torch.from_numpy(scale.width.copy()))
        self.dropout = nn.Dropout(dropout)

    def forward(self, found: Tensor) -> Tensor:
        scaled = (found - self.mean) / self.width
        return functional.linear(self.dropout(scaled), self.weight, self.bias)

    def linear(self, multi: bool) -> Linear:
        return Linear(self.weight.detach().cpu().numpy().copy(), self.bias.detach().cpu().numpy().copy(), multi)


@dataclass(frozen=True)
class Part:
    """Token ids and targets float32 [rows, labels]."""

    ids: list[list[int]]
    targets: Floats


class ClassifyLearner:
    """Cross-entropy over labels; binary cross-entropy for each label where a text may have several."""

    def __init__(self, model: nn.Module, head: Head, train: Part, checks: Part, weights: Floats | None) -> None:
        self.model, self.head, self.train, self.checks = model, head, train, checks
        self.importance = None if weights is None else torch.from_numpy(weights)
        """float32 [labels]: how much a text of each label counts; None for several labels a text."""
        self.device = next(model.parameters()).device

    def weights(self) -> Weights:
        own = {f"head.{name}": weight for name, weight in self.head.named_parameters()}
        return {**trainable(self.model), **own}

    def loss(self, batch: Sequence[int]) -> tuple[Tensor, int]:
        scores = self.head(pooled(self.model, [self.train.ids[i] for i in batch]))
        return self._loss(scores, self.train.targets[list(batch)], self.importance), len(batch)

    def tokens(self, batch: Sequence[int]) -> int:
        return sum(len(self.train.ids[i]) for i in batch)

    @torch.no_grad()
    def validation_loss(self) -> float | None:
        if not self.checks.ids:
            return None
        self.head.eval()
        order = sorted(range(len(self.checks.ids)), key=lambda i: len(self.checks.ids[i]))
        total = 0.0
        for start in range(0, len(order), CHECKS_AT_ONCE):
            some = order[start : start + CHECKS_AT_ONCE]
            scores = self.head(pooled(self.model, [self.checks.ids[i] for i in some]))
            total += float(self._loss(scores, self.checks.targets[some], self.importance))
        self.head.train()
        return total / len(order)

    def _loss(self, scores: Tensor, targets: Floats, importance: Tensor | None) -> Tensor:
        wanted = torch.from_numpy(targets).to(self.device)
        if importance is None:
            return functional.binary_cross_entropy_with_logits(scores, wanted, reduction="sum")
        each = functional.cross_entropy(scores, wanted, reduction="none")
        return (each * (wanted @ importance.to(self.device))).sum()


def importance(targets: Floats) -> Floats:
    """float32 [labels], mean 1 over the rows: the square root of how rare a label is, at most 4 times the usual."""
    share = np.maximum(targets.sum(axis=0), 1.0) / len(targets)
    raw = np.minimum(np.sqrt(1.0 / (share * len(share))), 4.0)
    found: Floats = (raw / float((raw * share).sum())).astype(np.float32)
    return found
