"""After the report: a recommender counts what it was measured on, too.

The adapter, the blend and every choice stay as they were measured; the tables are built once more, from the whole log.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from training.ml import artifact
from training.ml.recommend import store
from training.ml.recommend.building import Described, build
from training.ml.recommend.details import Details
from training.ml.recommend.log import read_data
from training.ml.recommend.probing import probes_of
from training.ml.watching import Silent, Watcher


def refit(
    model: Path, data: Path, base: Path, embedder: Path, watcher: Watcher | None = None, tested_apart: bool = False
) -> None:
    """Counts every interaction of a dataset folder in a model folder that has its report. EMBEDDER is not used.

    A test file of the owner's (TESTED_APART, a file of its own in the folder) stays a test. Done twice it is done once.
    """
    manifest, watcher = artifact.verify(model), watcher or Silent()
    if manifest.known:
        return
    watcher.phase("refitting")
    found = read_data(data)
    tables, sentence, projection = store.read_tables(model)
    described = Described(tables.words, tables.text, tables.lora, sentence, tables.heads, projection)
    every = build(found.log, len(found.people), described, Details.from_json(manifest.details).choices)
    with artifact.changed_folder(model) as work:
        store.write_tables(work, every, described)
        known = replace(manifest, known=len(found.log))
        artifact.write_manifest(work, replace(known, files=artifact.file_sums(work)))
        artifact.write_probes(work, probes_of(work, base))
        artifact.write_manifest(work, replace(known, files=artifact.file_sums(work)))
