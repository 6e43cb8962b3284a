"""Examples into batches of like length; which batch comes when follows from (seed, epoch, index) alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """Token ids of a prompt and its answer; only the answer is learned."""

    ids: list[int]
    prompt: int
    """How many of the ids are the prompt."""

    def __len__(self) -> int:
        return len(self.ids)


def epoch_batches(lengths: Sequence[int], tokens: int, seed: int, epoch: int) -> list[list[int]]:
    """All examples once, in batches of at most `tokens` with padding; neighbours in length share a batch."""
    chance = random.Random(f"{seed}/{epoch}")
    order = sorted(range(len(lengths)), key=lambda i: (lengths[i] + chance.random() * 4, i))
    batches: list[list[int]] = []
    for position in order:
        # Order is by rising length up to the jitter, so the longest so far decides the padding.
        widest = max(lengths[position], max((lengths[i] for i in batches[-1]), default=0)) if batches else 0
        if not batches or widest * (len(batches[-1]) + 1) > tokens:
            batches.append([])
        batches[-1].append(position)
    chance.shuffle(batches)
    return batches


def schedule(lengths: Sequence[int], tokens: int, seed: int, epochs: float, budget: int | None) -> list[list[int]]:
    """Every step's batch, until the epochs or the token budget are used up; never empty."""
    steps: list[list[int]] = []
    used, epoch = 0, 0
    while epoch < epochs:
        batches = epoch_batches(lengths, tokens, seed, epoch)
        share = min(1.0, epochs - epoch)
        for batch in batches[: max(1, round(len(batches) * share))]:
            cost = sum(lengths[i] for i in batch)
            if budget is not None and steps and used + cost > budget:
                return steps
            steps.append(batch)
            used += cost
        epoch += 1
    return steps
