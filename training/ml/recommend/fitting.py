"""Learning to recommend from a dataset folder into a run folder."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from training.ml import artifact
from training.ml.config import TrainConfig
from training.ml.errors import NobodyKnown, TooFewItems, TooFewPeople
from training.ml.hardware import give_back_memory, hardware
from training.ml.loop import Outcome, train
from training.ml.lora import save_adapter
from training.ml.recommend import store
from training.ml.recommend.blend import Blend, learn_blend, usual
from training.ml.recommend.building import Choices, Described, build
from training.ml.recommend.choosing import Chooser, members_of
from training.ml.recommend.details import Details
from training.ml.recommend.encoder import Encoder, Heads, Vectors
from training.ml.recommend.learner import CACHED, RecommendLearner, steps_of
from training.ml.recommend.linear import Table
from training.ml.recommend.log import INTERACTIONS, ITEMS, TEST, Data, read_data
from training.ml.recommend.near import LARGE, Near
from training.ml.recommend.newitems import choose_share, newcomers, withheld
from training.ml.recommend.probing import probes_of
from training.ml.recommend.sentences import Finder, learn_finder
from training.ml.recommend.splitting import Split, split
from training.ml.result import FitResult
from training.ml.terms import Terms
from training.ml.watching import Silent, Watcher

FEWEST_PEOPLE, FEWEST_ITEMS = 20, 20
MOST_TRIED = 500
MOST_TURNS = 10
"""Few examples are seen at most so many times."""
TEXTS = "texts.npy"


def fit(
    data: Path, base: Path, embedder: Path, out: Path, config: TrainConfig, watcher: Watcher | None = None
) -> FitResult:  # fmt: skip
    """Learn from a dataset folder into a run folder; goes on from out/checkpoints when there is something.

    base is the encoder that gets the adapter; embedder is the same folder. Every choice is made on the validation part;
    the test part (see splitting) is neither learned from nor looked at. Raises TooFewPeople and TooFewItems.
    """
    return _Fit(data, base, out, config, watcher or Silent()).run()


@dataclass
class _Texts:
    """The catalogue's texts in every form."""

    plain: list[str]
    words: Terms
    rows: Table
    frozen: Vectors
    cache: dict[int, Tensor]


