"""Publishing a model: one page, good defaults, one click."""

from __future__ import annotations

import json
from collections.abc import Sequence

from csp.decorators import csp_replace
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods

from endpoints import families, publishing
from endpoints.families import Sureness
from endpoints.forms import MOST_STARTERS, PublishForm
from endpoints.models import Endpoint
from endpoints.views import _rows
from endpoints.words import chat_words
from projects import access
from projects.errors import UserError
from projects.wizard import rail
from training import live
from training.models import ModelVersion
from training.sureness import Certainty, Threshold


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
    form = PublishForm(
        request.POST or None,
        initial=initial,
        instance=Endpoint(project=model.project),
        ways=ways,
        unfit=publishing.unfit(model),
    )
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
) -> dict[str, object]:
    advice, standing = publishing.advice(model), live.standing(model)
    existing = list(model.project.endpoints.order_by("created"))
    answering = set(model.deployments.filter(ended__isnull=True).values_list("endpoint_id", flat=True))
    return {
        "model": model,
        "project": model.project,
        "steps": rail(model.project, "publish", model.run.dataset, model.pk),
        "form": form,
        "error": error,
        "advice": advice,
        "standing": standing,
        "remark": publishing.remark(model, str(form["answers_with"].value())),
        "existing": existing,
        "answering": answering,
        # The one thing to press where the version can follow another one.
        "updates": next((one.pk for one in existing if one.pk not in answering), None),
        "curve": curve_of(advice.certainty, families.of_project(model.project).sureness),
        "may_edit": _rows.may_edit(request.user, model.project.team),
    }


@login_required
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": ["'self'"]})
@require_GET
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The chat as it would begin with the form's values, which the page sends along; only our own pages may frame it."""
    model = _rows.model(request.user, pk)
    given = publishing.defaults(model) | request.GET.dict()
    starters = given["starters"]
    lines = starters.splitlines() if isinstance(starters, str) else starters
    name = str(given["name"])[:80]
    welcome = {
        "name": name,
        "greeting": str(given["greeting"])[:300],
        "starters": [line.strip()[:200] for line in lines if line.strip()][:MOST_STARTERS],
    }
    context = {
        "name": name,
        "color": str(given.get("color", Endpoint._meta.get_field("color").default))[:7],
        "words_json": json.dumps(chat_words()),
        "welcome_json": json.dumps(welcome),
    }
    return render(request, "endpoints/publish_preview.html", context)


def curve_of(certainty: Certainty, sureness: Sureness | None) -> dict[str, object] | None:
    """The report's numbers behind the threshold, for the words beside the slider; None where there is no threshold."""
    if sureness is None:
        return None
    points = certainty.points
    # What is shown as 0.00 leaves no text out, so there is nothing to recommend it for.
    recommended = round(certainty.recommended or 0, 2)
    facts = {
        "value": number_format(recommended, 2),
        "right": of_100(right_from(points, 0)),
        "above": of_100(right_from(points, recommended)),
    }
    return {
        "points": points,
        "titles": [title for _key, title in sureness.columns],
        "rows": [[figures[key] for key, _title in sureness.columns] for figures in map(figures_of, points)],
        "recommended": recommended,
        "why": sureness.recommended % facts if recommended else "",
        "said": sureness.said,
        "json": json.dumps([[point.at, point.share_below] for point in points]),
    }


def right_from(points: Sequence[Threshold], threshold: float) -> float | None:
    """The share of right answers among those that are at least so sure, as the report has it."""
    reached = [point for point in points if point.at >= threshold - 0.005]
    return reached[0].quality_above if reached else None


def figures_of(point: Threshold) -> dict[str, str]:
    """What a point of the curve says, as it is shown."""
    return {
        "at": f"{point.at:.2f}",
        "share": of_100(point.share_below),
        "below": of_100(point.quality_below),
        "above": of_100(point.quality_above),
    }


def of_100(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f}"
