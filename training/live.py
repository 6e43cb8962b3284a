"""The version that is live, and how another one compares with it on rows that neither had learned."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from projects.models import Project
from training import reports, versions
from training.ml import comparing, families, versus
from training.ml.errors import LearningError
from training.ml.families import of_report
from training.ml.sampling import sample
from training.ml.stored import Stored
from training.models import Evaluation, ModelVersion, TrainingRun
from training.recorder import Recorder
from training.verdicts import Standing

logger = logging.getLogger(__name__)
MOST_ASKED = 200


@dataclass(frozen=True)
class Live:
    """A version and how it answers visitors."""

    model: ModelVersion
    answers_with: str


def of(project: Project) -> Live | None:
    """What answers visitors of a project now; of several assistants the one that was published last."""
    row = _deployed(project)
    if row is None:
        return None
    model = ModelVersion.objects.select_related("run__dataset", "evaluation", "project").get(pk=row[0])
    return Live(model, row[1])


def _deployed(project: Project) -> tuple[int, str] | None:
    """The key of the live version, and how it answers."""
    # Endpoints come after training, so they are reached through the rows that point here.
    found = ModelVersion.objects.filter(
        project=project, deployments__endpoint__published=True, deployments__ended__isnull=True
    ).order_by("-deployments__started", "-deployments__pk")
    return found.values_list("pk", "deployments__answers_with").first()


# In the worker, when a report has been made ---------------------------------------------------------------------


def ask(run: TrainingRun, model: Path, data: Path, embedder: Path, watcher: Recorder) -> None:
    """Lets the live version answer the rows of a new report that it has never met; kept beside the report.

    What both were measured on stands in both reports already. It is extra: a version that cannot be asked any more
    ends no training.
    """
    live, kept = of(run.project), run.folder / versions.LIVE
    if live is None or kept.exists():
        return
    report = json.loads((model / "report.json").read_text(encoding="utf-8"))
    theirs = _report(live.model)
    try:
        rows = sample(comparing.unseen(report, theirs, live.model.run.dataset.folder), MOST_ASKED, 0)
        answers: Mapping[str, object] = {}
        if rows:
            base, theirs_embedder = versions.fetch_bases(live.model.run, watcher)
            place = live.model.run.dataset.folder
            rival = versus.Rival(live.model.folder, place, base, theirs_embedder, live.answers_with)
            watcher.note("asking_live", count=len(rows), number=live.model.number)
            family = run.project.case.family
            answers = families.verbs(family).ask(model, data, embedder, rows, rival, watcher)
    except (LearningError, OSError, ValueError, KeyError):
        logger.warning("Version %s could not be asked for a comparison", live.model, exc_info=True)
        return
    work = kept.with_suffix(".tmp")
    said = {"model": live.model.pk, "answers_with": live.answers_with, "answers": answers}
    work.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    os.replace(work, kept)


# On the pages -------------------------------------------------------------------------------------------------


def standing(model: ModelVersion, live: Live | None = None) -> Standing | None:
    """How a version stands beside the live one; None where nothing is live or one of them was not measured."""
    live = live or of(model.project)
    if live is None:
        return None
    family = reports.of(model.project.case.family)
    if live.model.pk == model.pk:
        return Standing.itself(model.number)
    ours, theirs = model.reported, live.model.reported
    if ours is None or theirs is None:
        return None
    found = _compared((model.pk, ours.created), (live.model.pk, theirs.created), live.answers_with)
    figures = family.beside(found.ours, found.theirs, found.rows, live.model.number) if found.rows else ""
    corrected = ours.measured.corrected
    if corrected and corrected.live != live.model.pk:
        corrected = None  # another version was asked
    recalled = family.recalled(corrected.right, corrected.rows) if corrected else ""
    return Standing.of(found, live.model.number, figures, corrected, recalled)


def overtaken(model: ModelVersion) -> int:
    """The number of the live version that MODEL is better than, where it is worth publishing at all; else 0."""
    row = _deployed(model.project)
    if row is None or row[0] == model.pk:
        return 0  # most pages end here, before a report is read
    stands = standing(model)
    if stands is None or not (stands.word == "better" or (stands.word == "same" and stands.learned)):
        return 0
    evaluation = model.reported
    verdict = reports.of(model.project.case.family).verdict(evaluation.measured) if evaluation else None
    return stands.number if verdict is not None and verdict.beside(stands).kind == "good" else 0


def on_asked(sender: object, model: ModelVersion, **_more: object) -> int:
    return overtaken(model)


@lru_cache(maxsize=256)
def _compared(ours: tuple[int, datetime], theirs: tuple[int, datetime], answers_with: str) -> versus.Comparison:
    """Reports stay as they are, so a comparison is made once. The times tell a studio's rows from another's."""
    mine, other = (Evaluation.objects.select_related("model").get(model=pk) for pk, _created in (ours, theirs))
    system = _published_way(mine)
    answered = comparing.answers(other.report, answers_with)
    if mine.model.about.embedder != other.model.about.embedder:
        answered = comparing.without_meaning(mine.report, answered)
    extra = mine.measured.live
    if extra and (extra.model, extra.answers_with) == (theirs[0], answers_with):
        answered |= comparing.asked(mine.report, extra.answers)
    return comparing.compare(mine.report, system, answered)


def _published_way(mine: Evaluation) -> str:
    """How a version would answer: as its report recommends; where that is nothing, as it was trained."""
    best = reports.recommended(reports.of(of_report(mine.report)), mine.measured)
    return best if comparing.keeps(mine.report, best) else "tuned"


def _report(model: ModelVersion) -> Stored:
    found = model.reported
    return found.report if found else {}
