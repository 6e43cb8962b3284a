"""What the presets choose for small, large and Chinese data."""

from __future__ import annotations

import pytest

from tests.training.ml.classify.conftest import write
from training.ml.classify.presets import estimate, preset
from training.ml.classify.rows import parts
from training.ml.config import DataFacts, HardwareFacts

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


def test_two_thousand_chinese_reviews_take_no_longer_than_as_many_english_ones():
    """Half of the deeper encoder's layers learn, for half as long: what is read in all is what costs there."""
    chinese = DataFacts(1600, 55, held_out=200, labels=2, wide_characters=0.9)
    config, _why = preset("balanced", chinese, HERE)
    assert estimate(config, chinese, HERE) < 100


def test_it_says_how_many_examples_it_learns_from_and_how_many_choose(tmp_path):
    """Small data has a part of its training rows put aside; the page before the training says so."""
    pairs = [(f"text number {n}", f"label {n % 4}") for n in range(86)]
    found = parts(write(tmp_path / "small", pairs, pairs[:8]))
    _config, reasons = preset("balanced", DataFacts(86, 60, labels=4, checks=8), HERE)
    said = {one.code: one.facts for one in reasons}
    assert (len(found.train), found.aside) == (73, 13)
    assert (said["epochs"]["rows"], said["put_aside"]["rows"]) == (len(found.train), found.aside)
    _config, reasons = preset("balanced", DataFacts(86, 60, labels=4, checks=20), HERE)
    assert "put_aside" not in {one.code for one in reasons}
