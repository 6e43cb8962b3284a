"""The report: held-out questions answered by the published bot, the untouched base, and retrieval alone."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from torch import nn

from training.ml import artifact
from training.ml.chat.choosing import curve, recommended_unsure, strange_below
from training.ml.chat.finder import Finder
from training.ml.chat.generate import generate, words_of
from training.ml.chat.judging import judge
from training.ml.chat.learner import mean_loss
from training.ml.chat.loading import LoadedChat, load
from training.ml.chat.report import Report, Scored, Source, Tested, Unsure, compare, summarise, value
from training.ml.chat.rows import Encoder, Row, read_rows
from training.ml.embed import Embedder
from training.ml.errors import TooLittleData
from training.ml.everyday import everyday
from training.ml.facts import foreign
from training.ml.knowledge import Hit, Knowledge
from training.ml.lora import merged
from training.ml.prompts import Decision, decide, words_asked
from training.ml.sampling import sample
from training.ml.scores import interval, token_f1
from training.ml.watching import Silent, Watcher

PERPLEXITY_ROWS = 48


def evaluate(
    model: Path,
    data: Path,
    base: Path,
    embedder: Path,
    watcher: Watcher | None = None,
    limit: int | None = None,
    seed: int = 0,
) -> Report:
    """Score a model folder on a dataset's test rows; the report is also written into the folder."""
    manifest = artifact.verify(model)
    limit = limit if limit is not None else manifest.config.evaluation_rows
    everything = read_rows(data / "test.jsonl")
    rows = sample(everything, limit or len(everything), seed)
    if not rows:
        raise TooLittleData(found=0, needed=1)
    report = Evaluation(model, manifest, base, embedder, watcher or Silent()).run(rows, len(everything), seed)
    work = model / f"{artifact.REPORT}.tmp"
    work.write_text(json.dumps(report.to_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    os.replace(work, model / artifact.REPORT)
    return report


class Evaluation:
    """One model folder on held-out rows, beside its untouched base and the look-up."""

    def __init__(self, model: Path, manifest: artifact.Manifest, base: Path, embedder: Path, watcher: Watcher) -> None:
        self.model, self.manifest, self.base, self.watcher = model, manifest, base, watcher
        self.finder = Finder(Knowledge.open(model), Embedder(embedder))
        self.house = self.finder.knowledge.house
        self.done = 0

    def run(self, rows: list[Row], held_out: int, seed: int) -> Report:
        began = time.monotonic()
        self.watcher.phase("evaluating", len(rows) * 2)
        policy = self.manifest.policy
        found = self.finder.find(rows, max(1, policy.retrieved), itself=True)
        decisions = [decide(policy, row.asked, hits) for row, hits in zip(rows, found, strict=True)]
        tuned, tuned_perplexity = self._tuned(rows, decisions)
        untouched, base_perplexity = self._untouched(rows)
        nearest = self.finder.nearest(rows)
        known = [hits[0].known.answer if hits else "" for hits in nearest]
        scored = {
            "tuned": self.scored(rows, tuned, [decision.sources for decision in decisions]),
            "base": self.scored(rows, untouched, [[] for _ in rows]),
            "retrieval": self.scored(rows, known, nearest),
        }
        tested = _tested(rows, decisions, scored)
        scores = summarise(tested, seed)
        scores["tuned"]["perplexity"] = interval([tuned_perplexity])
        scores["base"]["perplexity"] = interval([base_perplexity])
        differences = {f"tuned_minus_{other}": compare(tested, other, seed) for other in ("base", "retrieval")}
        return Report(
            scores=scores,
            differences=differences,
            verdict=judge(differences, tested, seed),
            unsure=self._unsure(tested),
            rows=tested,
            held_out=held_out,
            handed_over=round(sum(d.kind == "hand_over" for d in decisions) / len(decisions), 4),
            seconds=round(time.monotonic() - began, 1),
            settings={"seed": seed, "limit": len(rows), "policy": policy.to_json()},
        )

    def _tuned(self, rows: list[Row], decisions: Sequence[Decision]) -> tuple[list[str], float]:
        """Answers as published: a known answer word for word where the policy says so, else the model's own words."""
        loaded = load(self.model, self.base)
        loaded.model = merged(loaded.model)
        encoder = self.encoder(loaded)
        answers = self.written(loaded, rows, decisions)
        sources = [decision.sources[: self.manifest.policy.retrieved] for decision in decisions]
        return answers, self._perplexity(loaded.model, encoder, rows, sources)

    def written(self, loaded: LoadedChat, rows: list[Row], decisions: Sequence[Decision]) -> list[str]:
        """The answers as decided: the known one, or what the model writes."""
        encoder = self.encoder(loaded)
        written = [i for i, decision in enumerate(decisions) if decision.kind == "generate"]
        prompts = [encoder.prompt(rows[i].asked, decisions[i].sources) for i in written]
        self._count(len(rows) - len(written))
        texts = dict(zip(written, self.answers(loaded, prompts), strict=True))
        return [texts.get(i, decision.answer or "") for i, decision in enumerate(decisions)]

    def _untouched(self, rows: list[Row]) -> tuple[list[str], float]:
        loaded = load(None, self.base)
        encoder = self.encoder(loaded)
        answers = self.answers(loaded, [encoder.prompt(row.asked, []) for row in rows])
        return answers, self._perplexity(loaded.model, encoder, rows, [[] for _ in rows])

    def encoder(self, loaded: LoadedChat) -> Encoder:
        return Encoder(loaded.tokenizer, self.manifest.system_prompt, self.manifest.config.max_tokens)

    def answers(self, loaded: LoadedChat, prompts: list[list[int]]) -> list[str]:
        before = self.done
        ids = generate(
            loaded.model,
            loaded.tokenizer,
            prompts,
            self.manifest.max_new_tokens,
            lambda done: self._count(before + done - self.done),
        )
        return [words_of(loaded.tokenizer, answer) for answer in ids]

    def _perplexity(
        self, model: nn.Module, encoder: Encoder, rows: list[Row], sources: Sequence[list[Hit]]
    ) -> float:  # fmt: skip
        """How surprised the model is by the right answers; a fixed part of the rows is enough for this."""
        pairs = list(zip(rows, sources, strict=True))[:PERPLEXITY_ROWS]
        examples = sorted((encoder.example(row, hits) for row, hits in pairs), key=len)
        loss = mean_loss(model, examples, int(encoder.tokenizer.pad_token_id or 0))
        return round(math.exp(min(loss or 0.0, 20.0)), 4)

    def _count(self, more: int) -> None:
        self.done += more
        self.watcher.advance(self.done)

    def _unsure(self, tested: list[Tested]) -> Unsure:
        """The threshold to recommend: as learned from, with the test rows' own curve to be shown beside it."""
        qualities = np.array([value(row.tuned, "quality") for row in tested])
        similarities = np.array([row.nearest for row in tested])
        points = curve(similarities, qualities)
        least = strange_below(similarities, self.finder.likeness(everyday([row.question for row in tested])))
        threshold, reason = recommended_unsure(points, least)
        return Unsure(threshold, reason, points)

    def scored(self, rows: list[Row], answers: list[str], sources: Sequence[Sequence[Hit]]) -> list[Scored]:
        """One system's answers against the right ones; sources are the known answers that it used."""
        encode = self.finder.embedder.encode
        likeness = (encode(answers) * encode([row.answer for row in rows])).sum(axis=1)
        scored = []
        for row, given, hits, like in zip(rows, answers, sources, likeness, strict=True):
            asked = words_asked(row.asked)
            used = [f"{hit.known.question}\n{hit.known.answer}" for hit in hits]
            scored.append(
                Scored(
                    answer=given,
                    token_f1=round(token_f1(given, row.answer), 4),
                    similarity=round(float(like), 4),
                    foreign=foreign(given, asked, row.answer, house=self.house),
                    invented=foreign(given, asked, row.answer, *used, house=self.house),
                )
            )
        return scored


def _tested(rows: list[Row], decisions: list[Decision], scored: dict[str, list[Scored]]) -> list[Tested]:
    return [
        Tested(
            id=row.id,
            row=row.number,
            question=row.question,
            reference=row.answer,
            kind=decision.kind,
            nearest=decision.similarity,
            unsure=decision.unsure,
            sources=[Source(**asdict(hit.known), similarity=hit.similarity) for hit in decision.sources],
            **{system: answers[i] for system, answers in scored.items()},
        )
        for i, (row, decision) in enumerate(zip(rows, decisions, strict=True))
    ]
