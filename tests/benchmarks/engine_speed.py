"""The engine beside plain transformers + peft on this machine: first token and tokens a second, one chat and four.

    python -m tests.benchmarks.engine_speed --base var/models/smollm2-135m-instruct [--adapter MODEL_FOLDER]

Without an adapter of its own it makes one with random weights of rank 8 on all linear layers.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, DynamicCache

from endpoints.engine.answers import Answer
from endpoints.engine.base import Base
from endpoints.engine.lora import Adapter, read_pairs
from endpoints.engine.wire import ChatRequest

SYSTEM = "You are the assistant of a shop. " + "Answer politely, in short sentences, and only from what you know. " * 12
QUESTIONS = ("Where is my order?", "How do I get my money back?", "Can I change the address?", "Do you ship to Peru?")
NEW = 64


def random_adapter(base: Path, folder: Path) -> Path:
    model = AutoModelForCausalLM.from_pretrained(base)
    lora = get_peft_model(model, LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM"))
    for name, weight in lora.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.002)
    lora.save_pretrained(folder)
    return folder


def messages(question: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": question}]


@torch.inference_mode()
def plain(model: torch.nn.Module, prompt: list[int]) -> tuple[float, float]:
    """Seconds to the first token, tokens a second after it."""
    began, cache, ids = time.perf_counter(), DynamicCache(), torch.tensor([prompt])
    first = 0.0
    for _ in range(NEW):
        ids = model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1).logits[:, -1].argmax(-1)
        ids = ids.unsqueeze(0)
        first = first or time.perf_counter() - began
    return first, (NEW - 1) / (time.perf_counter() - began - first)


def ours(base: Base, adapter: Adapter, questions: tuple[str, ...]) -> tuple[float, float]:
    """Seconds to the last first token, tokens a second of all together after it."""
    base.ends = set()
    answers = [
        Answer(ChatRequest("x", messages(q), max_tokens=NEW), base, adapter, base.prompt(messages(q)))
        for q in questions
    ]
    began = time.perf_counter()
    first = 0.0
    while any(not answer.finished for answer in answers):
        for answer in answers:
            if not answer.finished:
                answer.step()
        if not first and all(answer.usage.completion_tokens for answer in answers):
            first = time.perf_counter() - began
    tokens = sum(answer.usage.completion_tokens - 1 for answer in answers)
    return first, tokens / (time.perf_counter() - began - first)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--adapter", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    with tempfile.TemporaryDirectory() as place:
        folder = given.adapter or random_adapter(given.base, Path(place))
        base = Base(given.base, 4096, 12288)
        pairs = read_pairs(folder, base.layers, base.dtype, base.device)
        adapter = Adapter("bench", folder, base.slug, "bench", pairs)
        model = AutoModelForCausalLM.from_pretrained(given.base, dtype=base.dtype)
        peft = PeftModel.from_pretrained(model, folder).eval()
    rows: dict[str, list[tuple[float, float]]] = {}
    for _ in range(given.rounds):  # in turn, so that a busy minute hits all of them
        rows.setdefault("transformers + peft", []).append(plain(peft, base.prompt(messages(QUESTIONS[0]))))
        base.prefixes.drop(adapter)
        rows.setdefault("engine, cold", []).append(ours(base, adapter, QUESTIONS[:1]))
        rows.setdefault("engine, system prompt known", []).append(ours(base, adapter, QUESTIONS[1:2]))
        rows.setdefault("engine, four at a time", []).append(ours(base, adapter, QUESTIONS))
    for name, found in rows.items():
        first, speed = (statistics.median(values) for values in zip(*found, strict=True))
        print(json.dumps({"what": name, "first_s": round(first, 3), "tokens_per_s": round(speed, 1)}))


if __name__ == "__main__":
    main()
