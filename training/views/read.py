"""Read how good a model became, compare versions, take files along."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from projects import access
from projects.errors import UserError
from projects.models import AuditEvent, Dataset
from projects.wizard import rail
from training import archive, problems, reports, wording
from training.models import ModelVersion, TrainingRun
from training.views import _rows, relabel


@login_required
@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponse:
    model = _rows.model(request, pk)
    found = _rows.report_of(model)
    family = reports.of(model.project.case.family)
    context = {
        "model": model,
        "project": model.project,
        "report": found,
        "body": f"training/_report_{model.project.case.family}.html",
        "verdict": reports.verdict(found) if found else None,
        "facts": _facts(model, found),
        "others": _rows.versions(model.project).exclude(pk=model.pk).count(),
        "steps": rail(model.project, "result", model.run.dataset),
        "may": _rows.may(request, model.project),
        **(family.context(model.project.case, found) if found else {}),
    }
    if found.get("family") == "classify":
        context |= relabel.context(request, model, context["mistakes"])
    return render(request, "training/report.html", context)


def _facts(model: ModelVersion, found: dict[str, Any]) -> list[tuple[str, str]]:
    """How it was made, for those who want to know."""
    made, run = model.manifest, model.run
    trained = made.get("training", {})
    rows = [
        (_("Data"), run.dataset.name),
        (_("Examples learned from"), wording.number(made["examples"]) if "examples" in made else ""),
        (_("Base model"), _rows.base_title(run.base_model)),
        (_("Preset"), _rows.preset_titles().get(run.preset, run.preset)),
        (_("Training took"), wording.duration(trained["seconds"]) if "seconds" in trained else ""),
        (_("Steps"), wording.number(trained["steps"]) if "steps" in trained else ""),
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
        "versions": [_line(model) for model in _rows.versions(project)],
        "columns": reports.of(project.case.family).columns(),
        "newest": project.datasets.filter(state=Dataset.State.READY, purpose="all").first(),
        "may": _rows.may(request, project),
    }
    return render(request, "training/models.html", context)


def _line(model: ModelVersion) -> dict[str, Any]:
    found, family = _rows.report_of(model), reports.of(model.project.case.family)
    return {
        "model": model,
        "verdict": reports.verdict(found) if found else None,
        "figures": list(zip(family.columns(), family.figures(found) if found else ["–"] * 9, strict=False)),
        "brief": family.brief(found) if found else "",
        "rows": len(found.get("rows", [])),
    }


@login_required
@require_safe
def report_json(request: HttpRequest, pk: int) -> HttpResponse:
    model = _rows.model(request, pk)
    found = _rows.report_of(model)
    response = JsonResponse(found, json_dumps_params={"ensure_ascii": False, "indent": 1})
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
        "versions": [_line(model) for model in _rows.versions(project)[:3]],
        "total": _rows.versions(project).count(),
        "ready": project.datasets.filter(state=Dataset.State.READY, purpose="all").first(),
        "may": _rows.may(request, project),
    }
    return render(request, "training/panel.html", context)
