"""Presets give reasons, keep to their time, and survive being stored."""

from __future__ import annotations

import pytest

from training.ml.chat.presets import estimate, preset
from training.ml.config import PRESETS, DataFacts, HardwareFacts, TrainConfig

LAPTOP = HardwareFacts("cpu", bf16=True, cores=2)


@pytest.mark.parametrize("name", PRESETS)
def test_it_makes_choices_with_reasons(name) -> None:
    config, reasons = preset(name, DataFacts(5000, 60, 600, 500), LAPTOP)
    assert config.preset == name
    assert {reason.code for reason in reasons} >= {"retrieved", "learning_rate", "evaluation_rows"}
    assert all(isinstance(reason.facts, dict) for reason in reasons)


def test_it_is_quick_with_a_thousand_rows() -> None:
    data = DataFacts(1000, 50, 600, 100)
    config, reasons = preset("quick", data, LAPTOP)
    assert "token_budget" in {reason.code for reason in reasons}
    assert estimate(config, data, LAPTOP) < 240


def test_it_needs_longer_for_more() -> None:
    data = DataFacts(5000, 60, 600, 500)
    times = [estimate(preset(name, data, LAPTOP)[0], data, LAPTOP) for name in PRESETS]
    assert times == sorted(times)


def test_it_takes_its_own_words_back() -> None:
    config = TrainConfig(rank=4, layers=("q_proj",))
    assert TrainConfig.from_json(config.to_json() | {"gone": 1}) == config
