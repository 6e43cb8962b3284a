"""Pages of training: choose how thorough, watch it, read how good it became."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from projects import access
from projects.errors import UserError
from projects.models import AuditEvent, Dataset, Project
from projects.wizard import rail
from training import archive, plan, problems, reports, runs, wording
from training.basemodels import base_models
from training.forms import StartForm
from training.models import ModelVersion, StepMetric, TrainingRun

MOST_POINTS = 600


def _run(request: HttpRequest, pk: int, role: str = access.VIEWER) -> TrainingRun:
    return access.row(request.user, TrainingRun.objects.select_related("dataset").filter(pk=pk), role)


def _model(request: HttpRequest, pk: int) -> ModelVersion:
    found = ModelVersion.objects.select_related("run__dataset", "evaluation").filter(pk=pk)
    return access.row(request.user, found)


def _may(request: HttpRequest, project: Project) -> bool:
    return access.membership(request.user, project.team).may(access.EDITOR)


# Choose ----------------------------------------------------------------------------------------------------


@login_required
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Three cards. GET shows them, POST starts."""
    dataset = access.dataset(request.user, pk, access.EDITOR if request.method == "POST" else access.VIEWER)
    runs.check_ready(dataset)
    plans = plan.all_presets(dataset)
    form = StartForm(request.POST or None, plans=plans, family=dataset.project.case.family)
    if request.method == "POST" and form.is_valid():
        run = runs.start(dataset, form.cleaned_data["preset"], form.overrides(), request.user)
        return redirect("training:run", run.pk)
    context = {
        "dataset": dataset,
        "project": dataset.project,
        "form": form,
        "cards": _cards(plans, form["preset"].value() or plan.recommended(plans)),
        "reasons": wording.reasons([pair for pair in _common(plans) if pair[0] != "no_worker"]),
        "alone": any(code == "no_worker" for code, _facts in plans[0].reasons),
        "steps": rail(dataset.project, "train", dataset),
        "may": _may(request, dataset.project),
        "open_run": dataset.runs.filter(state__in=TrainingRun.OPEN).first(),
    }
    return render(request, "training/new.html", context, status=422 if form.errors else 200)


def _cards(plans: list[plan.Plan], chosen: str) -> list[dict[str, Any]]:
    best = plan.recommended(plans)
    shared = {tuple_of(pair) for pair in _common(plans)}
    return [
        {
            "preset": one.preset,
            "title": _preset_titles()[one.preset],
            "text": _preset_texts()[one.preset],
            "time": wording.duration(one.seconds),
            "own": wording.reasons([pair for pair in one.reasons if tuple_of(pair) not in shared]),
            "chosen": one.preset == chosen,
            "recommended": one.preset == best,
        }
        for one in plans
    ]


def tuple_of(pair: list[Any]) -> tuple[str, str]:
    return pair[0], repr(pair[1])


def _common(plans: list[plan.Plan]) -> list[list[Any]]:
    """Reasons that hold for all presets; the rest stands on the cards."""
    everywhere = set.intersection(*({tuple_of(pair) for pair in one.reasons} for one in plans))
    return [pair for pair in plans[0].reasons if tuple_of(pair) in everywhere]


def _preset_titles() -> dict[str, str]:
    return {"quick": _("Quick"), "balanced": _("Balanced"), "thorough": _("Thorough")}


def _preset_texts() -> dict[str, str]:
    return {
        "quick": _("A first version to see whether the data works. Good for trying things out."),
        "balanced": _("Learns from much of your data and is measured with care. Right for most teams."),
        "thorough": _("Takes all the time it can use, and checks more often. For the version that stays."),
    }


# Watch -----------------------------------------------------------------------------------------------------


@login_required
@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponse:
    found = _run(request, pk)
    context = {**_state(request, found), "steps": rail(found.project, "train", found.dataset)}
    return render(request, "training/run.html", context)


