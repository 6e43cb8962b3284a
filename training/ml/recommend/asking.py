"""Asking a recommender what it shows to people that another version was measured on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from training.ml.recommend.choosing import task
from training.ml.recommend.loading import load
from training.ml.recommend.log import read_data
from training.ml.recommend.metrics import top
from training.ml.recommend.report import Tested
from training.ml.recommend.scoring import of_history, seen
from training.ml.recommend.splitting import split
from training.ml.recommend.versus import key
from training.ml.versus import Rival
from training.ml.watching import Watcher


def ask(
    model: Path,
    data: Path,
    embedder: Path,
    rows: Sequence[Tested],
    rival: Rival,
    watcher: Watcher | None = None,
) -> dict[str, list[str]]:
    """The ten that RIVAL shows for the histories behind these rows; things it does not know are passed over."""
    loaded, found = load(rival.model, rival.base), read_data(data)
    parts = split(found)
    asked = task(parts.learned, parts.test, len(found.items), len(found.people))
    histories = {
        found.people[int(person)]: history for person, history in zip(asked.people, asked.batch.histories, strict=True)
    }
    shown = {}
    for row in rows:
        names = [found.items[place].item for place in histories[row.person].tolist()]
        batch = of_history([loaded.places[name] for name in names if name in loaded.places])
        taken = seen(batch, len(loaded.items))
        places = top(np.where(taken, -np.inf, loaded.scores(batch, rival.answers_with)))[0]
        shown[key(row)] = [loaded.items[place].item for place in places]
    return shown


def recall(data: Path, settled: Callable[[str], bool], version: Rival, watcher: Watcher | None = None) -> list[bool]:
    """Nothing: what people settle holds for a recommender without a training."""
    return []
