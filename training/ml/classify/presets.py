"""Presets of the classify family: how often the texts are read, within the time that each preset spends."""

from __future__ import annotations

from dataclasses import dataclass

from training.ml.classify.aside import put_aside
from training.ml.config import DataFacts, HardwareFacts, Reason, TrainConfig

SETTINGS: tuple[str, ...] = (
    "epochs",
    "learning_rate",
    "rank",
    "alpha",
    "dropout",
    "tokens_per_step",
    "max_tokens",
    "warmup",
    "weight_decay",
    "patience",
    "evaluation_rows",
    "seed",
)
MEMORY = {"tokens_per_step": 128, "max_tokens": 128}


@dataclass(frozen=True)
class _Effort:
    """What a preset spends: seconds of learning for a small set and for a large one, and how often texts are read."""

    seconds: float
    most_seconds: float
    seen: int
    """Texts read in all where there are few; each at least `epochs` and at most `most_epochs` times."""
    epochs: float
    most_epochs: float


EFFORTS = {
    "quick": _Effort(seconds=40, most_seconds=60, seen=2500, epochs=1.0, most_epochs=5.0),
    "balanced": _Effort(seconds=100, most_seconds=330, seen=8000, epochs=3.0, most_epochs=12.0),
    "thorough": _Effort(seconds=600, most_seconds=1800, seen=20000, epochs=5.0, most_epochs=20.0),
}
SMALL = 3000
"""Rows up to which a preset spends its smaller time."""
MORE_SECONDS = 0.04
"""Seconds for each further row."""
SPEEDS = {("cpu", True): 2000.0, ("cpu", False): 1000.0, ("cuda", True): 60000.0, ("cuda", False): 40000.0}
"""Tokens a second and core (or GPU) learned from with a small English encoder."""
SECOND_CORE = 0.7
OTHER_LANGUAGES, LEARNED_THERE = 0.45, 0.62
"""The multilingual encoder has twice the layers to read with, of which half learn."""
SPENT_THERE = 0.45
"""Share of the preset's time that learning with it is given; reading takes the rest."""
READ = 4.0
"""Reading a text costs this many times less than learning from it."""
EXPLAINING = 60_000
"""Tokens read to see whether the words that it names decide."""
MOST_SECOND, MOST_CROSSED, FOLDS = 12_000, 3000, 6
"""Rows up to which a second encoder reads the texts, up to which the simple ways are learned by parts, and how often then."""
CHARACTERS_PER_TOKEN = 4.3
SPECIAL = 2
LEARNING_RATE, RANK = 1e-3, 16


def preset(name: str, data: DataFacts, machine: HardwareFacts) -> tuple[TrainConfig, list[Reason]]:
    """The choices for this data on this machine, each with its reason."""
    effort = EFFORTS[name]
    epochs = min(max(effort.seen / max(data.rows, 1), effort.epochs), effort.most_epochs)
    longest = 128 if _tokens(data) < 90 else 256
    seconds = min(effort.seconds + max(0, data.rows - SMALL) * MORE_SECONDS, effort.most_seconds)
    seconds *= SPENT_THERE if _wide(data) else 1.0
    affordable = int(seconds * speed(data, machine, LEARNED_THERE))
    wanted = int(data.rows * min(_tokens(data), longest) * epochs)
    config = TrainConfig(
        preset=name,
        rank=RANK,
        alpha=2 * RANK,
        dropout=0.3,
        learning_rate=LEARNING_RATE,
        weight_decay=0.01,
        max_tokens=longest,
        epochs=round(epochs, 2),
        token_budget=affordable if affordable < wanted else None,
        validations=4 if name == "quick" or _wide(data) else 8,
        validation_rows=400,
        patience=3,
        retrieved=0,
        evaluation_rows=None,
        layers=("query", "key", "value", "dense"),
    )
    return config, _reasons(config, data, machine, seconds)


def _put_aside(data: DataFacts) -> int:
    """Rows that are not learned from, because they choose how it answers."""
    return 0 if data.checks is None else put_aside(data.rows, data.checks)


def _reasons(config: TrainConfig, data: DataFacts, machine: HardwareFacts, seconds: float) -> list[Reason]:
    reasons = [
        Reason("compared_with_simple", {}),
        Reason("learning_rate", {"rate": config.learning_rate, "rank": RANK}),
    ]
    aside = _put_aside(data)
    learned = data.rows - aside
    if config.token_budget:
        rows = int(config.token_budget / max(min(_tokens(data), config.max_tokens), 1))
        reasons.append(Reason("text_budget", {"seconds": seconds, "rows": rows, "of": learned}))
    else:
        reasons.append(Reason("epochs", {"epochs": config.epochs, "rows": learned}))
    if aside:
        reasons.append(Reason("put_aside", {"rows": aside, "of": data.rows}))
    if not machine.bf16:
        reasons.append(Reason("no_bf16", {}))
    return reasons


def estimate(config: TrainConfig, data: DataFacts, machine: HardwareFacts) -> float:
    """Seconds for training, the simple ways and the report."""
    each = min(_tokens(data), config.max_tokens)
    learned = data.rows * each * config.epochs
    learned = min(learned, config.token_budget) if config.token_budget else learned
    read = (data.rows * 1.2 + 2.0 * data.held_out) * each + EXPLAINING
    if data.rows <= MOST_SECOND and not _wide(data):
        read += (data.rows * 1.1 + data.held_out) * each / OTHER_LANGUAGES
    often = FOLDS if data.rows <= MOST_CROSSED else 1
    cheap = 2 + often * data.rows * max(data.labels, 2) / 12_000
    slower = speed(data, machine, OTHER_LANGUAGES)
    return 8 + learned / speed(data, machine, LEARNED_THERE) + read / READ / slower + cheap


def speed(data: DataFacts, machine: HardwareFacts, elsewhere: float) -> float:
    """Tokens a second that this machine learns from; ELSEWHERE is how much fewer with the multilingual encoder."""
    one = SPEEDS[("cuda" if machine.device == "cuda" else "cpu", machine.bf16)]
    one *= elsewhere if _wide(data) else 1.0
    return one if machine.device == "cuda" else one * (1 + SECOND_CORE * (min(machine.cores, 8) - 1))


def _wide(data: DataFacts) -> bool:
    """Whether the multilingual encoder learns them."""
    return data.wide_characters > 0.3


def _tokens(data: DataFacts) -> float:
    per_character = data.wide_characters * 0.75 + (1 - data.wide_characters) / CHARACTERS_PER_TOKEN
    return SPECIAL + data.question_characters * per_character
