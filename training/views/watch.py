"""Watch a training: how far it is, its curve, its log; stop it, go on with it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from projects import access
from projects.wizard import rail
from training import plan, problems, runs, wording
from training.models import ModelVersion, RunLog, StepMetric, TrainingRun
from training.views import _rows

MOST_POINTS = 600
LATE, SOONEST_LATE = 2, 120.0
"""Times the expected duration, and seconds, after both of which a page says that it takes longer."""


@login_required
@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponse:
    found = _rows.run(request, pk)
    context = {**_state(request, found), "steps": rail(found.project, "train", found.dataset)}
    return render(request, "training/run.html", context)


@login_required
@require_safe
def run_state(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that changes; without the trigger once the run is over, so that the polling ends."""
    return render(request, "training/run.html#state", {**_state(request, _rows.run(request, pk)), "fresh": True})


def _state(request: HttpRequest, found: TrainingRun) -> dict[str, object]:
    log = [(line.at, sentence) for line in found.log.order_by("-id")[:60] if (sentence := _log(line))]
    return {
        "run": found,
        "project": found.project,
        "phase": wording.phase(found.phase) if found.phase else _("Getting ready"),
        "left": wording.left(found.seconds_left),
        "percent": round(found.progress * 100),
        "estimate": wording.duration(found.estimate),
        "late": _late(found),
        "ahead": runs.ahead(found),
        "worker": found.state != TrainingRun.State.QUEUED or plan.find_machine().alive,
        "log": log,
        "curve": found.open or found.metrics.exists(),
        "base": _rows.base_title(found.base_model),
        "reasons": wording.reasons(found.reasons),
        "problem": problems.worded(found) if found.state == TrainingRun.State.FAILED else None,
        "model": ModelVersion.objects.filter(run=found).first(),
        "preset": wording.preset_titles().get(found.preset, found.preset),
        "may": _rows.may(request, found.project),
    }


def _late(found: TrainingRun) -> str:
    """How long it has run, where that is much longer than was expected."""
    if not found.started or not found.estimate or found.state != TrainingRun.State.RUNNING:
        return ""
    ran = (timezone.now() - found.started).total_seconds()
    return wording.duration(ran) if ran > max(SOONEST_LATE, LATE * found.estimate) else ""


def _log(line: RunLog) -> str:
    return wording.log_line(line.code, line.facts)


@login_required
@require_safe
def points(request: HttpRequest, pk: int) -> JsonResponse:
    """The curve; long ones are thinned, the looks at the validation loss are kept."""
    found = _rows.run(request, pk)
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
    found = _rows.run(request, pk, access.EDITOR)
    if runs.cancel(found, request.user):
        messages.success(request, _("The training stops. What it learned up to now is kept, so you can go on later."))
    return redirect("training:run", pk)


@login_required
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    runs.try_again(_rows.run(request, pk, access.EDITOR), request.user)
    return redirect("training:run", pk)
