"""Learning a classifier from a dataset folder into a run folder: cheap methods first, then the adapter, then their blend."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from peft import PeftModel
from torch import nn

from training.ml import artifact
from training.ml.artifact import data_hash
from training.ml.batches import schedule
from training.ml.classify import blending, scope, simple, words
from training.ml.classify.answering import probe
from training.ml.classify.blending import Blend
from training.ml.classify.crossing import folds
from training.ml.classify.details import Details, Pool
from training.ml.classify.encoder import Texts, add_adapter, load_encoder, vectors
from training.ml.classify.learner import ClassifyLearner, Head, Part, importance
from training.ml.classify.linear import Floats
from training.ml.classify.loading import load
from training.ml.classify.methods import EMBEDDING, LORA, SECOND, Arrays, from_head
from training.ml.classify.rows import Parts, parts
from training.ml.classify.simple import Simple
from training.ml.classify.thresholds import UNTRIED, recommended
from training.ml.config import TrainConfig
from training.ml.hardware import give_back_memory, hardware
from training.ml.loop import Outcome, train
from training.ml.lora import save_adapter
from training.ml.result import FitResult
from training.ml.sampling import sample
from training.ml.watching import Silent, Watcher

PROBES = 8
MIDDLES = 64
"""Rows of a label that tell the middle of it; more of them move it by nothing and cost a reading each."""


def fit(
    data: Path, base: Path, embedder: Path, out: Path, config: TrainConfig, watcher: Watcher | None = None
) -> FitResult:  # fmt: skip
    """Learn from a dataset folder into a run folder; goes on from out/checkpoints when there is something.

    EMBEDDER is not used: the encoder in BASE does both. Raises TooLittleData or OneLabel.
    """
    return _Fit(data, base, out, config, watcher or Silent()).run()


@dataclass(frozen=True)
class _Tuned:
    """The encoder with its adapter, the head on it, and how texts become its token ids."""

    model: PeftModel
    head: Head
    texts: Texts

    def vectors(self, texts: Sequence[str]) -> Floats:
        return vectors(self.model, self.texts.ids(texts))

    def untouched(self) -> AbstractContextManager[None]:
        """The encoder as it was before tuning, for as long as the block lasts."""
        untouched: AbstractContextManager[None] = self.model.disable_adapter()
        return untouched


class _Fit:
    def __init__(self, data: Path, base: Path, out: Path, config: TrainConfig, watcher: Watcher) -> None:
        self.data, self.base, self.out, self.config, self.watcher = data, base, out, config, watcher
        self.began = time.monotonic()

    def run(self) -> FitResult:
        self.watcher.phase("reading")
        found = parts(self.data, self.config.seed)
        self.targets = found.labels.targets(found.train)
        self.wanted = found.labels.targets(found.validation)
        machine = hardware()
        self.watcher.note("hardware", device=machine.kind, dtype=str(machine.dtype)[6:], reason=machine.reason)
        texts, encoder = Texts(self.base, self.config.max_tokens), load_encoder(self.base, machine)
        known = self._simple(found, texts, encoder)
        weights = None if found.labels.multi else importance(self.targets)
        model = add_adapter(encoder, self.config).train()
        start = known.first
        head = Head(start.linear, start.scale, self.config.dropout).to(next(model.parameters()).device)
        outcome = self._learn(model, head, texts, found, weights)
        if outcome.stopped == "cancelled":
            return self._result(None, outcome, len(found.train))
        model.eval()
        give_back_memory()
        return self._result(self._publish(_Tuned(model, head, texts), known, found, outcome), outcome, len(found.train))

    def _simple(self, found: Parts, texts: Texts, encoder: nn.Module) -> Simple:
        """The untouched encoders and the words alone; the second encoder leaves memory again."""
        second = simple.companion(self.base, found, self.config.max_tokens)
        count = len(found.train)
        self.watcher.phase("embedding", count * (2 if second else 1))
        readings = {EMBEDDING: simple.read(self.base, encoder, texts, found, self.watcher.advance)}
        if second:
            self.watcher.note("second_encoder", name=second.name)
            readings[SECOND] = simple.read(
                second,
                load_encoder(second),
                Texts(second, self.config.max_tokens),
                found,
                lambda done: self.watcher.advance(count + done),
            )
        elif found.judged:
            self.watcher.note("one_encoder")
        self.watcher.phase("simple")
        return Simple(readings, words.fit([row.text for row in found.train], self.targets, found.labels.multi))

    # The adapter ----------------------------------------------------------------------------------------------
    def _learn(
        self, model: nn.Module, head: Head, texts: Texts, found: Parts, weights: Floats | None
    ) -> Outcome:  # fmt: skip
        self.watcher.phase("preparing", len(found.train))
        ids = texts.ids([row.text for row in found.train])
        places = {row.id: place for place, row in enumerate(found.validation)}
        some = sample(found.validation, self.config.validation_rows, self.config.seed)
        checks = Part(
            texts.ids([row.text for row in some]), self.wanted[[places[row.id] for row in some]]
        )  # fmt: skip
        learner = ClassifyLearner(model, head.train(), Part(ids, self.targets), checks, weights)
        config = self.config
        steps = schedule(
            [len(row) for row in ids], config.tokens_per_step, config.seed, config.epochs, config.token_budget
        )
        return train(learner, steps, config, self.out / "checkpoints", self.watcher)

    # The model folder -----------------------------------------------------------------------------------------
    def _publish(self, tuned: _Tuned, known: Simple, found: Parts, outcome: Outcome) -> Path:
        self.watcher.phase("choosing")
        labels, multi = found.labels, found.labels.multi
        checks = tuned.vectors([row.text for row in found.validation])
        arrays = self._arrays(tuned, known, found)
        said = {LORA: from_head(arrays, checks), **known.said(found.validation)}
        every = np.vstack([self.targets, self.wanted])
        pool = known.pool(found, every, self.config.seed)
        blend, untrained, said = self._pools(said, pool, found)
        nowhere = known.beyond(found, every, pool, self.config.seed) if pool else None
        mixed = blend(said)
        near = scope.likeness(checks, arrays.middles)
        where = scope.find(labels.names, mixed, self.wanted, near) if found.judged else scope.untried(labels.names)
        settled = mixed if multi else scope.settled(mixed, where)
        whole = labels.known(found.validation)
        self.watcher.note("blend", **blend.shares())
        details = Details(
            labels=list(labels.names),
            multi=multi,
            blend=Pool.of(blend),
            untrained=Pool.of(untrained) if untrained else None,
            tilt=blend.tilt,
            second=known.about_second,
            scope=where,
            longest=tuned.texts.longest,
            threshold=recommended(settled, self.wanted, multi, whole) if found.judged else UNTRIED,
        )
        arrays, cheap = known.again(arrays, found, every)
        with artifact.whole_folder(self.out / "model") as work:
            self.watcher.phase("saving")
            save_adapter(tuned.model, work)
            arrays.save(work)
            cheap.save(work)
            if nowhere:
                nowhere.save(work)
            self._finish(work, details, found, outcome)
        return self.out / "model"

    def _pools(
        self, said: dict[str, Floats], pool: tuple[Blend, dict[str, Floats]] | None, found: Parts
    ) -> tuple[Blend, Blend | None, dict[str, Floats]]:
        """What is published; the same without the trained encoder; what each way says of validation rows it was not learned from."""
        multi = found.labels.multi
        if not found.judged:
            return blending.untried(multi), None, said
        fold = folds(self.wanted, self.config.seed)
        if pool is None:
            last = {name: one for name, one in said.items() if name != LORA}
            untrained = blending.pooled(last, self.wanted, multi, fold)
        else:
            untrained, crossed = pool
            last = {name: one[len(found.train) :] for name, one in crossed.items()}
        return blending.joined(said[LORA], last, self.wanted, untrained, fold), untrained, {LORA: said[LORA], **last}

    def _finish(self, work: Path, details: Details, found: Parts, outcome: Outcome) -> None:
        """Probes need a folder that can be loaded, so the manifest is written twice."""
        about = self._about(details, found, outcome)
        artifact.write_manifest(work, about)
        some = [row.text for row in sample(found.validation, PROBES, self.config.seed)]
        artifact.write_probes(work, probe(load(work, self.base), some))
        artifact.write_manifest(work, replace(about, files=artifact.file_sums(work)))

    def _arrays(self, tuned: _Tuned, known: Simple, found: Parts) -> Arrays:
        multi, names = found.labels.multi, [_spoken(name) for name in found.labels.names]
        some = _of_each(self.targets, MIDDLES, self.config.seed)
        near = tuned.vectors([found.train[i].text for i in some])
        weights = np.ones(found.labels.count, dtype=np.float32) if multi else importance(self.targets)
        with tuned.untouched():
            spoken = tuned.vectors(names)
        return Arrays(
            scale=known.first.scale,
            head=tuned.head.linear(multi),
            frozen=known.first.linear,
            second=known.second,
            log_importance=np.log(weights),
            share=(self.targets.mean(axis=0) / max(float(self.targets.mean(axis=0).sum()), 1e-9)).astype(np.float32),
            middles=scope.middles(near, self.targets[some]),
            names=spoken,
        )

    def _about(self, details: Details, found: Parts, outcome: Outcome) -> artifact.Manifest:
        base = artifact.about_base(self.base)
        kept = details.to_json()
        return artifact.Manifest(
            family="classify",
            base=base.slug,
            base_revision=base.revision,
            embedder=base.slug,
            query_prefix=base.query_prefix,
            tokenizer_sha256=artifact.sha256_of(self.base / "tokenizer.json"),
            config=self.config,
            data_sha256=data_hash(self.data),
            examples=len(found.train),
            aside=found.aside,
            training=outcome.to_json(),
            choices={"blend": kept["blend"], "threshold": kept["threshold"]},
            versions=artifact.versions(),
            details=kept,
            files={},
        )

    def _result(self, model: Path | None, outcome: Outcome, examples: int) -> FitResult:
        return FitResult.of(outcome, model, time.monotonic() - self.began, examples)


def _of_each(targets: Floats, most: int, seed: int) -> list[int]:
    """Places of at most so many rows of each label."""
    order = np.random.default_rng(seed).permutation(len(targets))
    chosen = {int(row) for label in range(targets.shape[1]) for row in order[targets[order, label] > 0][:most]}
    return sorted(chosen)


def _spoken(name: str) -> str:
    """A label as a person would say it: card_arrival becomes card arrival."""
    return " ".join(name.replace("_", " ").replace("-", " ").split())