class _Fit:
    def __init__(self, data: Path, base: Path, out: Path, config: TrainConfig, watcher: Watcher) -> None:
        self.folder, self.base, self.out, self.config, self.watcher = data, base, out, config, watcher
        self.began = time.monotonic()

    def run(self) -> FitResult:
        self.watcher.phase("reading")
        data = read_data(self.folder)
        parts = split(data)
        _enough(data, parts)
        encoder = Encoder(self.base)
        machine = hardware()
        self.watcher.note("hardware", device=machine.kind, dtype=str(machine.dtype)[6:], reason=machine.reason)
        texts = self._texts(data, encoder)
        encoder.add_adapter(self.config)
        heads = Heads(encoder.width, self.config.seed).to(encoder.device)
        examples, outcome = self._learn(data, parts, encoder, heads, texts)
        if outcome.stopped == "cancelled":
            return self._result(None, outcome, examples)
        encoder.model.eval()
        texts.cache.clear()
        give_back_memory()
        self.watcher.phase("embedding", len(texts.plain))
        sentence = store.short(encoder.encode(texts.plain, "passage", self.watcher.advance))
        described = store.described(texts.rows, texts.frozen, sentence, heads.arrays())
        return self._result(self._publish(data, parts, described, encoder, texts, outcome), outcome, examples)

    def _texts(self, data: Data, encoder: Encoder) -> _Texts:
        """Vectors of the untouched encoder; made once for a run folder."""
        plain = [item.words for item in data.items]
        self.watcher.phase("embedding", len(plain))
        cache: dict[int, Tensor] = {}
        file = self.out / TEXTS
        small = len(plain) <= CACHED
        if not small and file.exists() and len(np.load(file, mmap_mode="r", allow_pickle=False)) == len(plain):
            frozen = np.load(file, allow_pickle=False)
        else:  # a small catalogue is read again after a stop, so that the layers' states have the same bits
            frozen = store.short(encoder.encode(plain, "passage", self.watcher.advance, cache if small else None))
            self.out.mkdir(parents=True, exist_ok=True)
            np.save(file, frozen)
        words = Terms.of(plain, "words")
        return _Texts(plain, words, words.rows(plain), frozen, cache)

    def _learn(
        self, data: Data, parts: Split, encoder: Encoder, heads: Heads, texts: _Texts
    ) -> tuple[int, Outcome]:  # fmt: skip
        """The adapter and the heads, from histories without the items that are withheld to test new ones on."""
        learner = RecommendLearner(encoder, heads, texts.plain, texts.frozen, texts.cache)
        allowed = ~withheld(len(data.items)).any
        size = self.config.batch
        most = self.config.steps * size
        examples = steps_of(parts.train, allowed, most, self.config.seed)
        later = parts.learned.among(parts.validation)
        checks = steps_of(parts.learned, allowed, self.config.validation_rows, self.config.seed, later)
        if not examples:
            raise TooFewPeople(found=0, needed=FEWEST_PEOPLE)
        learner.learn_from(examples, checks)
        encoder.model.train()
        steps = _schedule(len(examples), self.config)
        return len(examples), train(learner, steps, self.config, self.out / "checkpoints", self.watcher)

    def _publish(
        self, data: Data, parts: Split, described: Described, encoder: Encoder, texts: _Texts, outcome: Outcome
    ) -> Path:
        self.watcher.phase("choosing")
        chooser = Chooser(parts.train, parts.validation, data, described.words, described.text)
        choices = chooser.choose()
        blend, reached = self._blend(data, parts, described, chooser, choices)
        found = newcomers(parts.train, parts.validation, data, withheld(len(data.items)).tuning, MOST_TRIED)
        share, shares = choose_share(found, lambda log: build(log, len(data.people), described, choices), blend)
        tables = build(parts.learned, len(data.people), described, choices)
        finder, pieces = self._finder(data, texts, described, encoder)
        details = Details(
            protocol=parts.protocol,
            question=parts.question,
            choices=choices,
            blend=blend,
            shares=blend.shares(),
            new_share=share,
            finder=finder,
        )
        compared: dict[str, object] = {"simple": chooser.tried, "blend": reached, "new_items": shares}
        with artifact.whole_folder(self.out / "model") as work:
            self.watcher.phase("saving")
            save_adapter(encoder.model, work)
            store.write_items(work, data.items)
            store.write_tables(work, tables, described)
            if len(texts.plain) > LARGE:
                Near.of(described.text, described.sentence).write(work)
            store.write_terms(work, texts.words, pieces, pieces.rows(texts.plain))
            about = self._about(details, compared, outcome, len(parts.learned))
            self._finish(work, about)
        return self.out / "model"

    def _blend(
        self, data: Data, parts: Split, described: Described, chooser: Chooser, choices: Choices
    ) -> tuple[Blend, float | None]:
        """Weights learned on the validation part; where that is too thin the usual ones, never worse than one method alone."""
        if not chooser.can_judge:
            return usual(), None
        tables = build(parts.train, len(data.people), described, choices, chooser.ease)
        learned = learn_blend(tables, members_of(choices, len(data.items)), chooser.task)
        reached = round(learned.reached, 4)
        return learned.better if reached >= chooser.best else Blend.of(chooser.winner(choices)), reached

    def _finish(self, work: Path, about: artifact.Manifest) -> None:
        """The manifest, then the probes, which need the whole model, then the manifest with them in it."""
        artifact.write_manifest(work, replace(about, files=artifact.file_sums(work)))
        artifact.write_probes(work, probes_of(work, self.base))
        artifact.write_manifest(work, replace(about, files=artifact.file_sums(work)))

    def _finder(
        self, data: Data, texts: _Texts, described: Described, encoder: Encoder
    ) -> tuple[Finder, Terms]:  # fmt: skip
        pieces = Terms.of(texts.plain, "pieces")
        chosen = np.flatnonzero(withheld(len(data.items)).tuning)
        return learn_finder(encoder, texts.plain, described, (texts.words, pieces), chosen), pieces

    def _about(
        self, details: Details, compared: dict[str, object], outcome: Outcome, examples: int
    ) -> artifact.Manifest:  # fmt: skip
        base = artifact.about_base(self.base)
        return artifact.Manifest(
            family="recommend",
            base=base.slug,
            base_revision=base.revision,
            embedder=base.slug,
            query_prefix=base.query_prefix,
            passage_prefix=base.passage_prefix,
            tokenizer_sha256=artifact.sha256_of(self.base / "tokenizer.json"),
            config=self.config,
            data_sha256=_data_hash(self.folder),
            examples=examples,
            training=outcome.to_json(),
            choices=compared,
            details=details.to_json(),
            versions=artifact.versions(),
            files={},
        )

    def _result(self, model: Path | None, outcome: Outcome, examples: int) -> FitResult:
        return FitResult.of(outcome, model, time.monotonic() - self.began, examples)


def _enough(data: Data, parts: Split) -> None:
    """Raises when there is nothing to learn from, or nobody of the owner's test is known."""
    moments = np.unique(np.stack([parts.train.person, parts.train.moment]), axis=1)[0]
    several = int((np.bincount(moments) >= 2).sum())  # what was taken at once says nothing of what comes next
    items = len(np.unique(data.log.item))
    if several < FEWEST_PEOPLE:
        raise TooFewPeople(found=several, needed=FEWEST_PEOPLE)
    if data.test is not None and not np.isin(data.test.person, parts.learned.person).any():
        raise NobodyKnown(people=len(np.unique(data.test.person)))
    if items < FEWEST_ITEMS:
        raise TooFewItems(found=items, needed=FEWEST_ITEMS)


def _schedule(examples: int, config: TrainConfig) -> list[list[int]]:
    """Batches of the examples in an order that the seed decides, again from the start when they are used up."""
    steps: list[list[int]] = []
    size = min(config.batch, examples)
    for turn in range(MOST_TURNS):
        order: NDArray[np.int64] = np.random.default_rng((config.seed, turn)).permutation(examples)
        steps += [order[i : i + size].tolist() for i in range(0, examples - size + 1, size)]
        if len(steps) >= config.steps:
            break
    return steps[: config.steps]


def _data_hash(data: Path) -> str:
    """One hash over everything that was learned from."""
    total = hashlib.sha256()
    for name in (INTERACTIONS, ITEMS, TEST):
        if (data / name).exists():
            total.update((data / name).read_bytes())
    return total.hexdigest()
