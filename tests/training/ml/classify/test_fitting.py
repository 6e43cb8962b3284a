"""A run from labelled texts to a folder that can be loaded again, and what stops it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from tests import tiny
from tests.training.ml.classify.conftest import QUICK, write
from tests.training.ml.conftest import Notebook
from training.ml import classify
from training.ml.artifact import read_manifest
from training.ml.classify.encoder import add_adapter
from training.ml.errors import BrokenModel, OneLabel, TooLittleData, WrongBase


def test_it_makes_a_folder_that_describes_itself(run, loaded):
    result, notebook = run
    assert result.stopped in ("finished", "early") and result.steps > 0
    assert loaded.manifest.family == "classify"
    assert loaded.labels == ("negative", "neutral", "positive")
    assert set(loaded.manifest.files) >= {"adapter_model.safetensors", "heads.npz", "words.json", "probes.json"}
    assert "blend" in notebook.notes and notebook.phases[-1] == "saving"


def test_it_holds_no_pickles(run):
    for file in run[0].model.glob("*.npz"):
        with np.load(file, allow_pickle=False) as stored:
            assert all(stored[name].dtype != object for name in stored.files)


def test_it_serves_what_was_trained(run, loaded):
    assert classify.check_probes(loaded, run[0].model) == 1.0


def test_it_notices_a_model_that_answers_differently(run, encoder, tmp_path):
    folder = shutil.copytree(run[0].model, tmp_path / "model")
    stored = json.loads((folder / "probes.json").read_text())
    changed = [one | {"label": "neutral" if one["label"] != "neutral" else "positive", "score": 0.99} for one in stored]
    (folder / "probes.json").write_text(json.dumps(changed))
    manifest = read_manifest(folder)
    (folder / "manifest.json").write_text(json.dumps(manifest.to_json() | {"files": {}}))
    assert classify.check_probes(classify.load(folder, encoder), folder) < 1.0


def test_it_notices_a_damaged_file(run, encoder, tmp_path):
    folder = shutil.copytree(run[0].model, tmp_path / "model")
    (folder / "words.npz").write_bytes(b"nothing")
    with pytest.raises(BrokenModel):
        classify.load(folder, encoder)


def test_it_refuses_another_base(run, tmp_path):
    with pytest.raises(WrongBase):
        classify.load(run[0].model, tiny.sentence_encoder(tmp_path / "other"))


def test_it_goes_on_after_a_stop_to_the_same_model(tmp_path, moods, encoder, run):
    config = replace(QUICK, checkpoint_steps=1)
    first = classify.fit(moods, encoder, encoder, tmp_path / "stopped", config, Notebook(stop_after=3))
    assert first.model is None and first.stopped == "cancelled"
    second = classify.fit(moods, encoder, encoder, tmp_path / "stopped", config)
    ours, theirs = (classify.load(folder, encoder) for folder in (second.model, run[0].model))
    np.testing.assert_array_equal(ours.methods.arrays.head.weights, theirs.methods.arrays.head.weights)
    assert (second.model / "adapter_model.safetensors").read_bytes() == (
        run[0].model / "adapter_model.safetensors"
    ).read_bytes()


def test_it_asks_for_two_labels_and_some_texts(encoder, tmp_path):
    with pytest.raises(OneLabel) as found:
        classify.fit(write(tmp_path / "one", [(f"text {i}", "good") for i in range(40)]), encoder, encoder,
                     tmp_path / "a", QUICK)  # fmt: skip
    assert found.value.facts == {"label": "good", "count": 40}
    with pytest.raises(TooLittleData):
        classify.fit(write(tmp_path / "few", [("good", "a"), ("bad", "b")]), encoder, encoder, tmp_path / "b", QUICK)


@pytest.mark.parametrize("count", [8, 30])
def test_it_learns_from_very_few_texts(encoder, tmp_path, count):
    pairs = [(f"{'lovely' if i % 2 else 'broken'} parcel {i}", "good" if i % 2 else "bad") for i in range(count)]
    data = write(tmp_path / "data", pairs, [], pairs[:6])
    result = classify.fit(data, encoder, encoder, tmp_path / "run", QUICK)
    report = classify.evaluate(result.model, data, encoder, encoder).to_json()
    assert report["scores"]["tuned"]["accuracy"]["mean"] >= 0.5


def test_it_keeps_a_label_that_has_one_text(encoder, tmp_path):
    pairs = [(f"{'lovely' if i % 2 else 'broken'} parcel {i}", "good" if i % 2 else "bad") for i in range(60)]
    data = write(tmp_path / "data", [*pairs, ("a strange question", "rare")], [], [*pairs[:8], ("unheard of", "new")])
    result = classify.fit(data, encoder, encoder, tmp_path / "run", QUICK)
    report = classify.evaluate(result.model, data, encoder, encoder).to_json()
    assert report["labels"] == ["bad", "good", "rare", "new"]
    assert [one["support"] for one in report["per_class"]] == [4, 4, 0, 1]


def test_the_upper_half_of_a_deep_encoder_learns():
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    shape = {"hidden_size": 16, "intermediate_size": 16, "num_attention_heads": 2, "vocab_size": 50}
    deep = add_adapter(BertModel(BertConfig(num_hidden_layers=8, **shape), add_pooling_layer=False), QUICK)
    learning = {
        int(name.split(".layer.")[1].split(".")[0]) for name, one in deep.named_parameters() if one.requires_grad
    }
    assert learning == {2, 3, 4, 5, 6, 7}
