"""Presets of the recommend family: the linear methods always run in full, the presets decide how long the texts learn."""

from __future__ import annotations

from dataclasses import dataclass

from training.ml.config import DataFacts, HardwareFacts, Reason, TrainConfig

SETTINGS: tuple[str, ...] = (
    "steps",
    "batch",
    "learning_rate",
    "rank",
    "alpha",
    "dropout",
    "warmup",
    "weight_decay",
    "patience",
    "evaluation_rows",
    "seed",
)
MEMORY = {"batch": 16}


@dataclass(frozen=True)
class _Effort:
    """Steps of the adapter, and people in the report."""

    steps: int
    validations: int
    evaluation_rows: int


EFFORTS = {
    "quick": _Effort(steps=50, validations=2, evaluation_rows=400),
    "balanced": _Effort(steps=150, validations=5, evaluation_rows=1500),
    "thorough": _Effort(steps=400, validations=8, evaluation_rows=4000),
}
BATCH = 96
STEP_SECONDS = {("cpu", True): 0.45, ("cpu", False): 1.4, ("cuda", True): 0.05, ("cuda", False): 0.05}
"""One step of 96 examples; items whose lower layers are not kept cost half as much again."""
TEXTS_PER_SECOND = {("cpu", True): 170.0, ("cpu", False): 55.0, ("cuda", True): 3000.0, ("cuda", False): 3000.0}
"""Item texts turned into vectors, of 32 tokens each."""
KEPT = 20_000
SECOND_CORE = 0.6


def preset(name: str, data: DataFacts, machine: HardwareFacts) -> tuple[TrainConfig, list[Reason]]:
    """The choices for this data on this machine, each with its reason."""
    effort = EFFORTS[name]
    config = TrainConfig(
        preset=name,
        rank=16,
        alpha=32,
        learning_rate=5e-4,
        batch=BATCH,
        steps=effort.steps,
        validations=effort.validations,
        validation_rows=192,
        evaluation_rows=effort.evaluation_rows,
        layers=("query", "key", "value", "dense"),
    )
    reasons = [Reason("learning_rate", {"rate": config.learning_rate, "rank": config.rank})]
    reasons.append(Reason("recommend_steps", {"examples": effort.steps * BATCH, "rows": data.rows}))
    if data.people > effort.evaluation_rows:
        reasons.append(Reason("evaluation_people", {"people": effort.evaluation_rows, "all": data.people}))
    if not machine.bf16:
        reasons.append(Reason("no_bf16", {}))
    return config, reasons


def estimate(config: TrainConfig, data: DataFacts, machine: HardwareFacts) -> float:
    """Seconds for vectors, training, the linear methods and the report."""
    kind = ("cuda" if machine.device == "cuda" else "cpu", machine.bf16)
    cores = 1.0 if kind[0] == "cuda" else 1 + SECOND_CORE * (min(machine.cores, 8) - 1)
    items = data.items or data.rows // 10
    characters = min(max(data.question_characters, 20.0), 150.0)
    vectors = 2 * items * (characters / 110) / (TEXTS_PER_SECOND[kind] * cores)
    step = STEP_SECONDS[kind] * (1.0 if items <= KEPT else 1.5) / cores
    dense = min(items, 8000)
    linear = 12 * 4 * (min(dense, max(data.people, 1)) / 3000) ** 2 + data.rows / 4000 + items / 150
    people = min(config.evaluation_rows or data.people, data.people, max(300, 30_000_000 // max(items, 1)))
    return 15 + vectors + config.steps * step + linear + people * items / 1.2e5
