"""A run from data to a folder that can be loaded again, and what stops it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.training.ml.conftest import Notebook
from tests.training.ml.recommend.conftest import QUICK, customers, write
from training.ml import families, recommend
from training.ml.config import DataFacts, HardwareFacts
from training.ml.errors import BrokenModel, TooFewItems, TooFewPeople


def test_it_makes_a_folder_that_describes_itself(shop_run, loaded):
    assert shop_run.stopped in ("finished", "early") and shop_run.steps > 0
    assert loaded.manifest.family == "recommend"
    assert set(loaded.manifest.files) >= {"adapter_model.safetensors", "ease.npz", "heads.safetensors", "probes.json"}
    assert recommend.check_probes(loaded) == 1.0


def test_it_holds_no_pickles(shop_run):
    for file in shop_run.model.iterdir():
        if file.suffix in (".npz", ".npy"):
            stored = np.load(file, allow_pickle=False)
            assert all(stored[name].dtype != object for name in getattr(stored, "files", []))


def test_it_notices_a_damaged_file(shop_run, encoder, tmp_path):
    import shutil

    broken = shutil.copytree(shop_run.model, tmp_path / "model")
    (broken / "ease.npz").write_bytes(b"nothing")
    with pytest.raises(BrokenModel):
        recommend.load(broken, encoder)


@pytest.mark.slow
def test_it_learns_again_to_the_same_model_after_a_stop(tmp_path, shop_data, encoder, shop_run):
    config = replace(QUICK, checkpoint_steps=1)
    out = tmp_path / "stopped"
    first = recommend.fit(shop_data, encoder, encoder, out, config, Notebook(stop_after=3))
    assert first.model is None and first.stopped == "cancelled"
    second = recommend.fit(shop_data, encoder, encoder, out, config)
    ours = recommend.load(second.model, encoder)
    theirs = recommend.load(shop_run.model, encoder)
    np.testing.assert_array_equal(ours.library.sentence, theirs.library.sentence)


def test_it_asks_for_more_people_and_items(tmp_path, encoder):
    with pytest.raises(TooFewPeople):
        recommend.fit(write(tmp_path / "few", customers(8)), encoder, encoder, tmp_path / "a", QUICK)
    lines = [{"person": f"p{p}", "item": f"i{n}", "when": p * 10.0 + n} for p in range(40) for n in range(6)]
    with pytest.raises(TooFewItems):
        recommend.fit(write(tmp_path / "same", lines, []), encoder, encoder, tmp_path / "b", QUICK)


def test_it_learns_without_titles_times_and_prices(tmp_path, encoder):
    lines = [line | {"when": None, "basket": None} for line in customers(60)]
    data = write(tmp_path / "bare", lines, [])
    done = recommend.fit(data, encoder, encoder, tmp_path / "run", QUICK)
    report = recommend.evaluate(done.model, data, encoder, encoder).to_json()
    assert report["protocol"] == "last_items" and report["conditions"]["share"] is None
    assert len(recommend.answer(recommend.load(done.model, encoder), ["g0r"], k=5)) == 5


def test_it_writes_the_report(shop_run, report):
    assert json.loads((shop_run.model / "report.json").read_text()) == report
    assert report["conditions"]["share"] == 1.0
    assert 0.99 < sum(report["blend"].values()) < 1.01


def test_its_presets_grow_with_effort():
    presets, data = (
        families.of("recommend").presets,
        DataFacts(rows=80_000, question_characters=40, people=1200, items=3400),
    )
    machine = HardwareFacts(bf16=True, cores=1)
    seconds = [
        presets.estimate(presets.preset(name, data, machine)[0], data, machine)
        for name in ("quick", "balanced", "thorough")
    ]
    assert seconds == sorted(seconds) and seconds[1] < 300


def test_it_learns_where_nothing_can_be_held_out(tmp_path, encoder):
    lines = [
        {"person": f"p{p}", "item": f"i{(p * 7 + n) % 30}", "when": p * 100.0 + n} for p in range(40) for n in range(3)
    ]
    data = write(tmp_path / "thin", lines, [])
    done = recommend.fit(data, encoder, encoder, tmp_path / "run", QUICK)
    assert len(recommend.answer(recommend.load(done.model, encoder), ["i1"], k=5)) == 5
    with pytest.raises(TooFewPeople):
        recommend.evaluate(done.model, data, encoder, encoder)
