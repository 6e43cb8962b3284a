"""Publishing a model: one page, good defaults, one click."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from endpoints import publishing
from endpoints.forms import PublishForm
from endpoints.models import Endpoint
from endpoints.views import _rows
from projects import access
from projects.errors import UserError
from training import reports
from training.models import ModelVersion


@login_required
@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    role = access.EDITOR if request.method == "POST" else access.VIEWER
    model = _rows.model(request.user, pk, role)
    advice = publishing.advice(model)
    wanted = request.GET.get("answers_with", "")
    ways = publishing.ways(model)
    answers_with = wanted if wanted in ways else advice.answers_with
    initial = publishing.defaults(model) | {"answers_with": answers_with}
    form = PublishForm(request.POST or None, initial=initial, instance=Endpoint(project=model.project), ways=ways)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            values = dict(form.cleaned_data)
            try:
                endpoint = publishing.publish(model, request.user, values.pop("answers_with"), **values)
            except UserError as error:
                return render(request, "endpoints/publish.html", page(request, model, form, error), status=error.status)
            messages.success(request, _("Published. Your assistant answers at its own address now."))
            return redirect("endpoints:endpoint", pk=endpoint.pk)
        status = 422
    return render(request, "endpoints/publish.html", page(request, model, form), status=status)


def page(
    request: HttpRequest, model: ModelVersion, form: PublishForm, error: UserError | None = None
) -> dict[str, Any]:
    advice = publishing.advice(model)
    return {
        "model": model,
        "project": model.project,
        "form": form,
        "error": error,
        "advice": advice,
        "worse": reports.of(model.project.case.family).caution(advice.report),
        "existing": model.project.endpoints.order_by("created"),
        "answering": set(model.deployments.filter(ended__isnull=True).values_list("endpoint_id", flat=True)),
        "curve": curve_of(advice.report),
        "may_edit": _rows.may_edit(request.user, model.project.team),
    }


def curve_of(report: dict[str, Any]) -> dict[str, Any]:
    """The report's numbers behind the threshold, for the words beside the slider."""
    unsure = report.get("unsure") or {}
    points = [point for point in unsure.get("curve") or covered(report) if isinstance(point, dict)]
    return {
        "points": points,
        "rows": [
            {
                "at": f"{float(point.get('similarity') or 0):.2f}",
                "share": of_100(point.get("share_below")),
                "below": of_100(point.get("quality_below")),
                "above": of_100(point.get("quality_above")),
            }
            for point in points
        ],
        "recommended": unsure.get("threshold"),
        "json": json.dumps([[point.get("similarity"), point.get("share_below")] for point in points]),
    }


def covered(report: dict[str, Any]) -> list[dict[str, Any]]:
    """A classifier's report says how many texts a threshold leaves, and how many of those are right."""
    return [
        {
            "similarity": point["threshold"],
            "share_below": 1 - float(point["coverage"]),
            "quality_above": point.get("accuracy"),
        }
        for point in report.get("coverage") or []
        if isinstance(point, dict)
    ]


def of_100(value: Any) -> str:
    return "–" if value is None else f"{100 * float(value):.0f}"