@login_required
@require_safe
def run_state(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that changes; without the trigger once the run is over, so that the polling ends."""
    return render(request, "training/run.html#state", {**_state(request, _run(request, pk)), "fresh": True})


def _state(request: HttpRequest, found: TrainingRun) -> dict[str, Any]:
    log = [(line.at, sentence) for line in found.log.order_by("-id")[:60] if (sentence := _log(line))]
    return {
        "run": found,
        "project": found.project,
        "phase": wording.phase(found.phase) if found.phase else _("Getting ready"),
        "left": wording.left(found.seconds_left),
        "percent": round(found.progress * 100),
        "estimate": wording.duration(found.estimate),
        "ahead": runs.ahead(found),
        "worker": found.state != TrainingRun.State.QUEUED or plan.find_machine().alive,
        "log": log,
        "curve": found.open or found.metrics.exists(),
        "base": _base_title(found.base_model),
        "reasons": wording.reasons(found.reasons),
        "problem": problems.worded(found) if found.state == TrainingRun.State.FAILED else None,
        "model": ModelVersion.objects.filter(run=found).first(),
        "preset": _preset_titles().get(found.preset, found.preset),
        "may": _may(request, found.project),
    }


def _base_title(slug: str) -> str:
    known = base_models()
    return known[slug].title if slug in known else slug


def _log(line: Any) -> str:
    return wording.log_line(line.code, line.facts)


@login_required
@require_safe
def points(request: HttpRequest, pk: int) -> JsonResponse:
    """The curve; long ones are thinned, the looks at the validation loss are kept."""
    found = _run(request, pk)
    rows = list(StepMetric.objects.filter(run=found).values_list("step", "loss", "validation_loss"))
    every = max(1, len(rows) // MOST_POINTS)
    return JsonResponse(
        {
            "train": [[step, loss] for i, (step, loss, _v) in enumerate(rows) if loss is not None and i % every == 0],
            "validation": [[step, seen] for step, _loss, seen in rows if seen is not None],
            "done": not found.open,
        }
    )


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    found = _run(request, pk, access.EDITOR)
    if runs.cancel(found, request.user):
        messages.success(request, _("The training stops. What it learned up to now is kept, so you can go on later."))
    return redirect("training:run", pk)


@login_required
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    runs.try_again(_run(request, pk, access.EDITOR), request.user)
    return redirect("training:run", pk)


# Read ------------------------------------------------------------------------------------------------------


@login_required
@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponse:
    model = _model(request, pk)
    found = _report_of(model)
    family = reports.of(model.project.case.family)
    context = {
        "model": model,
        "project": model.project,
        "report": found,
        "body": f"training/_report_{model.project.case.family}.html",
        "verdict": reports.verdict(found) if found else None,
        "facts": _facts(model, found),
        "others": _versions(model.project).exclude(pk=model.pk).count(),
        "steps": rail(model.project, "result", model.run.dataset),
        "may": _may(request, model.project),
        **(family.context(model.project.case, found) if found else {}),
    }
    return render(request, "training/report.html", context)


def _report_of(model: ModelVersion) -> dict[str, Any]:
    evaluation = getattr(model, "evaluation", None)
    found: dict[str, Any] = evaluation.report if evaluation else {}
    return found if found.get("rows") else {}


def _facts(model: ModelVersion, found: dict[str, Any]) -> list[tuple[str, str]]:
    """How it was made, for those who want to know."""
    made, run = model.manifest, model.run
    trained = made.get("training", {})
    rows = [
        (_("Data"), run.dataset.name),
        (_("Examples learned from"), wording.number(made["examples"]) if "examples" in made else ""),
        (_("Base model"), _base_title(run.base_model)),
        (_("Preset"), _preset_titles().get(run.preset, run.preset)),
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
        "versions": [_line(model) for model in _versions(project)],
        "columns": reports.of(project.case.family).columns(),
        "newest": project.datasets.filter(state=Dataset.State.READY, purpose="all").first(),
        "may": _may(request, project),
    }
    return render(request, "training/models.html", context)


def _versions(project: Project) -> QuerySet[ModelVersion]:
    return ModelVersion.objects.filter(project=project).select_related("run__dataset", "evaluation", "project")


def _line(model: ModelVersion) -> dict[str, Any]:
    found, family = _report_of(model), reports.of(model.project.case.family)
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
    model = _model(request, pk)
    found = _report_of(model)
    response = JsonResponse(found, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="{_file_name(model)}-report.json"'
    return response


@login_required
@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse | FileResponse | StreamingHttpResponse:
    """The model folder, zipped while it is sent."""
    model = _model(request, pk)
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
        "versions": [_line(model) for model in _versions(project)[:3]],
        "total": _versions(project).count(),
        "ready": project.datasets.filter(state=Dataset.State.READY, purpose="all").first(),
        "may": _may(request, project),
    }
    return render(request, "training/panel.html", context)
