"""One answer, token by token, in the model thread; what was computed for a conversation so far is used again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from transformers import DynamicCache

from endpoints.engine.library import Base
from endpoints.engine.wire import ChatRequest, Refused, Usage
from training.ml.generate import AnswerOptions, draw, ends, next_logits, pieces, prompt_ids

MOST_TOKENS = 512
WORTHWHILE = 8
"""Tokens in common below which a kept state is not worth looking at."""


@dataclass
class Kept:
    """The attention states of a finished answer."""

    model: str
    tokens: list[int]
    cache: Any


@dataclass
class States:
    """States of the last answers. They hold for one adapter only, because adapters change keys and values."""

    most: int = 8
    kept: OrderedDict[int, Kept] = field(default_factory=OrderedDict)

    def take(self, model: str, prompt: list[int]) -> tuple[Any, int]:
        """The state with the longest common beginning, cut to it, and its length; the last token is always computed."""
        best, length = None, WORTHWHILE
        for key, one in self.kept.items():
            common = _common(one.tokens, prompt[:-1]) if one.model == model else 0
            if common > length:
                best, length = key, common
        if best is None:
            return DynamicCache(), 0
        kept = self.kept.pop(best)
        if len(kept.tokens) > length:
            kept.cache.crop(length - len(kept.tokens))
        return kept.cache, length

    def give(self, model: str, tokens: list[int], cache: Any) -> None:
        self.kept[id(cache)] = Kept(model, tokens, cache)
        while len(self.kept) > self.most:
            self.kept.popitem(last=False)

    def forget(self, model: str) -> None:
        """After an adapter was loaded anew or left, its states mean nothing."""
        self.kept = OrderedDict((key, one) for key, one in self.kept.items() if one.model != model)


def _common(a: list[int], b: list[int]) -> int:
    for position, (x, y) in enumerate(zip(a, b, strict=False)):
        if x != y:
            return position
    return min(len(a), len(b))


@dataclass
class Answer:
    """An answer in the making: pieces of text out, usage and the reason of the end afterwards."""

    request: ChatRequest
    base: Base
    adapter: str | None
    states: States
    leave: Callable[[], bool]
    """True as soon as nobody waits for this answer any more."""
    usage: Usage = field(default_factory=Usage)
    finish: str = "stop"

    def pieces(self) -> Iterator[str]:
        """Text pieces of whole characters."""
        prompt = prompt_ids(self.base.tokenizer, self.request.messages)
        most = self._room(prompt)
        self.usage.prompt_tokens = len(prompt)
        options = AnswerOptions(
            most, self.request.temperature, self.request.top_p, self.request.stop, self.request.seed
        )
        tokens = self._tokens(self.base.using(self.adapter), prompt, options)
        try:
            yield from pieces(self.base.tokenizer, tokens, self.request.stop)
        finally:
            tokens.close()

    def _room(self, prompt: list[int]) -> int:
        free = self.base.context - len(prompt)
        if free < 1:
            text = f"The conversation has {len(prompt)} tokens; this model reads {self.base.context}. Shorten it."
            raise Refused(400, text, "context_length_exceeded", "messages")
        return min(self.request.max_tokens or MOST_TOKENS, free)

    def _tokens(self, model: nn.Module, prompt: list[int], options: AnswerOptions) -> Any:
        name = self.adapter or self.request.model
        cache, known = self.states.take(name, prompt)
        chance = torch.Generator()
        chance.manual_seed(options.seed) if options.seed is not None else chance.seed()
        stop, done = ends(model, self.base.tokenizer), list(prompt[:known])
        ids = prompt[known:]
        self.finish = "length"
        try:
            for _ in range(options.max_new_tokens):
                if self.leave():
                    return
                with torch.inference_mode():
                    inputs = torch.tensor([ids], device=next(model.parameters()).device)
                    token = draw(next_logits(model, inputs, cache)[0].float().cpu(), options, chance)
                done += ids
                if token in stop:
                    self.finish = "stop"
                    return
                self.usage.completion_tokens += 1
                yield token
                ids = [token]
        finally:
            self.states.give(name, done, cache)
