"""A chat at a terminal: what its presets need to know of the data, and what it answers to one question."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from training.ml.chat.generate import AnswerOptions
from training.ml.chat.loading import answer, load
from training.ml.chat.rows import read_rows
from training.ml.config import DataFacts
from training.ml.embed import Embedder
from training.ml.knowledge import Asked, Knowledge
from training.ml.measure import text_facts
from training.ml.prompts import compose, decide


def measure(data: Path) -> DataFacts:
    rows = read_rows(data / "train.jsonl")
    said = [(" ".join(message["content"] for message in row.asked), row.answer) for row in rows]
    return text_facts(data, said)


def say(model: Path, base: Path, embedder: Path, text: str) -> Iterator[str]:
    loaded = load(model, base)
    manifest = loaded.manifest
    assert manifest is not None
    messages = [{"role": "user", "content": text}]
    vector = Embedder(embedder).encode([text])[0]
    hits = Knowledge.open(model).best(Asked(text, vector), max(1, manifest.policy.retrieved))
    decision = decide(manifest.policy, messages, hits)
    if decision.answer:
        yield decision.answer
        return
    prompt = compose(manifest.system_prompt, messages, decision.sources)
    yield from answer(loaded, prompt, AnswerOptions(max_new_tokens=manifest.max_new_tokens))
