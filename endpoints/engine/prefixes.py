"""Earlier prompts kept computed, so that a shared system prompt or an earlier turn is not read again."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from torch import Tensor
from transformers import DynamicCache

Layers = list[tuple[Tensor, Tensor]]
WORTH = 8
"""Fewer shared tokens are computed anew."""


@dataclass(frozen=True)
class Kept:
    """Tokens and what each layer made of them."""

    key: Hashable
    tokens: tuple[int, ...]
    layers: Layers


class Prefixes:
    """The most recent prompts of each adapter. An adapter changes keys and values, so nothing is shared between two."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.hits = self.misses = 0
        self._kept: list[Kept] = []

    def start(self, key: Hashable, prompt: Sequence[int]) -> tuple[int, DynamicCache]:
        """How many tokens of the prompt are known and a cache that holds them; the last token is always computed."""
        best, shared = None, WORTH - 1
        for kept in self._kept:
            same = _shared(kept.tokens, prompt[:-1]) if kept.key == key else 0
            if same > shared:
                best, shared = kept, same
        if best is None:
            self.misses += 1
            return 0, DynamicCache()
        self.hits += 1
        self._kept.remove(best)
        self._kept.append(best)
        # Views: the cache copies when it grows, so the kept tensors stay as they are.
        layers = [(keys[:, :, :shared], values[:, :, :shared]) for keys, values in best.layers]
        return shared, DynamicCache(layers)

    def keep(self, key: Hashable, tokens: Sequence[int], cache: DynamicCache) -> None:
        """Remember a computed prompt; shorter ones that it contains are given up, then the oldest."""
        new = tuple(tokens)
        if not 0 < len(new) <= self.budget:
            return
        self._kept = [k for k in self._kept if not (k.key == key and k.tokens == new[: len(k.tokens)])]
        layers = [(layer.keys[:, :, : len(new)], layer.values[:, :, : len(new)]) for layer in cache.layers]
        self._kept.append(Kept(key, new, layers))
        while sum(len(kept.tokens) for kept in self._kept) > self.budget:
            self._kept.pop(0)

    def drop(self, key: Hashable) -> None:
        """Forget an adapter that left."""
        self._kept = [kept for kept in self._kept if kept.key != key]

    def __len__(self) -> int:
        return len(self._kept)


def _shared(one: Sequence[int], other: Sequence[int]) -> int:
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))
