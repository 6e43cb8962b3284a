"""Learning a classifier from a dataset folder into a run folder: cheap methods first, then the adapter, then their blend."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from training.ml import artifact
from training.ml.batches import schedule
from training.ml.classify import blending, linear, scope, words
from training.ml.classify.answering import probe
from training.ml.classify.encoder import Texts, add_adapter, load_encoder, vectors
from training.ml.classify.learner import ClassifyLearner, Head, Part, Scale, importance
from training.ml.classify.linear import Floats, Linear
from training.ml.classify.loading import load
from training.ml.classify.methods import Arrays, from_head
from training.ml.classify.rows import Parts, parts
from training.ml.classify.thresholds import UNTRIED, recommended
from training.ml.classify.words import Words
from training.ml.config import TrainConfig
from training.ml.fitting import FitResult
from training.ml.hardware import give_back_memory, hardware
from training.ml.loop import Outcome, train
from training.ml.lora import save_adapter
from training.ml.rows import data_hash
from training.ml.sampling import sample
from training.ml.watching import Silent, Watcher

STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3)
"""Inverse regularisations of the logistic regression on the frozen encoder; the best on validation rows is kept."""
REFIT = 5000
"""Up to so many rows the cheap methods are fitted again with the validation rows, once the choices are made."""
PROBES = 8


def fit(
    data: Path, base: Path, embedder: Path, out: Path, config: TrainConfig, watcher: Watcher | None = None
) -> FitResult:  # fmt: skip
    """Learn from a dataset folder into a run folder; goes on from out/checkpoints when there is something.

    EMBEDDER is not used: the encoder in BASE does both. Raises TooLittleData or OneLabel.
    """
    return _Fit(data, base, out, config, watcher or Silent()).run()


@dataclass
class _Frozen:
    """What the untouched encoder and the words alone make of the data."""

    texts: Texts
    encoder: nn.Module
    train: Floats
    checks: Floats
    scale: Scale
    linear: Linear
    strength: float
    words: Words


class _Fit:
    def __init__(self, data: Path, base: Path, out: Path, config: TrainConfig, watcher: Watcher) -> None:
        self.data, self.base, self.out, self.config, self.watcher = data, base, out, config, watcher
        self.began = time.monotonic()

    def run(self) -> FitResult:
        self.watcher.phase("reading")
        found = parts(self.data, self.config.seed)
        self.targets = found.labels.targets(found.train)
        self.wanted = found.labels.targets(found.validation)
        frozen = self._frozen(found)
        weights = None if found.labels.multi else importance(self.targets)
        model = add_adapter(frozen.encoder, self.config).train()
        head = Head(frozen.linear, frozen.scale, self.config.dropout)
        outcome = self._learn(model, head, frozen, found, weights)
        if outcome.stopped == "cancelled":
            return self._result(None, outcome, len(found.train))
        model.eval()
        give_back_memory()
        return self._result(self._publish(model, head, frozen, found, outcome), outcome, len(found.train))

    # The cheap methods ----------------------------------------------------------------------------------------
    def _frozen(self, found: Parts) -> _Frozen:
        machine = hardware()
        self.watcher.note("hardware", device=machine.device, dtype=str(machine.dtype)[6:], reason=machine.reason)
        texts, encoder = Texts(self.base, self.config.max_tokens), load_encoder(self.base, machine)
        self.watcher.phase("embedding", len(found.train) + len(found.validation))
        train_vectors = vectors(encoder, texts.ids([row.text for row in found.train]), self.watcher.advance)
        checks = vectors(encoder, texts.ids([row.text for row in found.validation]))
        scale = Scale.of(train_vectors)
        self.watcher.phase("simple")
        best, strength = self._strength(scale(train_vectors), scale(checks), found.labels.multi)
        cheap = words.fit([row.text for row in found.train], self.targets, found.labels.multi)
        return _Frozen(texts, encoder, train_vectors, checks, scale, best, strength, cheap)

    def _strength(self, features: Floats, checks: Floats, multi: bool) -> tuple[Linear, float]:
        """The regularisation under which the validation rows are labelled best, and the least surprising of equals."""
        ranked = []
        for strength in STRENGTHS:
            model = linear.fit(features, self.targets, multi, strength)
            found = model.probabilities(checks)
            right = float((found.argmax(axis=1) == self.wanted.argmax(axis=1)).mean())
            surprise = float(-(linear.logs(found) * self.wanted).sum() / len(found))
            ranked.append((right - 0.1 * surprise, strength, model))
        _score, strength, model = max(ranked, key=lambda one: one[0])
        return model, strength

    # The adapter ----------------------------------------------------------------------------------------------
    def _learn(
        self, model: nn.Module, head: Head, frozen: _Frozen, found: Parts, weights: Floats | None
    ) -> Outcome:  # fmt: skip
        self.watcher.phase("preparing", len(found.train))
        ids = frozen.texts.ids([row.text for row in found.train])
        places = {row.id: place for place, row in enumerate(found.validation)}
        some = sample(found.validation, self.config.validation_rows, self.config.seed)
        checks = Part(
            frozen.texts.ids([row.text for row in some]), self.wanted[[places[row.id] for row in some]]
        )  # fmt: skip
        learner = ClassifyLearner(model, head.train(), Part(ids, self.targets), checks, weights)
        config = self.config
        steps = schedule(
            [len(row) for row in ids], config.tokens_per_step, config.seed, config.epochs, config.token_budget
        )
        return train(learner, steps, config, self.out / "checkpoints", self.watcher)

    # The model folder -----------------------------------------------------------------------------------------
    def _publish(self, model: nn.Module, head: Head, frozen: _Frozen, found: Parts, outcome: Outcome) -> Path:
        self.watcher.phase("choosing")
        labels, multi = found.labels, found.labels.multi
        tuned = vectors(model, frozen.texts.ids([row.text for row in found.validation]))
        arrays = self._arrays(model, head, frozen, found)
        parts_found = {
            "lora": from_head(arrays, tuned),
            "tfidf": frozen.words.probabilities([row.text for row in found.validation]),
            "embedding": frozen.linear.probabilities(frozen.scale(frozen.checks)),
        }
        blend = blending.fit(parts_found, self.wanted, multi) if found.judged else blending.untried(multi)
        mixed = blend(parts_found)
        near = scope.likeness(tuned, arrays.middles)
        where = scope.find(labels.names, mixed, self.wanted, near) if found.judged else scope.untried(labels.names)
        settled = mixed if multi else scope.settled(mixed, where)
        known = labels.known(found.validation)
        self.watcher.note("blend", **blend.shares())
        details = {
            "labels": list(labels.names),
            "multi": multi,
            "blend": blend.weights,
            "scope": where.as_dict(),
            "longest": frozen.texts.longest,
            "threshold": recommended(settled, self.wanted, multi, known) if found.judged else UNTRIED,
        }
        arrays, cheap = self._again(arrays, frozen, found)
        with artifact.whole_folder(self.out / "model") as work:
            self.watcher.phase("saving")
            save_adapter(model, work)
            arrays.save(work)
            cheap.save(work)
            self._finish(work, details, found, outcome)
        return self.out / "model"

    def _finish(self, work: Path, details: dict[str, Any], found: Parts, outcome: Outcome) -> None:
        """Probes need a folder that can be loaded, so the manifest is written twice."""
        about = self._about(details, len(found.train), outcome)
        artifact.write_manifest(work, artifact.Manifest(**about, files={}))
        some = [row.text for row in sample(found.validation, PROBES, self.config.seed)]
        artifact.write_probes(work, probe(load(work, self.base), some))
        artifact.write_manifest(work, artifact.Manifest(**about, files=artifact.file_sums(work)))

    def _arrays(self, model: nn.Module, head: Head, frozen: _Frozen, found: Parts) -> Arrays:
        multi, names = found.labels.multi, [_spoken(name) for name in found.labels.names]
        some = sample(list(range(len(found.train))), 4000, self.config.seed)
        near = vectors(model, frozen.texts.ids([found.train[i].text for i in some]))
        weights = np.ones(found.labels.count, dtype=np.float32) if multi else importance(self.targets)
        with _plain(model):
            spoken = vectors(model, frozen.texts.ids(names))
        return Arrays(
            scale=frozen.scale,
            head=head.linear(multi),
            frozen=frozen.linear,
            log_importance=np.log(weights),
            share=(self.targets.mean(axis=0) / max(float(self.targets.mean(axis=0).sum()), 1e-9)).astype(np.float32),
            middles=scope.middles(near, self.targets[some]),
            names=spoken,
        )

    def _again(self, arrays: Arrays, frozen: _Frozen, found: Parts) -> tuple[Arrays, Words]:
        """The cheap methods once more with the validation rows, so that they are compared at their best."""
        if len(found.train) > REFIT or not found.judged:
            return arrays, frozen.words
        rows = [*found.train, *found.validation]
        targets = np.vstack([self.targets, self.wanted])
        features = frozen.scale(np.vstack([frozen.train, frozen.checks]))
        again = linear.fit(features, targets, found.labels.multi, frozen.strength)
        return (
            Arrays(**{**arrays.__dict__, "frozen": again}),
            words.fit([row.text for row in rows], targets, found.labels.multi),
        )

    def _about(self, details: dict[str, Any], examples: int, outcome: Outcome) -> dict[str, Any]:
        base = artifact.about_base(self.base)
        return {
            "family": "classify",
            "base": base["slug"],
            "base_revision": base["revision"],
            "embedder": base["slug"],
            "query_prefix": base["query_prefix"],
            "tokenizer_sha256": artifact.sha256_of(self.base / "tokenizer.json"),
            "config": self.config,
            "data_sha256": data_hash(self.data),
            "examples": examples,
            "training": {name: value for name, value in asdict(outcome).items() if name != "losses"},
            "choices": {"blend": details["blend"], "threshold": details["threshold"]},
            "versions": artifact.versions(),
            "details": details,
        }

    def _result(self, model: Path | None, outcome: Outcome, examples: int) -> FitResult:
        return FitResult(
            model=model,
            stopped=outcome.stopped,
            steps=outcome.steps,
            total=outcome.total,
            loss=outcome.loss,
            validation_loss=outcome.validation_loss,
            best_step=outcome.best_step,
            seconds=round(time.monotonic() - self.began, 2),
            tokens=outcome.tokens,
            examples=examples,
        )


def _plain(model: Any) -> Any:
    """The encoder as it was before tuning, for as long as the block lasts."""
    return model.disable_adapter()


def _spoken(name: str) -> str:
    """A label as a person would say it: card_arrival becomes card arrival."""
    return " ".join(name.replace("_", " ").replace("-", " ").split())
