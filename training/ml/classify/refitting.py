"""After the report: a classifier gets to know the texts that it was measured on, too.

The adapter, the blend and the thresholds stay as they were measured, so that its certainty means what it meant. The words
are counted over all rows, and every known text has the label that the team gave it; see docs/decisions.md.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from training.ml import artifact
from training.ml.classify import words
from training.ml.classify.answering import Probe, probe
from training.ml.classify.loading import load
from training.ml.classify.memory import Memory
from training.ml.classify.rows import read
from training.ml.watching import Silent, Watcher

MOST = 5000
"""Up to so many rows the words are counted again; with more a tenth of them changes nothing."""


def refit(
    model: Path, data: Path, base: Path, embedder: Path, watcher: Watcher | None = None, tested_apart: bool = False
) -> None:
    """Makes every text of a dataset folder known to a model folder that has its report. EMBEDDER is not used.

    TESTED_APART: the test rows came from a file of their own; they stay a test for the versions to come. Done twice it
    is done once.
    """
    manifest, watcher = artifact.verify(model), watcher or Silent()
    if manifest.known:
        return
    parts = ["train", "validation"] if tested_apart else ["train", "validation", "test"]
    rows = [row for part in parts for row in read(data / f"{part}.jsonl")]
    watcher.phase("refitting", len(rows))
    loaded = load(model, base)
    labels = loaded.methods.labels
    memory = Memory.of(rows, labels)
    learned = [row for row in rows if set(row.labels) <= set(labels.names)]
    with artifact.changed_folder(model) as work:
        memory.save(work)
        if len(learned) <= MOST:
            words.fit([row.text for row in learned], labels.targets(learned), labels.multi).save(work)
        known = replace(manifest, known=len(memory))
        artifact.write_manifest(work, replace(known, files={}))
        texts = [one.text for one in artifact.read_probes(work, Probe)]
        artifact.write_probes(work, probe(load(work, base), texts))
        artifact.write_manifest(work, replace(known, files=artifact.file_sums(work)))
