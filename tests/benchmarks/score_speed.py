"""Texts a second of a scored file beside a loop over transformers' pipeline, on the same encoder in the same run.

    python -m tests.benchmarks.score_speed --model DATA/runs/1/model --texts FILE.csv --column text [--rows 2000]

The engine is a process of its own and is asked as the worker asks it: each different text once, texts of like length
together. Both sides take turns, so that whatever else the machine does hits both alike.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from tests.live import ROOT, free_port

BATCH = 256
"""As in endpoints/scoring_work.py, which needs Django."""
SLICES = 4
LOOPED = 100
"""Texts of each slice that the loop gets; it is too slow for all."""


class Engine:
    """An engine that may load the model's folder."""

    def __init__(self, model: Path, models: Path) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        command = [sys.executable, "-m", "endpoints.engine", "--port", self.url.rpartition(":")[2]]
        command += ["--models", str(models), "--adapters", str(model.resolve().parent)]
        self.process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"ENGINE_TOKEN": ""})
        self._wait()
        self.ask("/v1/load_lora_adapter", {"lora_name": "scored", "lora_path": str(model.resolve())})

    def _wait(self) -> None:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{self.url}/health", timeout=1)
                return
            except OSError:
                time.sleep(0.2)
        raise SystemExit("The engine did not start.")

    def ask(self, path: str, data: dict) -> bytes:
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}{path}", json.dumps(data).encode(), headers)
        return urllib.request.urlopen(request, timeout=600).read()

    def score(self, texts: list[str]) -> float:
        """Seconds for these texts."""
        began = time.perf_counter()
        once = sorted(set(texts), key=len)
        for start in range(0, len(once), BATCH):
            self.ask("/v1/classify", {"model": "scored", "input": once[start : start + BATCH]})
        return time.perf_counter() - began


def loop(base: Path, labels: int):
    """What somebody writes who has a fine-tuned encoder: one text after the other through a pipeline."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline

    model = AutoModelForSequenceClassification.from_pretrained(base, num_labels=labels)
    ask = pipeline("text-classification", model=model, tokenizer=AutoTokenizer.from_pretrained(base), device="cpu")

    def score(texts: list[str]) -> float:
        began = time.perf_counter()
        for text in texts:
            ask(text, truncation=True, max_length=256)
        return time.perf_counter() - began

    return score


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--models", type=Path, default=ROOT / "var" / "models")
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--column", default="text")
    parser.add_argument("--rows", type=int, default=2000)
    given = parser.parse_args()
    with given.texts.open(encoding="utf-8-sig", newline="") as file:
        texts = [row[given.column] for row in csv.DictReader(file) if row[given.column].strip()][: given.rows]
    manifest = json.loads((given.model / "manifest.json").read_text())
    engine = Engine(given.model, given.models)
    try:
        plain = loop(given.models / manifest["base"], len(manifest["details"]["labels"]))
        engine.score(texts[:64]), plain(texts[:8])
        ours = theirs = 0.0
        looped = 0
        for place in range(SLICES):
            some = texts[place::SLICES]
            ours += engine.score(some)
            theirs += plain(some[:LOOPED])
            looped += len(some[:LOOPED])
    finally:
        engine.process.terminate()
    fast, slow = len(texts) / ours, looped / theirs
    print("| texts | file, texts/s | loop over the pipeline, texts/s | times |\n|---|---|---|---|")
    print(f"| {len(texts):,} | {fast:.0f} | {slow:.0f} | {fast / slow:.1f} |")


if __name__ == "__main__":
    main()
