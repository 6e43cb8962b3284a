"""Presets of the chat family: how much of the data can be learned from in the time that each preset spends."""

from __future__ import annotations

from dataclasses import dataclass, replace

from training.ml.config import DataFacts, HardwareFacts, Reason, TrainConfig

SETTINGS: tuple[str, ...] = (
    "epochs",
    "learning_rate",
    "rank",
    "alpha",
    "dropout",
    "tokens_per_step",
    "max_tokens",
    "retrieved",
    "warmup",
    "weight_decay",
    "patience",
    "evaluation_rows",
    "max_new_tokens",
    "seed",
    "system_prompt",
)
MEMORY = {"tokens_per_step": 128, "max_tokens": 128}


@dataclass(frozen=True)
class _Effort:
    """What a preset spends, in seconds of training on the machine at hand."""

    seconds: float
    epochs: float
    policy_rows: int
    evaluation_rows: int


EFFORTS = {
    "quick": _Effort(seconds=45, epochs=1.0, policy_rows=32, evaluation_rows=40),
    "balanced": _Effort(seconds=420, epochs=2.0, policy_rows=100, evaluation_rows=200),
    "thorough": _Effort(seconds=1800, epochs=3.0, policy_rows=100, evaluation_rows=200),
}
SYSTEM_TOKENS = 48
CHARACTERS_PER_TOKEN = 4.2
SPEEDS = {("cpu", True): 400.0, ("cpu", False): 130.0, ("cuda", True): 12000.0, ("cuda", False): 12000.0}
"""Tokens a second and core (or GPU) learned from with a base model of 135 million weights."""
SECOND_CORE = 0.7
"""What a further core adds; measured on two."""
WRITTEN_PER_SECOND = {"cpu": 170.0, "cuda": 1500.0}
"""Answer tokens a second when a batch of questions is answered."""


def preset(name: str, data: DataFacts, machine: HardwareFacts) -> tuple[TrainConfig, list[Reason]]:
    """The choices for this data on this machine, each with its reason."""
    effort = EFFORTS[name]
    speed = training_speed(machine)
    each = tokens_per_example(data, retrieved=1)
    wanted = int(data.rows * each * effort.epochs)
    affordable = int(effort.seconds * speed)
    reasons = [Reason("retrieved", {"count": 1}), Reason("learning_rate", {"rate": 2e-3, "rank": 8})]
    config = TrainConfig(
        preset=name,
        epochs=effort.epochs,
        policy_rows=effort.policy_rows,
        evaluation_rows=effort.evaluation_rows,
        validation_rows=24 if name == "quick" else 48,
        validations=2 if name == "quick" else 6,
    )
    if affordable < wanted:
        config = replace(config, token_budget=affordable)
        seen = min(data.rows, int(affordable / each))
        reasons.append(Reason("token_budget", {"tokens": affordable, "seconds": effort.seconds, "rows": seen}))
    else:
        reasons.append(Reason("epochs", {"epochs": effort.epochs, "rows": data.rows}))
    if data.held_out > effort.evaluation_rows:
        facts = {"rows": effort.evaluation_rows, "held_out": data.held_out}
        reasons.append(Reason("evaluation_rows", facts))
    if not machine.bf16:
        reasons.append(Reason("no_bf16", {}))
    return config, reasons


def training_speed(machine: HardwareFacts) -> float:
    """Tokens a second that this machine learns from."""
    one = SPEEDS[("cuda" if machine.device == "cuda" else "cpu", machine.bf16)]
    return one if machine.device == "cuda" else one * (1 + SECOND_CORE * (min(machine.cores, 8) - 1))


def tokens_per_example(data: DataFacts, retrieved: int) -> float:
    """Mean tokens of an example with the known answers that stand in its prompt."""
    per_character = data.wide_characters * 1.3 + (1 - data.wide_characters) / CHARACTERS_PER_TOKEN
    pair = (data.question_characters + data.answer_characters) * per_character
    return SYSTEM_TOKENS + pair * (1 + retrieved)


def estimate(config: TrainConfig, data: DataFacts, machine: HardwareFacts) -> float:
    """Seconds for training, choosing and the report."""
    each = tokens_per_example(data, config.retrieved)
    learned = data.rows * each * config.epochs
    learned = min(learned, config.token_budget) if config.token_budget else learned
    writes = WRITTEN_PER_SECOND["cuda" if machine.device == "cuda" else "cpu"]
    answer = min(config.max_new_tokens, data.answer_characters / CHARACTERS_PER_TOKEN + 8)
    tested = min(config.evaluation_rows or data.held_out, data.held_out)
    answers = config.policy_rows + 2 * tested
    return 12 + data.rows / 200 + learned / training_speed(machine) * 1.1 + answers * answer / writes
