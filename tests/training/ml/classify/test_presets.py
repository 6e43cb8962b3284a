"""What the presets choose for small, large and Chinese data."""

from __future__ import annotations

import pytest

from training.ml.config import DataFacts, HardwareFacts
from training.ml.presets.classify import estimate, preset

HERE = HardwareFacts("cpu", bf16=True, cores=2)


def test_it_learns_two_thousand_short_texts_in_under_three_minutes():
    data = DataFacts(2000, 100, held_out=400, labels=3)
    config, _why = preset("balanced", data, HERE)
    assert estimate(config, data, HERE) < 180


@pytest.mark.parametrize("rows", [10_000, 15_000, 100_000])
def test_it_keeps_large_sets_within_the_budget(rows):
    data = DataFacts(rows, 60, held_out=2000, labels=100)
    config, why = preset("balanced", data, HERE)
    assert config.epochs >= 1
    assert estimate(config, data, HERE) < 480 + rows / 100
    assert {reason.code for reason in why} & {"epochs", "text_budget"}


def test_it_looks_at_few_texts_more_often_and_at_long_ones_whole():
    few, _ = preset("balanced", DataFacts(300, 60), HERE)
    many, _ = preset("balanced", DataFacts(5000, 60), HERE)
    assert few.epochs > many.epochs
    assert preset("balanced", DataFacts(500, 900), HERE)[0].max_tokens == 256
    assert few.max_tokens == 128


def test_it_spends_more_when_asked_for_more():
    data = DataFacts(3000, 120, held_out=500, labels=5)
    times = [estimate(preset(name, data, HERE)[0], data, HERE) for name in ("quick", "balanced", "thorough")]
    assert times == sorted(times)
