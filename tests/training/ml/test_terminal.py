"""`python -m training.ml FAMILY fit|evaluate|answer` does its work for each family, with tiny models."""

from __future__ import annotations

import json

import pytest

from tests import tiny
from tests.training.ml.recommend.conftest import customers, shop, write
from training.ml import __main__ as terminal
from training.ml import families

SETTINGS = {
    "chat": {"epochs": 1, "max_new_tokens": 8, "policy_rows": 2, "validations": 1, "validation_rows": 2},
    "classify": {"epochs": 1},
    "recommend": {"steps": 2, "validations": 1},
}
DATA = {
    "chat": tiny.dataset,
    "classify": tiny.labelled,
    "recommend": lambda folder: write(folder, customers(), shop()),
}


@pytest.mark.parametrize("family", sorted(families.every()))
def test_it_learns_measures_and_answers(family, tmp_path, monkeypatch, capsys):
    models = tiny.base_models(tmp_path / "models")
    encoder = models / "all-minilm-l6-v2"
    data, out = DATA[family](tmp_path / "data"), tmp_path / "run"
    of = ["--base", str(models / families.of(family).base), "--embedder", str(encoder)]

    def say(*words: str) -> str:
        monkeypatch.setattr("sys.argv", ["training.ml", family, *words, *of])
        assert terminal.main() == 0
        return capsys.readouterr().out

    fitted = say("fit", str(data), str(out), "--preset", "quick", "--set", json.dumps(SETTINGS[family]))
    assert json.loads(fitted)["model"] == str(out / "model")
    measured = json.loads(say("evaluate", str(out / "model"), str(data), "--limit", "4"))
    assert measured["scores"]["tuned"] and measured["verdict"]
    assert say("answer", str(out / "model"), "Where is my order number 3?").strip()


def test_a_terminal_says_what_is_wrong_and_not_where(tmp_path, monkeypatch, capsys):
    models = tiny.base_models(tmp_path / "models")
    data = tiny.dataset(tmp_path / "data", train=3, held_out=0)
    words = ["training.ml", "chat", "fit", str(data), str(tmp_path / "run"), "--base"]
    words += [str(models / "smollm2-135m-instruct"), "--embedder", str(models / "all-minilm-l6-v2")]
    monkeypatch.setattr("sys.argv", words)
    assert terminal.main() == 2
    assert "Traceback" not in capsys.readouterr().err
