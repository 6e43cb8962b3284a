"""Learning a chat model from a dataset folder into a run folder."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from torch import nn
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from training.ml import artifact
from training.ml.artifact import data_hash
from training.ml.batches import Example, schedule
from training.ml.chat.choosing import Candidate, choose_policy, unsure_curve
from training.ml.chat.finder import Finder
from training.ml.chat.generate import generate, tokens_of, words_of
from training.ml.chat.learner import ChatLearner
from training.ml.chat.loading import Probe, probe
from training.ml.chat.rows import FEWEST, Encoder, Row, read_rows, training_rows
from training.ml.config import TrainConfig
from training.ml.embed import Embedder
from training.ml.hardware import give_back_memory, hardware
from training.ml.knowledge import Knowledge
from training.ml.loop import Outcome, train
from training.ml.lora import add_adapter, load_base, merged, save_adapter
from training.ml.prompts import Policy, compose
from training.ml.result import FitResult
from training.ml.sampling import sample
from training.ml.scores import words
from training.ml.watching import Silent, Watcher

PROBES = 4
KNOWLEDGE = "knowledge"
FEW_WORDS, TELLING_SHARE = 2, 0.8


def fit(
    data: Path, base: Path, embedder: Path, out: Path, config: TrainConfig, watcher: Watcher | None = None
) -> FitResult:  # fmt: skip
    """Learn from a dataset folder into a run folder; goes on from out/checkpoints when there is something."""
    return _Fit(data, base, embedder, out, config, watcher or Silent()).run()


@dataclass
class _Made:
    """A trained model, and how questions of rows become its prompts."""

    model: nn.Module
    tokenizer: PreTrainedTokenizerBase
    encoder: Encoder
    finder: Finder


class _Fit:
    def __init__(
        self, data: Path, base: Path, embedder: Path, out: Path, config: TrainConfig, watcher: Watcher
    ) -> None:
        self.data, self.base, self.embedder, self.out = data, base, embedder, out
        self.config, self.watcher = config, watcher
        self.began = time.monotonic()

    def run(self) -> FitResult:
        self.watcher.phase("reading")
        rows = training_rows(self.data)
        held = read_rows(self.data / "validation.jsonl")
        held = sample(held, max(self.config.validation_rows, self.config.policy_rows), self.config.seed)
        made = self._prepare(rows)
        examples = self._examples(rows, made)
        found = made.finder.find(held, self.config.retrieved)
        checks = [made.encoder.example(row, hits) for row, hits in zip(held, found, strict=True)]
        learner = ChatLearner(made.model, made.tokenizer, examples, checks[: self.config.validation_rows])
        outcome = self._learn(learner)
        if outcome.stopped == "cancelled":
            return self._result(None, outcome, len(rows))
        made.model.eval()
        give_back_memory()
        return self._result(self._publish(made, rows, held, outcome), outcome, len(rows))

    def _prepare(self, rows: Sequence[Row]) -> _Made:
        machine = hardware()
        self.watcher.note("hardware", device=machine.kind, dtype=str(machine.dtype)[6:], reason=machine.reason)
        embedder = Embedder(self.embedder)
        finder = Finder(self._knowledge(rows, embedder), embedder)
        tokenizer = AutoTokenizer.from_pretrained(self.base)
        encoder = Encoder(tokenizer, self.config.system_prompt, self.config.max_tokens)
        model = add_adapter(load_base(self.base, machine), self.config)
        return _Made(model.train(), tokenizer, encoder, finder)

    def _knowledge(self, rows: Sequence[Row], embedder: Embedder) -> Knowledge:
        """Every training row with the vectors of its views; made once for a run folder."""
        folder = self.out / KNOWLEDGE
        if not folder.exists():
            known = [row.known for row in rows]
            texts = [view for pair in known for view in pair.views]
            self.watcher.phase("embedding", len(texts))
            vectors = embedder.encode(texts, "passage", self.watcher.advance)
            with artifact.whole_folder(folder) as work:
                Knowledge.write(work, known, vectors.reshape(len(known), -1, embedder.width))
        return Knowledge.open(folder)

    def _examples(self, rows: list[Row], made: _Made) -> list[Example]:
        """As many rows as the token budget can use, each with the known answers nearest to it but not itself."""
        telling = self._telling(rows)
        chosen = sample(telling, self._affordable(telling, made.encoder), self.config.seed)
        self.watcher.phase("preparing", len(chosen))
        found = made.finder.find(chosen, self.config.retrieved)
        examples = [made.encoder.example(row, hits) for row, hits in zip(chosen, found, strict=True)]
        if made.encoder.shortened:
            self.watcher.note("shortened", count=made.encoder.shortened)
        return examples

    def _telling(self, rows: list[Row]) -> list[Row]:
        """Without answers such as Yes, where they are few: they would become the likeliest answer to everything.

        They stay known answers; only the model does not learn to say no more than that.
        """
        kept = [row for row in rows if len(words(row.answer)) > FEW_WORDS]
        if len(kept) == len(rows) or len(kept) < max(FEWEST, TELLING_SHARE * len(rows)):
            return rows
        self.watcher.note("short_answers", count=len(rows) - len(kept))
        return kept

    def _affordable(self, rows: list[Row], encoder: Encoder) -> int:
        """Rows the token budget reaches, with some to spare."""
        if self.config.token_budget is None:
            return len(rows)
        some = sample(rows, 32, self.config.seed)
        mean = sum(len(encoder.example(row, [])) for row in some) / len(some)
        encoder.shortened = 0
        return int(self.config.token_budget / mean) + 16

    def _learn(self, learner: ChatLearner) -> Outcome:
        config = self.config
        lengths = [len(example) for example in learner.examples]
        steps = schedule(lengths, config.tokens_per_step, config.seed, config.epochs, config.token_budget)
        return train(learner, steps, config, self.out / "checkpoints", self.watcher)

    def _publish(self, made: _Made, rows: list[Row], held: list[Row], outcome: Outcome) -> Path:
        longest = self._longest_answer(made, rows)
        with artifact.whole_folder(self.out / "model") as work:
            self.watcher.phase("saving")
            save_adapter(made.model, work)
            shutil.copytree(self.out / KNOWLEDGE, work, dirs_exist_ok=True)
            artifact.write_probes(work, self._probes(made, held or rows))
            policy, compared = self._policy(made, held, longest)
            self.watcher.note("policy", **policy.to_json())
            about = self._about(made, policy, longest, outcome, compared, len(rows))
            artifact.write_manifest(work, replace(about, files=artifact.file_sums(work)))
        return self.out / "model"

    def _longest_answer(self, made: _Made, rows: list[Row]) -> int:
        """Room for nearly every known answer, within the configured limit."""
        lengths = sorted(len(tokens_of(made.tokenizer, row.answer)) for row in sample(rows, 400, 0))
        return min(self.config.max_new_tokens, lengths[int(len(lengths) * 0.98)] + 16)

    def _policy(self, made: _Made, held: list[Row], longest: int) -> tuple[Policy, dict[str, object]]:
        """Answer some validation rows both ways and keep what was better."""
        chosen = held[: self.config.policy_rows]
        start = Policy(retrieved=self.config.retrieved)
        self.watcher.phase("choosing", len(chosen))
        found = made.finder.find(chosen, max(1, self.config.retrieved))
        pairs = list(zip(chosen, found, strict=True))
        prompts = [made.encoder.prompt(row.asked, hits[: self.config.retrieved]) for row, hits in pairs]
        # Merged weights answer faster; everything that needs the adapter by itself has been stored by now.
        written = generate(merged(made.model), made.tokenizer, prompts, longest, self.watcher.advance)
        answers = [words_of(made.tokenizer, ids) for ids in written]
        candidates = [Candidate(row, hits, text) for (row, hits), text in zip(pairs, answers, strict=True)]
        policy, compared = choose_policy(made.finder, candidates, start)
        return unsure_curve(made.finder, candidates, policy), {
            "policies": [asdict(one) for one in compared],
            "rows": len(chosen),
        }

    def _probes(self, made: _Made, rows: list[Row]) -> list[Probe]:
        """A few prompts with the likeliest answer, by which an engine proves that it serves what was trained."""
        found = made.finder.find(rows[:PROBES], self.config.retrieved)
        prompts = [compose(self.config.system_prompt, row.asked, hits) for row, hits in zip(rows, found, strict=False)]
        return [probe(made.model, made.tokenizer, messages) for messages in prompts]

    def _about(
        self, made: _Made, policy: Policy, longest: int, outcome: Outcome, compared: dict[str, object], examples: int
    ) -> artifact.Manifest:
        """The manifest, but for the files."""
        base, embedder = artifact.about_base(self.base), artifact.about_base(self.embedder)
        return artifact.Manifest(
            family="chat",
            base=base.slug,
            base_revision=base.revision,
            embedder=embedder.slug,
            query_prefix=embedder.query_prefix,
            passage_prefix=embedder.passage_prefix,
            tokenizer_sha256=artifact.sha256_of(self.base / "tokenizer.json"),
            chat_template_sha256=artifact.sha256_of_text(str(made.tokenizer.chat_template)),
            system_prompt=self.config.system_prompt,
            policy=policy,
            max_new_tokens=longest,
            config=self.config,
            data_sha256=data_hash(self.data),
            examples=examples,
            training=outcome.to_json(),
            choices=compared,
            versions=artifact.versions(),
            files={},
        )

    def _result(self, model: Path | None, outcome: Outcome, examples: int) -> FitResult:
        return FitResult.of(outcome, model, time.monotonic() - self.began, examples)
