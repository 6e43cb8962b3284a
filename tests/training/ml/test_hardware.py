"""What a training computes on, asked for or found."""

from __future__ import annotations

import pytest

from training.ml.errors import MissingDevice
from training.ml.hardware import hardware


@pytest.mark.parametrize("card", ["cuda", "cuda:7"])
def test_it_does_not_take_the_processor_for_a_card_that_is_not_there(card, monkeypatch):
    monkeypatch.setenv("ATELIER_DEVICE", card)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 0)  # wherever this runs
    with pytest.raises(MissingDevice, match="there is no such card here"):
        hardware()


def test_it_takes_the_processor_when_that_is_asked_for(monkeypatch):
    monkeypatch.setenv("ATELIER_DEVICE", "cpu")
    assert hardware().kind == "cpu"
