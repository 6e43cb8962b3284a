"""What people corrected, asked again: whether a new version, and the one that is live, give it as they are published."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from projects import privacy, quality
from training import live, reports, versions
from training.ml import families
from training.ml.errors import LearningError
from training.ml.reports import Corrected
from training.ml.versus import Rival
from training.models import TrainingRun
from training.recorder import Recorder

logger = logging.getLogger(__name__)


def ask(run: TrainingRun, model: Path, base: Path, embedder: Path, watcher: Recorder) -> None:
    """Asks both for the corrected rows of the data, once MODEL knows them; kept beside the report.

    It is extra: what cannot be asked ends no training.
    """
    pinned, kept = set(run.dataset.pinned), run.folder / versions.CORRECTED
    if not pinned or kept.exists():
        return
    family = run.project.case.family
    recall = families.verbs(family).recall

    def settled(text: str) -> bool:
        return quality.key(privacy.mask(text)) in pinned

    def right(version: Rival) -> list[bool]:
        return recall(run.dataset.folder, settled, version, watcher)

    try:
        stored = reports.read(json.loads((model / "report.json").read_text(encoding="utf-8")), family)
        way = reports.recommended(reports.of(family), stored)
        ours = right(Rival(model, run.dataset.folder, base, embedder, way))
        if not ours:
            return
        found = Corrected(rows=len(ours), right=sum(ours), **_of_live(run, right, watcher))
    except (LearningError, OSError, ValueError, KeyError):
        logger.warning("Nobody could be asked for the corrections of %s", run.dataset, exc_info=True)
        return
    work = kept.with_suffix(".tmp")
    work.write_text(json.dumps(asdict(found)), encoding="utf-8")
    os.replace(work, kept)


def _of_live(run: TrainingRun, right: Callable[[Rival], list[bool]], watcher: Recorder) -> dict[str, int]:
    """What the version that is live makes of the same rows by itself; nothing where none is, or it is gone."""
    now = live.of(run.project)
    if now is None:
        return {}
    try:
        base, embedder = versions.fetch_bases(now.model.run, watcher)
        place = now.model.run.dataset.folder
        theirs = right(Rival(now.model.folder, place, base, embedder, now.answers_with))
    except (LearningError, OSError, ValueError, KeyError):
        logger.warning("Version %s could not be asked for corrections", now.model, exc_info=True)
        return {}
    return {"live": now.model.pk, "live_right": sum(theirs)}
