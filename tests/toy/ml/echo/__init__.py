"""It learns by counting its examples."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

from training.ml import artifact
from training.ml.config import DataFacts, TrainConfig
from training.ml.families import Family
from training.ml.result import FitResult

__all__ = ["answer", "ask", "check_probes", "evaluate", "fit", "load", "measure", "recall", "refit", "say"]


def fit(data: Path, base: Path, embedder: Path, out: Path, config: TrainConfig, watcher=None) -> FitResult:
    count = len((data / "train.jsonl").read_text(encoding="utf-8").splitlines())
    model = out / "model"
    model.mkdir(parents=True)
    manifest = artifact.Manifest(
        family="echo", base=base.name, base_revision="", embedder=embedder.name, tokenizer_sha256="", config=config,
        data_sha256=artifact.data_hash(data), examples=count, training={"seconds": 0.0}, choices={}, versions={}, files={},
    )  # fmt: skip
    artifact.write_manifest(model, manifest)
    return FitResult(model, "finished", 1, 1, 0.0, None, 1, 0.0, 0, count)


def evaluate(model: Path, data: Path, base: Path, embedder: Path, watcher=None, limit=None) -> dict:
    report = {"family": "echo", "rows": [], "scores": {"tuned": {}}}
    (model / artifact.REPORT).write_text(json.dumps(report), encoding="utf-8")
    return report


def refit(model: Path, data: Path, base: Path, embedder: Path, watcher=None, tested_apart: bool = False) -> None:
    """It knows nothing to be forgotten."""


def load(model: Path, base: Path) -> Path:
    return model


def answer(loaded: Path, text: str) -> str:
    return text


def ask(model: Path, data: Path, embedder: Path, rows, rival, watcher=None) -> dict:
    return {}


def recall(data: Path, settled, version, watcher=None) -> list[bool]:
    return []


def check_probes(loaded: Path, model: Path) -> float:
    return 1.0


def measure(data: Path) -> DataFacts:
    return DataFacts(1, 1.0)


def say(model: Path, base: Path, embedder: Path, text: str) -> list[str]:
    return [text]


PRESETS = SimpleNamespace(
    SETTINGS=("seed",),
    MEMORY={},
    preset=lambda name, data, machine: (TrainConfig(preset=name), []),
    estimate=lambda config, data, machine: 1.0,
)
VERSUS = SimpleNamespace(
    rows=lambda report: report["rows"],
    key=str,
    answer=lambda row, system: None,
    measure=None,
    learned=lambda data: lambda row: False,
)
FAMILY = Family(PRESETS, VERSUS, base="nothing")
