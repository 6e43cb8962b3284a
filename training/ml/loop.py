"""The one training loop: steps, validation, early stop, checkpoints, and what happens when memory runs out."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from training.ml import checkpoints
from training.ml.checkpoints import BEST, Weights
from training.ml.config import TrainConfig
from training.ml.errors import NotANumber, OutOfMemory
from training.ml.hardware import give_back_memory
from training.ml.watching import Silent, StepRecord, Watcher

__all__ = ["Learner", "Outcome", "Silent", "StepRecord", "Watcher", "train"]
SMALLEST_GAIN = 1e-3
MOST_PARTS = 16
TIDY = 8
"""Steps between two times at which unused memory is given back."""


class Learner(Protocol):
    """What a family gives the loop."""

    def weights(self) -> Weights:
        """What is trained, by name."""

    def loss(self, batch: Sequence[int]) -> tuple[Tensor, int]:
        """Summed loss of the examples and the number of tokens it is summed over."""

    def validation_loss(self) -> float | None:
        """Mean loss on rows kept apart; None where there are none."""

    def tokens(self, batch: Sequence[int]) -> int:
        """How many tokens the examples have."""


@dataclass
class Outcome:
    """How a training ended."""

    stopped: str
    """finished, early or cancelled."""
    steps: int
    total: int
    loss: float
    validation_loss: float | None
    best_step: int
    seconds: float
    tokens: int
    losses: list[float] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        """As a manifest keeps it, without the loss of every step."""
        return {name: value for name, value in asdict(self).items() if name != "losses"}


@dataclass
class _State:
    """Everything of a checkpoint that is not a tensor."""

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    parts: int = 1
    best: float | None = None
    best_step: int = 0
    worse: int = 0
    losses: list[float] = field(default_factory=list)


class _Training:
    def __init__(
        self, learner: Learner, steps: list[list[int]], config: TrainConfig, folder: Path, watcher: Watcher
    ) -> None:
        self.learner, self.steps, self.config = learner, steps, config
        self.folder, self.watcher = folder, watcher
        self.weights = learner.weights()
        # foreach=False keeps sums in one order, so that a resumed training ends with the same bits.
        self.optimiser = torch.optim.AdamW(
            list(self.weights.values()), lr=config.learning_rate, weight_decay=config.weight_decay, foreach=False
        )
        self.state = _State()
        self.looks = _looks(len(steps), config.validations)
        self.saved = time.monotonic()

    def run(self) -> Outcome:
        self._resume()
        self.watcher.phase("training", len(self.steps))
        while self.state.step < len(self.steps):
            if self.watcher.stopping():
                self._save()
                return self._outcome("cancelled")
            if self._one_step():
                return self._outcome("early")
        return self._outcome("finished")

    def _resume(self) -> None:
        stored = checkpoints.restore(self.folder, self.weights, self.optimiser)
        if stored:
            self.state = _State(**stored)
            self.watcher.note("resumed", step=self.state.step)

    def _one_step(self) -> bool:
        """Learn from one batch; true when the validation loss says that it is enough."""
        began = time.monotonic()
        batch = self.steps[self.state.step]
        rate = self.config.learning_rate * _rate(self.state.step, len(self.steps), self.config.warmup)
        loss = self._learn(batch, rate)
        tokens = self.learner.tokens(batch)
        self.state.step += 1
        self.state.tokens += tokens
        self.state.losses.append(loss)
        validation = self.learner.validation_loss() if self.state.step in self.looks else None
        enough = self._judge(validation)
        spent = time.monotonic() - began
        self.state.seconds += spent
        self.watcher.step(self._record(loss, validation, rate, tokens / max(spent, 1e-9)))
        if self.state.step % TIDY == 0:
            give_back_memory()
        if self._is_time_to_save():
            self._save()
        return enough

    def _learn(self, batch: list[int], rate: float) -> float:
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        loss = self._gradients(batch)
        norm = torch.nn.utils.clip_grad_norm_(self.weights.values(), self.config.clip, foreach=False)
        if not (math.isfinite(loss) and math.isfinite(float(norm))):
            raise NotANumber(step=self.state.step + 1, learning_rate=self.config.learning_rate)
        self.optimiser.step()
        return loss

    def _gradients(self, batch: list[int]) -> float:
        """Gradients of the batch's mean loss, in as many parts as memory asks for."""
        while True:
            self.optimiser.zero_grad(set_to_none=True)
            try:
                return self._in_parts(batch)
            except (RuntimeError, MemoryError) as error:
                if not _is_memory(error):
                    raise
            self._halve(batch)

    def _in_parts(self, batch: list[int]) -> float:
        total, counted = 0.0, 0
        for part in _split(batch, self.state.parts):
            loss, count = self.learner.loss(part)
            loss.backward()  # type: ignore[no-untyped-call]
            total += float(loss.detach())
            counted += count
        for weight in self.weights.values():
            if weight.grad is not None:
                weight.grad.div_(max(counted, 1))
        return total / max(counted, 1)

    def _halve(self, batch: list[int]) -> None:
        """The same step in twice as many parts: the same gradients with half the memory."""
        if self.state.parts >= min(MOST_PARTS, len(batch)):
            raise OutOfMemory(tokens=self.learner.tokens(batch) // self.state.parts)
        self.state.parts *= 2
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        self.watcher.note("smaller_steps", tokens=self.config.tokens_per_step // self.state.parts)

    def _judge(self, validation: float | None) -> bool:
        if validation is None:
            return False
        if not math.isfinite(validation):
            raise NotANumber(step=self.state.step, learning_rate=self.config.learning_rate)
        if self.state.best is None or validation < self.state.best - SMALLEST_GAIN:
            self.state.best, self.state.best_step, self.state.worse = validation, self.state.step, 0
            checkpoints.save_best(self.folder, self.weights)
            return False
        self.state.worse += 1
        if self.state.worse < self.config.patience:
            return False
        self.watcher.note("early_stop", step=self.state.step, best=self.state.best_step)
        return True

    def _is_time_to_save(self) -> bool:
        if self.config.checkpoint_steps:
            return self.state.step % self.config.checkpoint_steps == 0
        return time.monotonic() - self.saved >= self.config.checkpoint_seconds

    def _save(self) -> None:
        if not self.state.step:
            return
        checkpoints.save(self.folder, self.weights, self.optimiser, dict(vars(self.state)))
        self.saved = time.monotonic()

    def _record(self, loss: float, validation: float | None, rate: float, speed: float) -> StepRecord:
        done = self.state.step / len(self.steps)
        return StepRecord(
            step=self.state.step,
            total=len(self.steps),
            epoch=round(done * self.config.epochs, 3),
            loss=loss,
            validation_loss=validation,
            learning_rate=rate,
            tokens=self.state.tokens,
            tokens_per_second=speed,
            seconds=self.state.seconds,
        )

    def _outcome(self, stopped: str) -> Outcome:
        best = self.folder / BEST
        if stopped != "cancelled" and best.exists():
            checkpoints.load_weights(best, self.weights)
        state = self.state
        recent = state.losses[-20:]
        loss = sum(recent) / len(recent) if recent else math.nan
        return Outcome(
            stopped, state.step, len(self.steps), loss, state.best, state.best_step, state.seconds, state.tokens,
            state.losses,
        )  # fmt: skip


def train(
    learner: Learner, steps: list[list[int]], config: TrainConfig, folder: Path, watcher: Watcher | None = None
) -> Outcome:
    """Learn the steps in order, from the newest checkpoint in folder on; afterwards the best weights are in place."""
    return _Training(learner, steps, config, folder, watcher or Silent()).run()


def _rate(step: int, total: int, warmup: float) -> float:
    """A linear rise, then half a cosine down to a tenth."""
    rise = max(1, round(total * warmup))
    if step < rise:
        return (step + 1) / rise
    return 0.1 + 0.45 * (1 + math.cos(math.pi * (step - rise) / max(1, total - rise)))


def _looks(total: int, count: int) -> set[int]:
    """The steps after which the validation loss is looked at, the last one always."""
    return {max(1, round(total * (i + 1) / count)) for i in range(count)} if count else set()


def _split(batch: list[int], parts: int) -> list[list[int]]:
    size = math.ceil(len(batch) / parts)
    return [batch[start : start + size] for start in range(0, len(batch), size)]


def _is_memory(error: BaseException) -> bool:
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return any(words in str(error) for words in ("can't allocate memory", "not enough memory", "out of memory"))
