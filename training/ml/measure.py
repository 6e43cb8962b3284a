"""What a preset needs to know of a dataset folder and of this machine."""

from __future__ import annotations

import json
import re
from pathlib import Path

from training.ml.config import DataFacts, HardwareFacts
from training.ml.hardware import hardware

WIDE = re.compile(r"[\u3000-\u9fff\uac00-\ud7af]")


def measure(data: Path) -> tuple[DataFacts, HardwareFacts]:
    """Both, as `preset` wants them."""
    machine = hardware()
    bf16 = machine.reason != "cpu_fp32"
    return data_facts(data), HardwareFacts(machine.device, bf16, machine.cores)


def data_facts(data: Path) -> DataFacts:
    """Counts and mean lengths of the training part."""
    rows = asked = answered = wide = 0
    with (data / "train.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            messages = json.loads(line)["messages"]
            question = " ".join(message["content"] for message in messages[:-1])
            rows += 1
            asked += len(question)
            answered += len(messages[-1]["content"])
            wide += len(WIDE.findall(question)) + len(WIDE.findall(messages[-1]["content"]))
    test = data / "test.jsonl"
    held_out = sum(1 for _ in test.open(encoding="utf-8")) if test.exists() else 0
    count = max(rows, 1)
    return DataFacts(rows, asked / count, answered / count, held_out, wide / max(asked + answered, 1))
