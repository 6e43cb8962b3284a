"""Asking a chat model what another version was asked, as it was before it got to know the rows of its own report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from training.ml import artifact
from training.ml.chat.evaluating import Evaluation
from training.ml.chat.finder import Finder
from training.ml.chat.loading import load
from training.ml.chat.report import Tested
from training.ml.chat.rows import Row, read_rows
from training.ml.chat.versus import key
from training.ml.embed import Embedder
from training.ml.knowledge import Hit, Knowledge
from training.ml.lora import merged
from training.ml.prompts import decide
from training.ml.scores import token_f1
from training.ml.versus import MOST_RECALLED, Rival
from training.ml.watching import Silent, Watcher

RIGHT = 0.9
"""Words of an answer that agree with the settled one where it is as good as the same."""


def ask(
    model: Path,
    data: Path,
    embedder: Path,
    rows: Sequence[Tested],
    rival: Rival,
    watcher: Watcher | None = None,
) -> dict[str, object]:
    """The answers of RIVAL to rows of the report of MODEL, measured as those of MODEL were; DATA holds the rows."""
    wanted = {key(row) for row in rows}
    asked = [row for row in read_rows(data / "test.jsonl") if row.id in wanted]
    theirs = _evaluation(rival, watcher)
    held = {row.id for part in ("validation", "test") for row in read_rows(rival.data / f"{part}.jsonl")}
    theirs.finder = Finder(theirs.finder.knowledge, theirs.finder.embedder, held)
    answers, sources = _said(theirs, asked, rival)
    # Measured by the one encoder and the one idea of what is the team's own, so that both are measured alike.
    theirs.finder = Finder(Knowledge.open(model), Embedder(embedder))
    theirs.house = theirs.finder.knowledge.house
    scored = theirs.scored(asked, answers, sources)
    return {row.id: asdict(one) for row, one in zip(asked, scored, strict=True)}


def recall(data: Path, settled: Callable[[str], bool], version: Rival, watcher: Watcher | None = None) -> list[bool]:
    """Whether VERSION gives the answer of each row of DATA whose question is SETTLED, with all that it knows."""
    rows = [row for row in read_rows(data / "train.jsonl") if settled(row.question)][:MOST_RECALLED]
    if not rows:
        return []
    answers, _sources = _said(_evaluation(version, watcher), rows, version)
    return [token_f1(said, row.answer) >= RIGHT for said, row in zip(answers, rows, strict=True)]


def _evaluation(version: Rival, watcher: Watcher | None) -> Evaluation:
    manifest = artifact.verify(version.model)
    return Evaluation(version.model, manifest, version.base, version.embedder, watcher or Silent())


def _said(theirs: Evaluation, asked: list[Row], rival: Rival) -> tuple[list[str], Sequence[Sequence[Hit]]]:
    """The answers to ASKED by the way that is published, and the known ones behind them."""
    nearest = theirs.finder.nearest(asked)
    if rival.answers_with == "retrieval":
        return [hits[0].known.answer if hits else "" for hits in nearest], nearest
    if rival.answers_with == "base":
        untouched = load(None, rival.base)
        encoder = theirs.encoder(untouched)
        return theirs.answers(untouched, [encoder.prompt(row.asked, []) for row in asked]), [[] for _ in asked]
    policy = theirs.manifest.policy
    found = theirs.finder.find(asked, max(1, policy.retrieved), itself=True)
    decisions = [decide(policy, row.asked, hits) for row, hits in zip(asked, found, strict=True)]
    loaded = load(rival.model, rival.base)
    loaded.model = merged(loaded.model)
    return theirs.written(loaded, asked, decisions), [decision.sources for decision in decisions]
