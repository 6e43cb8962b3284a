"""Read how good a model became, compare versions, take files along."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from projects import access
from projects.enumerating import sentences
from projects.errors import UserError
from projects.models import AuditEvent, Project
from projects.wizard import rail
from training import archive, families, live, problems, reports, runs, wording
from training.ml.families import of_report
from training.models import ModelVersion, TrainingRun
from training.reports import FamilyReport, Report, Standing, Verdict
from training.views import _rows, relabel

logger = logging.getLogger(__name__)


@login_required
@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponse:
    model = _rows.model(request, pk)
    evaluation, standing = model.reported, live.standing(model)
    family = reports.of(model.project.case.family)
    found = evaluation.measured if evaluation else None
    context = {
        "model": model,
        "project": model.project,
        "report": found,
        "standing": standing,
        "body": f"training/_report_{model.project.case.family}.html",
        "verdict": _verdict(family, found, standing),
        "facts": _facts(model, found),
        "since": _since(model, found),
        "others": _rows.versions(model.project).exclude(pk=model.pk).count(),
        "steps": rail(model.project, "result", model.run.dataset),
        "may": _rows.may(request, model.project),
        **(family.context(model.project.case, found) if found else {}),
    }
    mistakes = context.get("mistakes")
    if evaluation and isinstance(mistakes, list) and families.of(of_report(evaluation.report)).shows_rows:
        context |= relabel.context(request, model, mistakes)
    return render(request, "training/report.html", context)


def _verdict(family: FamilyReport[Report], found: Report | None, standing: Standing | None) -> Verdict | None:
    """What the report says; beside the version that is live it is that comparison that decides."""
    verdict = family.verdict(found) if found else None
    if found is None or verdict is None:
        return None
    corrected = found.corrected
    said = family.recalled(corrected.right, corrected.rows) if corrected else ""
    beside = standing is not None and said in standing.why
    return (verdict if beside else verdict.recalling(said)).beside(standing)


def _since(model: ModelVersion, found: Report | None) -> str:
    """That the figures are honest, and that what is published knows more than what they were made on."""
    known = model.about.known
    if not found or not known:
        return ""
    said = reports.of(model.project.case.family).measured_on(found)
    if model.run.test_dataset_id or model.run.dataset.tested_by_id:
        return sentences([said, _("They are your test data, so that the next versions can be measured on them too.")])
    return sentences([said, _("What you publish has learned these too since.")])


def _facts(model: ModelVersion, found: Report | None) -> list[tuple[str, str]]:
    """How it was made, for those who want to know."""
    made, run = model.about, model.run
    trained = made.training
    rows = [
        (_("Data"), run.dataset.name),
        (_("Examples learned from"), "" if made.examples is None else wording.number(made.examples)),
        (_("Examples put aside to choose how it answers"), wording.number(made.aside) if made.aside else ""),
        (_("Examples known to what is published"), wording.number(made.known) if made.known else ""),
        (_("Base model"), _rows.base_title(run.base_model)),
        (_("Preset"), wording.preset_titles().get(run.preset, run.preset)),
        (_("Learning alone took"), "" if trained.seconds is None else wording.duration(trained.seconds)),
        (pgettext("training", "Steps"), "" if trained.steps is None else wording.number(trained.steps)),
    ]
    if found:
        rows += reports.of(model.project.case.family).facts(found)
    return [(name, value) for name, value in rows if value]


@login_required
@require_safe
def models(request: HttpRequest, pk: int) -> HttpResponse:
    """All versions side by side."""
    project = access.project(request.user, pk)
    context = {
        "project": project,
        "versions": _lines(project, _rows.versions(project)),
        "columns": reports.of(project.case.family).columns(),
        "newest": runs.newest_trainable(project),
        "may": _rows.may(request, project),
    }
    return render(request, "training/models.html", context)


def _lines(project: Project, versions: Iterable[ModelVersion]) -> list[dict[str, object]]:
    now = live.of(project)
    return [_line(model, live.standing(model, now) if now else None) for model in versions]


def _line(model: ModelVersion, standing: Standing | None) -> dict[str, object]:
    evaluation, family = model.reported, reports.of(model.project.case.family)
    found = evaluation.measured if evaluation else None
    return {
        "model": model,
        "standing": standing,
        "verdict": _verdict(family, found, standing),
        "figures": list(zip(family.columns(), family.figures(found) if found else ["–"] * 9, strict=False)),
        "brief": family.brief(found) if found else "",
        "tested": family.tested(found) if found else "–",
    }


@login_required
@require_safe
def report_json(request: HttpRequest, pk: int) -> HttpResponse:
    model = _rows.model(request, pk)
    evaluation = model.reported
    response = JsonResponse(
        evaluation.report if evaluation else {}, json_dumps_params={"ensure_ascii": False, "indent": 1}
    )
    response["Content-Disposition"] = f'attachment; filename="{_file_name(model)}-report.json"'
    return response


@login_required
@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse | FileResponse | StreamingHttpResponse:
    """The model folder, zipped while it is sent."""
    model = _rows.model(request, pk)
    if not (model.folder / "manifest.json").exists():
        raise UserError(
            _("The files of this model are not on this machine."),
            _("Its report is still here."),
            _("Ask whoever runs the studio whether the storage is connected."),
            status=404,
        )
    if links := archive.strangers(model.folder):
        logger.error("The model in %s has %s, which is no file of its own", model.folder, links[0])
        raise UserError(
            _("The files of this version are missing or damaged."),
            _("Your data and your other versions are safe."),
            _("Publish another version, or train again."),
            status=409,
        )
    AuditEvent.record(model.project.team, request.user, "model.downloaded", str(model), model=model.pk)
    name = _file_name(model)
    response = StreamingHttpResponse(archive.stream(model.folder, name), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    return response


def _file_name(model: ModelVersion) -> str:
    return f"{slugify(model.project.name) or 'model'}-{model.number}"


@login_required
@require_safe
def project_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """A piece of the project page: the last training, the models, the next thing to do."""
    project = access.project(request.user, pk)
    last = project.runs.select_related("dataset").first()
    context = {
        "project": project,
        "run": last,
        "percent": round(last.progress * 100) if last else 0,
        "phase": wording.phase(last.phase) if last and last.phase else "",
        "left": wording.left(last.seconds_left) if last else "",
        "problem": problems.worded(last) if last and last.state == TrainingRun.State.FAILED else None,
        "versions": _lines(project, _rows.versions(project)[:3]),
        "total": _rows.versions(project).count(),
        "ready": runs.newest_trainable(project),
        "may": _rows.may(request, project),
    }
    return render(request, "training/panel.html", context)
