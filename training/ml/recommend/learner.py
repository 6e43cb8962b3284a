"""What the training loop needs of a recommender: from a history to the next item, and from torn words to the item."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.ml.checkpoints import Weights
from training.ml.lora import trainable
from training.ml.recommend.encoder import Encoder, Heads, Vectors
from training.ml.recommend.log import Log, histories
from training.ml.sampling import sample

LAST = 10
HALF_LIFE = 5.0
TEMPERATURE = 0.05
CROPPED = 0.3
"""Weight of finding an item by some of its words."""
CACHED = 20_000
"""Catalogues up to this size keep what the unchanging layers make of them."""


@dataclass(frozen=True)
class Step:
    """One thing to predict."""

    history: NDArray[np.int64]
    """The last items before it, oldest first."""
    target: int


def steps_of(
    log: Log, allowed: NDArray[np.bool_], most: int, seed: int, targets: NDArray[np.bool_] | None = None
) -> list[Step]:  # fmt: skip
    """Every item of the allowed ones with something in an earlier moment; at most so many, by chance.

    targets: which interactions are to be predicted; all where it is not given.
    """
    found: list[tuple[NDArray[np.int64], int]] = []
    for rows in histories(log).values():
        rows = rows[allowed[log.item[rows]]]
        moments = log.moment[rows]
        first = np.searchsorted(np.flatnonzero(np.r_[True, moments[1:] != moments[:-1]]), np.arange(len(rows)), "right")
        begins = np.flatnonzero(np.r_[True, moments[1:] != moments[:-1]])[first - 1] if len(rows) else first
        for start, row in zip(begins, rows, strict=True):
            if start and (targets is None or targets[row]):
                found.append((rows[max(0, start - LAST) : start], int(row)))
    return [Step(log.item[before], int(log.item[row])) for before, row in sample(found, most, seed)]


def pooled(vectors: Vectors, histories: Sequence[NDArray[np.int64]]) -> Vectors:
    """One row for each history: its last items' vectors, the newest counting most."""
    found = np.zeros((len(histories), vectors.shape[1]), dtype=np.float32)
    for i, history in enumerate(histories):
        last = history[-LAST:]
        weights = 0.5 ** (np.arange(len(last))[::-1] / HALF_LIFE)
        if len(last):
            found[i] = weights @ vectors[last] / weights.sum()
    return found


