"""Every family learns, reports and answers on a device that is not the processor; test_devices.py runs this by itself."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from projects.usecases import all_use_cases
from tests import second_device, tiny
from tests.training.ml.classify.conftest import QUICK as TEXTS
from tests.training.ml.classify.conftest import signals, write
from tests.training.ml.conftest import QUICK, Notebook
from tests.training.ml.recommend.conftest import QUICK as SHOP
from tests.training.ml.recommend.conftest import customers
from tests.training.ml.recommend.conftest import write as write_shop
from training.ml import artifact
from training.ml.config import TrainConfig

ASKED = [{"role": "user", "content": "Where is my order?"}]


@dataclass(frozen=True)
class Case:
    """What one family needs to be tried."""

    family: str
    base: str
    config: TrainConfig

    data: Callable[[Path], Path]
    ask: Callable[[Any, Any], Any]


CASES = [
    Case("chat", "base", QUICK, tiny.dataset, lambda chat, loaded: "".join(chat.answer(loaded, ASKED, chat.AnswerOptions(4)))),
    Case(
        "classify", "encoder", TEXTS, tiny.labelled,
        lambda classify, loaded: classify.answer(loaded, ["a lovely parcel"], explain=True),
    ),
    Case(
        "recommend", "encoder", SHOP, lambda folder: write_shop(folder, customers()),
        lambda recommend, loaded: recommend.answer(loaded, ["g0r"], "a red kettle", k=3),
    ),
]  # fmt: skip


@pytest.fixture
def device(monkeypatch):
    """A second device, and the studio told to use it."""
    with second_device.present() as name:
        monkeypatch.setenv("ATELIER_DEVICE", name)
        yield name


def test_it_tries_every_family() -> None:
    assert {case.family for case in CASES} == {case.family for case in all_use_cases()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.family)
def test_it_learns_goes_on_reports_and_answers_there(case, device, request, encoder, tmp_path) -> None:
    base, data = request.getfixturevalue(case.base), case.data(tmp_path / "data")
    module = importlib.import_module(f"training.ml.{case.family}")
    config = replace(case.config, checkpoint_steps=1, epochs=1, tokens_per_step=512, max_new_tokens=4)
    stopped = module.fit(data, base, encoder, tmp_path / "run", config, Notebook(stop_after=2))
    assert stopped.stopped == "cancelled"
    notebook = Notebook()
    result = module.fit(data, base, encoder, tmp_path / "run", config, notebook)
    assert notebook.notes["hardware"]["device"] == device and "resumed" in notebook.notes
    module.evaluate(result.model, data, base, encoder)
    assert (result.model / artifact.REPORT).exists()
    loaded = module.load(result.model, base)
    assert case.ask(module, loaded)


def test_it_gives_several_labels_there(device, encoder, tmp_path) -> None:
    from training.ml import classify

    data = write(tmp_path / "data", signals(70), signals(21), signals(14))
    result = classify.fit(data, encoder, encoder, tmp_path / "run", TEXTS)
    assert classify.answer(classify.load(result.model, encoder), ["costly noodles"])


@pytest.mark.parametrize("mixed", ["a sum", "an array", "a generator"])
def test_the_second_device_refuses_what_a_gpu_refuses(device, mixed) -> None:
    import torch

    there, here = torch.ones(3, device=device), torch.ones(3)
    tries = {
        "a sum": lambda: there + here,
        "an array": there.numpy,
        "a generator": lambda: torch.multinomial(there, 1, generator=torch.Generator()),
    }
    with pytest.raises(RuntimeError):
        tries[mixed]()
    assert (there + here.to(device)).cpu().numpy().tolist() == [2, 2, 2]
