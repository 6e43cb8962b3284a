"""What a preset needs to know of a dataset folder of texts and of this machine."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from training.ml.config import DataFacts, HardwareFacts

WIDE = re.compile(r"[\u3000-\u9fff\uac00-\ud7af]")


def machine_facts() -> HardwareFacts:
    from training.ml.hardware import hardware  # needs torch

    machine = hardware()
    return HardwareFacts(machine.kind, machine.reason != "cpu_fp32", machine.cores)


def text_facts(data: Path, said: Sequence[tuple[str, str]], labels: int = 0) -> DataFacts:
    """Counts and mean lengths of the training part: each text with its answer, which may be empty."""
    asked, answered = (sum(len(pair[side]) for pair in said) for side in (0, 1))
    wide = sum(len(WIDE.findall(text)) for pair in said for text in pair)
    test = data / "test.jsonl"
    held_out = sum(1 for _ in test.open(encoding="utf-8")) if test.exists() else 0
    count = max(len(said), 1)
    facts = DataFacts(len(said), asked / count, answered / count, held_out, wide / max(asked + answered, 1))
    return replace(facts, labels=labels)