class RecommendLearner:
    """In-batch softmax with the items' frequency taken out (Yi et al. 2019, "Sampling-bias-corrected neural modeling")."""

    def __init__(
        self, encoder: Encoder, heads: Heads, texts: list[str], frozen: Vectors, cache: dict[int, Tensor]
    ) -> None:
        self.encoder, self.heads, self.texts, self.frozen = encoder, heads, texts, frozen
        self.examples: list[Step] = []
        self.checks: list[Step] = []
        self.frequency = torch.zeros(len(texts))
        self.ids = encoder.ids(texts)
        self.cache = cache

    def learn_from(self, examples: list[Step], checks: list[Step]) -> None:
        self.examples, self.checks = examples, checks
        counts = np.bincount([step.target for step in examples], minlength=len(self.texts)) + 0.5
        self.frequency = torch.tensor(np.log(counts / counts.sum()), dtype=torch.float32)

    def weights(self) -> Weights:
        named = trainable(self.encoder.model)
        return named | {f"heads.{name}": weight for name, weight in self.heads.named_parameters()}

    def tokens(self, batch: Sequence[int]) -> int:
        return sum(len(self.ids[self.examples[i].target]) for i in batch)

    def loss(self, batch: Sequence[int]) -> tuple[Tensor, int]:
        steps = [self.examples[i] for i in batch]
        items = self._items(steps)
        crops = self._crops(steps, random.Random(f"{batch[0]}/{batch[-1]}/{len(batch)}"))
        found = self._next(steps, items) + CROPPED * self._same(steps, items, crops)
        return found, len(batch)

    @torch.no_grad()
    def validation_loss(self) -> float | None:
        """Mean loss of the next item on held-out steps, in batches of the same size."""
        if len(self.checks) < 2:
            return None
        parts = [self.checks[i : i + 96] for i in range(0, len(self.checks), 96)]
        total = sum(float(self._next(part, self._items(part))) for part in parts)
        return total / len(self.checks)

    def _next(self, steps: Sequence[Step], items: Tensor) -> Tensor:
        """Summed loss of telling the taken item from those of the other steps."""
        past = torch.from_numpy(pooled(self.frozen, [step.history for step in steps])).to(items.device)
        asked = self.heads.place(self.heads.history, past)
        placed = self.heads.place(self.heads.item, items)
        targets = torch.tensor([step.target for step in steps])
        logits = asked @ placed.t() / TEMPERATURE - self.frequency[targets].to(items.device)
        taken = torch.tensor([[other.target in set(step.history.tolist()) for other in steps] for step in steps])
        return _cross_entropy(logits, targets, taken)

    def _same(self, steps: Sequence[Step], items: Tensor, crops: Tensor) -> Tensor:
        """Summed loss of telling an item by some of its words."""
        targets = torch.tensor([step.target for step in steps])
        return _cross_entropy(crops @ items.t() / TEMPERATURE, targets, None)

    def _items(self, steps: Sequence[Step]) -> Tensor:
        """One row for each step's target; of a small catalogue many steps have the same, which is encoded once."""
        targets = [step.target for step in steps]
        place = {item: row for row, item in enumerate(dict.fromkeys(targets))}
        hidden = self._lower(list(place))
        padded = nn.utils.rnn.pad_sequence(hidden, batch_first=True)
        lengths = torch.tensor([len(row) for row in hidden], device=padded.device)
        items = self.encoder.upper(padded, torch.arange(padded.shape[1], device=padded.device) < lengths[:, None])
        rows = torch.tensor([place[item] for item in targets], device=items.device)
        return items.index_select(0, rows)

    def _lower(self, items: Sequence[int]) -> list[Tensor]:
        """What the unchanging layers make of items; kept where the catalogue is not too large for memory."""
        missing = [item for item in dict.fromkeys(items) if item not in self.cache]
        found: dict[int, Tensor] = {}
        if missing:
            hidden, _ = self.encoder.lower([self.ids[item] for item in missing])
            found = {item: hidden[row, : len(self.ids[item])].clone() for row, item in enumerate(missing)}
        if len(self.texts) <= CACHED:
            self.cache.update(found)
        return [found[item] if item in found else self.cache[item] for item in items]

    def _crops(self, steps: Sequence[Step], chance: random.Random) -> Tensor:
        texts = [crop(self.texts[step.target], chance) for step in steps]
        return self.encoder.upper(*self.encoder.lower(self.encoder.ids(texts, "query")))


def crop(text: str, chance: random.Random) -> str:
    """Some of the words of a text, a third to two thirds of them, in their order; now and then with a letter wrong."""
    words = text.split()
    if len(words) < 2:
        half = max(1, len(text) // 2)
        return text[:half] if chance.random() < 0.5 else text[-half:]
    count = max(1, round(len(words) * chance.uniform(0.3, 0.7)))
    kept = [words[i] for i in sorted(chance.sample(range(len(words)), count))]
    return " ".join(typo(word, chance) if chance.random() < 0.15 else word for word in kept)


def typo(word: str, chance: random.Random) -> str:
    """A letter left out, doubled, changed or in the wrong place; short words stay."""
    if len(word) < 4:
        return word
    place = chance.randrange(1, len(word) - 1)
    kind = chance.randrange(4)
    if kind == 0:
        return word[:place] + word[place + 1 :]
    if kind == 1:
        return word[:place] + word[place] + word[place:]
    if kind == 2:
        return word[:place] + chance.choice("abcdefghijklmnopqrstuvwxyz") + word[place + 1 :]
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _cross_entropy(logits: Tensor, targets: Tensor, taken: Tensor | None) -> Tensor:
    """Summed, each row against its own column; other columns with the same item, or one taken before, do not count."""
    same = targets[:, None] == targets[None, :]
    hidden = same if taken is None else same | taken
    hidden = hidden & ~torch.eye(len(targets), dtype=torch.bool)
    logits = logits.masked_fill(hidden.to(logits.device), -1e4)
    return nn.functional.cross_entropy(logits, torch.arange(len(targets), device=logits.device), reduction="sum")
