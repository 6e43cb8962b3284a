"""Every choice of a training, and presets that make the choices from the data and the machine. No torch here."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

PRESETS = ("quick", "balanced", "thorough")


@dataclass(frozen=True)
class TrainConfig:
    """All choices of one training; stored with the run and in the model's manifest."""

    system_prompt: str = "You are a helpful support assistant."
    """What the model is told before every conversation."""
    preset: str = "balanced"
    """The preset these choices came from."""
    seed: int = 0
    """Decides the order of examples and the first adapter weights."""
    rank: int = 8
    """Width of the LoRA adapter."""
    alpha: int = 16
    """Strength of the LoRA adapter; alpha / rank scales what it adds."""
    dropout: float = 0.0
    """Share of adapter inputs left out at random while training."""
    learning_rate: float = 2e-3
    """Highest learning rate; LoRA on small models wants ten times the usual 2e-4."""
    warmup: float = 0.05
    """Share of the steps in which the learning rate rises; a cosine leads it down afterwards."""
    weight_decay: float = 0.0
    """AdamW's weight decay on the adapter."""
    clip: float = 1.0
    """Largest gradient norm of a step."""
    tokens_per_step: int = 768
    """How many tokens, padding included, one optimiser step sees."""
    max_tokens: int = 640
    """Longest example; a longer prompt is cut at its start, the answer keeps its end."""
    epochs: float = 2.0
    """How many times every example is seen, unless the token budget ends earlier."""
    token_budget: int | None = None
    """Most tokens to learn from in all; none means no limit."""
    retrieved: int = 1
    """How many known answers stand in the prompt, in training as in use."""
    validations: int = 4
    """How many times the validation loss is looked at."""
    validation_rows: int = 48
    """Most rows the validation loss is taken on."""
    patience: int = 2
    """Training stops after this many looks without a better validation loss."""
    checkpoint_seconds: float = 60.0
    """At least this long between two checkpoints."""
    checkpoint_steps: int = 0
    """Steps between two checkpoints; 0 goes by the clock."""
    policy_rows: int = 48
    """Most validation rows on which it is chosen when a known answer is given word for word."""
    evaluation_rows: int | None = 200
    """Most held-out rows the report is made on."""
    max_new_tokens: int = 256
    """Longest answer, in tokens."""
    layers: tuple[str, ...] = field(
        default=("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
    )
    """Which linear layers get an adapter."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> TrainConfig:
        """Read a stored config; names it no longer knows are ignored."""
        known = {f.name for f in fields(cls)}
        kept = {name: value for name, value in values.items() if name in known}
        if "layers" in kept:
            kept["layers"] = tuple(kept["layers"])
        return cls(**kept)


@dataclass(frozen=True)
class DataFacts:
    """What a preset needs to know of the data."""

    rows: int
    """Training examples."""
    question_characters: float
    """Mean length of a question."""
    answer_characters: float
    """Mean length of an answer."""
    held_out: int = 0
    """Test rows."""
    wide_characters: float = 0.0
    """Share of characters that are Chinese, Japanese or Korean; each is one token or more."""


@dataclass(frozen=True)
class HardwareFacts:
    """What a preset needs to know of the machine that trains."""

    device: str = "cpu"
    bf16: bool = False
    cores: int = 2


@dataclass(frozen=True)
class Reason:
    """Why a choice was made: a code the caller has words for, and the numbers in it."""

    code: str
    facts: dict[str, Any]


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
    return 12 + data.rows / 600 + learned / training_speed(machine) * 1.1 + answers * answer / writes
