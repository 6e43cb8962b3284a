"""After the report a recommender has counted every interaction."""

from __future__ import annotations

import shutil

from training.ml import artifact, recommend
from training.ml.recommend.log import read_data


def test_it_counts_what_it_was_measured_on(shop_run, shop_data, encoder, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(shop_run.model, folder)
    report = recommend.evaluate(folder, shop_data, encoder, encoder).to_json()
    every = len(read_data(shop_data).log)
    assert recommend.load(folder, encoder).tables.popularity.sum() == artifact.verify(folder).examples < every

    recommend.refit(folder, shop_data, encoder, encoder)

    loaded = recommend.load(folder, encoder)
    assert loaded.tables.popularity.sum() == every == artifact.verify(folder).known
    assert recommend.check_probes(loaded) == 1.0
    assert report["interactions"] == every
    before = artifact.sha256_of(folder / artifact.MANIFEST)
    recommend.refit(folder, shop_data, encoder, encoder)
    assert artifact.sha256_of(folder / artifact.MANIFEST) == before
