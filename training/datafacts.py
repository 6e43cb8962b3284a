"""What a dataset of texts comes to, as the presets want to know it: counts, and lengths from a sample of the file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from projects.models import Dataset
from training.ml.config import DataFacts

SAMPLE = 2000
WIDE = range(0x2E80, 0xD7B0)


def of_texts(dataset: Dataset, test: Dataset | None = None) -> DataFacts:
    """How much there is and how long the texts are, from the counts and a sample of the file."""
    train = dataset.folder / "train.jsonl"
    stamp = train.stat().st_mtime_ns if train.exists() else 0
    texts = _measure(train, stamp)
    held = (test or dataset).amounts.test
    return DataFacts(
        rows=dataset.amounts.train or texts.count,
        question_characters=texts.question,
        answer_characters=texts.answer,
        held_out=held if held is not None else _lines((test or dataset).folder / "test.jsonl"),
        wide_characters=texts.wide,
        labels=texts.labels,
        checks=dataset.amounts.validation,
    )


@dataclass(frozen=True)
class _Texts:
    """What a sample of the examples tells: mean lengths, the share of wide characters, lines, labels."""

    question: float = 0.0
    answer: float = 0.0
    wide: float = 0.0
    count: int = 0
    labels: int = 0


@lru_cache(maxsize=64)
def _measure(file: Path, _stamp: int) -> _Texts:
    if not file.exists():
        return _Texts()
    questions = answers = wide = count = 0
    labels: set[str] = set()
    with file.open(encoding="utf-8") as lines:
        for line in islice(lines, SAMPLE):
            example = json.loads(line)
            texts = _said(example)
            labels.update(example.get("labels", ()))
            questions, answers, count = questions + len(texts[0]), answers + len(texts[1]), count + 1
            wide += sum(ord(letter) in WIDE for letter in texts[0] + texts[1])
    every = _lines(file) if count == SAMPLE else count
    mean = max(count, 1)
    return _Texts(questions / mean, answers / mean, wide / max(questions + answers, 1), every, len(labels))


def _said(example: Mapping[str, Any]) -> tuple[str, str]:
    """Question and answer of a chat example; the text of one that has labels."""
    if "messages" not in example:
        return str(example.get("text", "")), ""
    said = {message["role"]: message["content"] for message in example["messages"]}
    return said.get("user", ""), said.get("assistant", "")


def _lines(file: Path) -> int:
    if not file.exists():
        return 0
    with file.open("rb") as stream:
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))
