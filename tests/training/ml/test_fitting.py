"""Learning: it ends, resumes, stops early, survives small memory, and says why it cannot go on."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests import tiny
from tests.training.ml.conftest import QUICK, Notebook
from training.ml import chat, loop
from training.ml.errors import NotANumber, OutOfMemory, SameAnswers, TooLittleData

ROOT = Path(__file__).resolve().parents[3]
RUN = """
import sys, torch
from pathlib import Path
torch.set_num_threads(1)
from tests.training.ml.conftest import QUICK, Notebook
from dataclasses import replace
from training.ml import chat
class Loud(Notebook):
    def step(self, record):
        print(record.step, repr(record.loss), flush=True)
        if self.pause: __import__("time").sleep(self.pause)
watcher = Loud(); watcher.pause = float(sys.argv[5])
config = replace(QUICK, dropout=0.1, checkpoint_steps=2)
chat.fit(*map(Path, sys.argv[1:5]), config, watcher)
"""


def adapter_hash(run: Path) -> str:
    return hashlib.sha256((run / "model" / "adapter_model.safetensors").read_bytes()).hexdigest()


def test_it_learns(fitted) -> None:
    result, notebook = fitted
    assert result.stopped == "finished"
    assert result.steps == result.total == len(notebook.steps)
    assert notebook.steps[-1].loss < notebook.steps[0].loss
    assert notebook.phases == ["reading", "embedding", "preparing", "training", "saving", "choosing"]
    assert [record.step for record in notebook.steps if record.validation_loss is not None][-1] == result.total


@pytest.mark.slow
def test_it_goes_on_after_a_kill_as_if_nothing_had_happened(tmp_path, base, encoder, data) -> None:
    arguments = [sys.executable, "-c", RUN, str(data), str(base), str(encoder)]
    options = {"cwd": ROOT, "env": os.environ | {"OMP_NUM_THREADS": "1"}, "text": True}
    calm = subprocess.Popen([*arguments, str(tmp_path / "calm"), "0"], stdout=subprocess.PIPE, **options)
    with subprocess.Popen([*arguments, str(tmp_path / "hit"), "0.3"], stdout=subprocess.PIPE, **options) as process:
        lost = _losses_until(process, 5)
        os.kill(process.pid, signal.SIGKILL)
    undisturbed, _ = calm.communicate(timeout=60)
    again = subprocess.run([*arguments, str(tmp_path / "hit"), "0"], capture_output=True, check=True, **options)
    wanted = dict(line.split() for line in undisturbed.splitlines())
    resumed = dict(line.split() for line in again.stdout.splitlines())
    assert "1" not in resumed and set(resumed) | set(lost) == set(wanted)
    assert wanted == wanted | lost | resumed
    assert adapter_hash(tmp_path / "hit") == adapter_hash(tmp_path / "calm")


def _losses_until(process: subprocess.Popen[str], step: int) -> dict[str, str]:
    found: dict[str, str] = {}
    assert process.stdout is not None
    deadline = time.monotonic() + 60
    for line in process.stdout:
        number, loss = line.split()
        found[number] = loss
        if int(number) >= step or time.monotonic() > deadline:
            break
    return found


def test_it_stops_when_asked_and_goes_on_later(tmp_path, base, encoder, data) -> None:
    stopped = chat.fit(data, base, encoder, tmp_path / "run", QUICK, Notebook(stop_after=3))
    assert (stopped.stopped, stopped.model, stopped.steps) == ("cancelled", None, 3)
    notebook = Notebook()
    finished = chat.fit(data, base, encoder, tmp_path / "run", QUICK, notebook)
    assert notebook.notes["resumed"] == {"step": 3}
    assert finished.stopped == "finished" and notebook.steps[0].step == 4


def test_it_stops_early_when_validation_gets_worse_and_keeps_the_best() -> None:
    learner = Numbers([1.0, 0.5, 0.6, 0.7, 0.8])
    config = replace(QUICK, validations=5, patience=2)
    notebook = Notebook()
    outcome = loop.train(learner, [[0]] * 5, config, learner.folder, notebook)
    assert (outcome.stopped, outcome.steps, outcome.best_step) == ("early", 4, 2)
    assert notebook.notes["early_stop"] == {"step": 4, "best": 2}
    assert learner.weight.item() == pytest.approx(learner.at_look[1])


def test_it_says_when_the_loss_is_no_number() -> None:
    learner = Numbers([1.0], loss=float("nan"))
    with pytest.raises(NotANumber) as error:
        loop.train(learner, [[0]], QUICK, learner.folder)
    assert error.value.facts["step"] == 1


def test_it_takes_smaller_steps_when_memory_runs_out() -> None:
    whole, small = Numbers([1.0]), Numbers([1.0], most=1)
    notebook = Notebook()
    for learner in (whole, small):
        loop.train(learner, [[0, 1, 2, 3]], QUICK, learner.folder, notebook)
    assert notebook.notes["smaller_steps"]["tokens"] == QUICK.tokens_per_step // 4
    assert small.weight.item() == pytest.approx(whole.weight.item())


def test_it_gives_up_when_even_one_example_is_too_much() -> None:
    learner = Numbers([1.0], most=0)
    with pytest.raises(OutOfMemory):
        loop.train(learner, [[0, 1]], QUICK, learner.folder)


def test_it_refuses_too_few_rows(tmp_path, base, encoder) -> None:
    data = tiny.dataset(tmp_path / "data", train=3)
    with pytest.raises(TooLittleData) as error:
        chat.fit(data, base, encoder, tmp_path / "run", QUICK)
    assert error.value.facts == {"found": 3, "needed": 8}


def test_it_refuses_rows_that_all_have_one_answer(tmp_path, base, encoder) -> None:
    data = tiny.dataset(tmp_path / "data")
    tiny.write_part(data / "train.jsonl", [(f"Question {i}", "Always this.") for i in range(9)])
    with pytest.raises(SameAnswers):
        chat.fit(data, base, encoder, tmp_path / "run", QUICK)


class Numbers:
    """A learner with one weight, told losses, and a limit on how many examples fit in memory."""

    def __init__(self, looks: list[float], loss: float = 1.0, most: int = 99) -> None:
        import tempfile

        self.folder = Path(tempfile.mkdtemp())
        self.weight = torch.nn.Parameter(torch.ones(1))
        self.looks, self.value, self.most = iter(looks), loss, most
        self.at_look: list[float] = []

    def weights(self) -> dict[str, torch.nn.Parameter]:
        return {"weight": self.weight}

    def loss(self, batch) -> tuple[torch.Tensor, int]:
        if len(batch) > self.most:
            raise MemoryError
        return (self.weight * self.value * len(batch)).sum(), len(batch)

    def validation_loss(self) -> float:
        self.at_look.append(self.weight.item())
        return next(self.looks)

    def tokens(self, batch) -> int:
        return len(batch) * 10


def test_it_does_not_learn_to_say_no_more_than_yes(tmp_path, base, encoder) -> None:
    data = tiny.dataset(tmp_path / "data")
    longer = [(f"Does part {i} fit?", f"It fits model {i} well.") for i in range(20)]
    tiny.write_part(data / "train.jsonl", [*longer, ("Does it fit?", "Yes."), ("Is it red?", "No")])
    notebook = Notebook()
    result = chat.fit(data, base, encoder, tmp_path / "run", replace(QUICK, epochs=1, policy_rows=1), notebook)
    assert notebook.notes["short_answers"] == {"count": 2}
    assert result.examples == 22
