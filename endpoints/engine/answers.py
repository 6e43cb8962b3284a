"""One answer being written: the prompt is read in chunks, then every step is a token."""

from __future__ import annotations

import time
from collections import Counter

import torch
from torch import Tensor
from transformers import DynamicCache

from endpoints.engine.base import Base
from endpoints.engine.lora import Adapter
from endpoints.engine.text import Writer
from endpoints.engine.wire import ChatRequest, Usage
from training.ml.chat.generate import AnswerOptions, draw

CHUNK = 256
"""Tokens of a prompt that are read in one step; others get their turn in between."""
MOST_TOKENS = 512
"""Length of an answer when the request names none."""


class Answer:
    """A task of the scheduler: text out step by step, usage and the reason of the end afterwards."""

    def __init__(self, request: ChatRequest, base: Base, adapter: Adapter | None, prompt: list[int]) -> None:
        self.base, self.adapter, self.prompt, self.request = base, adapter, prompt, request
        self.finished = False
        self.finish = "stop"
        self.usage = Usage(prompt_tokens=len(prompt))
        self.first: float | None = None
        """Seconds from the first step to the first token."""
        self.writer = Writer(base.decode, request.stop)
        self._room = min(request.max_tokens or MOST_TOKENS, base.context - len(prompt))
        self._options = AnswerOptions(self._room, request.temperature, request.top_p)
        self._written: list[int] = []
        self._seen: Counter[int] = Counter()
        self._known: list[int] = []
        self._cache: DynamicCache | None = None
        self._began = 0.0
        self._chance = torch.Generator()
        self._chance.manual_seed(request.seed) if request.seed is not None else self._chance.seed()

    def step(self) -> str | None:
        """Read on or write one token; gives the text that has become certain."""
        if self._cache is None:
            self._begin()
        known = len(self._known)
        ahead = self.prompt[known : known + CHUNK] or self._written[-1:]
        scores = self.base.read(self.adapter, ahead, self._cache)[-1]
        self._known += ahead
        if len(self._known) < len(self.prompt):
            return None
        if len(self._known) == len(self.prompt):
            self.base.prefixes.keep(self.adapter, self.prompt, self._cache)
            self.first = time.monotonic() - self._began
        return self._write(draw(self._penalised(scores), self._options, self._chance))

    def _begin(self) -> None:
        self._began = time.monotonic()
        reused, self._cache = self.base.prefixes.start(self.adapter, self.prompt)
        self._known = self.prompt[:reused]

    def _write(self, token: int) -> str | None:
        if token in self.base.ends:
            return self._end("stop", "")
        self.usage.completion_tokens += 1
        self._written.append(token)
        self._seen[token] += 1
        text = self.writer.add(token)
        if self.writer.stopped:
            return self._end("stop", text)
        if len(self._written) >= self._room:
            return self._end("length", text)
        return text or None

    def _end(self, finish: str, text: str) -> str | None:
        text += self.writer.end()
        self.finished = True
        self.finish = "stop" if self.writer.stopped else finish
        self.base.prefixes.keep(self.adapter, self._known, self._cache)
        self._cache = None
        return text or None

    def _penalised(self, scores: Tensor) -> Tensor:
        """Scores with what was said before made less likely, where the request asks for it."""
        wanted = self.request
        if self._seen and (wanted.presence_penalty or wanted.frequency_penalty):
            ids = torch.tensor(list(self._seen))
            times = torch.tensor(list(self._seen.values()), dtype=scores.dtype)
            scores = scores.clone()  # what was computed in inference mode cannot be changed in place
            scores[ids] -= wanted.presence_penalty + wanted.frequency_penalty * times
        return scores
