"""Every choice of a training, and the facts from which a preset makes the choices. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from training.ml.stored import Stored, read

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
    batch: int = 96
    """Examples that one step compares with each other, of the recommend family."""
    steps: int = 150
    """Most steps, of the recommend family."""
    layers: tuple[str, ...] = field(
        default=("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
    )
    """Which linear layers get an adapter."""

    def to_json(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: Stored) -> TrainConfig:
        """Read a stored config; names it no longer knows are ignored."""
        return read(cls, values)


@dataclass(frozen=True)
class DataFacts:
    """What a preset needs to know of the data."""

    rows: int
    """Training examples."""
    question_characters: float
    """Mean length of a question, or of a text that gets a label."""
    answer_characters: float = 0.0
    """Mean length of an answer."""
    held_out: int = 0
    """Test rows."""
    wide_characters: float = 0.0
    """Share of characters that are Chinese, Japanese or Korean; each is one token or more."""
    labels: int = 0
    """Different labels, of the classify family."""
    checks: int | None = None
    """Validation rows, where they were counted."""
    people: int = 0
    items: int = 0
    """People and items, of the recommend family; its rows are interactions."""


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
    facts: Mapping[str, object]
