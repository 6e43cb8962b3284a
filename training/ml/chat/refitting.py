"""After the report: a chat model gets to know the rows that it was measured on, too.

The adapter stays as it was measured. A known question is answered by the look-up word for word, so that another pass of
training could not make its answer any righter; see docs/decisions.md.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from training.ml import artifact
from training.ml.chat.rows import read_rows
from training.ml.embed import Embedder
from training.ml.knowledge import Knowledge
from training.ml.watching import Silent, Watcher


def refit(
    model: Path, data: Path, base: Path, embedder: Path, watcher: Watcher | None = None, tested_apart: bool = False
) -> None:
    """Puts every row of a dataset folder among the known answers of a model folder that has its report.

    TESTED_APART: the test rows came from a file of their own; they stay a test for the versions to come. Done twice it
    is done once.
    """
    manifest, watcher = artifact.verify(model), watcher or Silent()
    if manifest.known:
        return
    parts = ["validation"] if tested_apart else ["validation", "test"]
    held = [row.known for part in parts for row in read_rows(data / f"{part}.jsonl")]
    views = [view for pair in held for view in pair.views]
    watcher.phase("refitting", len(views))
    encoder = Embedder(embedder)
    known = Knowledge.open(model)
    pairs = [known[position] for position in range(len(known))] + held
    vectors = encoder.encode(views, "passage", watcher.advance).reshape(len(held), *known.vectors.shape[1:])
    every = np.concatenate([known.vectors, vectors.astype(np.float16)])
    with artifact.changed_folder(model) as work:
        Knowledge.write(work, pairs, every)
        artifact.write_manifest(work, replace(manifest, known=len(pairs), files=artifact.file_sums(work)))
