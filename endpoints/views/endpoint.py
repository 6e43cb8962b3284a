"""A published assistant: where it can be found, what answers, its settings, keys and versions."""

from __future__ import annotations

from collections.abc import Mapping

from csp.decorators import csp_replace
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from endpoints import correcting, families, metering, publishing, samples
from endpoints import questions as asked
from endpoints.forms import DeployForm, EndpointForm
from endpoints.models import Endpoint
from endpoints.views import _rows
from endpoints.views.publish import curve_of
from projects import access, links
from projects.errors import UserError
from training.sureness import Certainty


def site_of(request: HttpRequest) -> str:
    return links.site(request)


def common(request: HttpRequest, endpoint: Endpoint, tab: str) -> dict[str, object]:
    return {
        "endpoint": endpoint,
        "project": endpoint.project,
        "serving": families.of_project(endpoint.project),
        "deployment": endpoint.deployment,
        "tab": tab,
        "may_edit": _rows.may_edit(request.user, endpoint.project.team),
        "open_to_visitors": endpoint.visibility in {"link", "public"},
    }


@login_required
@require_GET
def endpoint(request: HttpRequest, pk: int) -> HttpResponse:
    return overview(request, _rows.endpoint(request.user, pk))


def overview(request: HttpRequest, endpoint: Endpoint, secret: str = "") -> HttpResponse:
    site, serving = site_of(request), families.of_project(endpoint.project)
    more = {
        "site": site,
        "tag": samples.tag(endpoint, site),
        "carousel": serving.row(endpoint, site) if serving.row else "",
        "about_api": serving.api % {"name": endpoint.slug},
        "samples": samples.samples(endpoint, site, secret),
        "secret": secret,
        "keys": endpoint.api_keys.filter(revoked__isnull=True),
        "usage": metering.overview(endpoint),
    }
    return render(request, "endpoints/endpoint.html", common(request, endpoint, "share") | more)


@login_required
@require_GET
def questions(request: HttpRequest, pk: int) -> HttpResponse:
    """What was asked most and what had no answer, as a part of the assistant's page."""
    endpoint = _rows.endpoint(request.user, pk)
    lately = asked.lately(endpoint)
    unanswered = asked.to_correct(lately.unanswered)
    for _question, message in unanswered:
        message.cards = message.result.get("items")  # type: ignore[attr-defined]
        message.given = correcting.given(message)  # type: ignore[attr-defined]
    more = {"lately": lately, "unanswered": unanswered, "here": reverse("endpoints:endpoint", args=[pk])}
    return render(request, "endpoints/_questions.html", common(request, endpoint, "share") | more)


@login_required
@require_POST
def issue_key(request: HttpRequest, pk: int) -> HttpResponse:
    """The secret stands in this one answer and nowhere else, so there is no page to come back to."""
    endpoint = _rows.endpoint(request.user, pk, access.EDITOR)
    _key, secret = publishing.issue_key(endpoint, request.user, request.POST.get("name", "").strip())
    response = overview(request, endpoint, secret)
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_POST
def revoke_key(request: HttpRequest, pk: int) -> HttpResponse:
    key = _rows.key(request.user, pk)
    publishing.revoke(key, request.user)
    messages.success(request, _("The key does not work any more."))
    return redirect("endpoints:endpoint", pk=key.endpoint_id)


@login_required
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest, pk: int) -> HttpResponse:
    role = access.EDITOR if request.method == "POST" else access.VIEWER
    endpoint = _rows.endpoint(request.user, pk, role)
    form = EndpointForm(request.POST or None, instance=endpoint)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved. Every page that shows the assistant uses it at once."))
        return redirect("endpoints:settings", pk=pk)
    last = endpoint.deployments.select_related("model__run").first()
    certainty = publishing.certainty(last.model, last.answers_with) if last else Certainty()
    more = {"form": form, "curve": curve_of(certainty, families.of_project(endpoint.project).sureness)}
    status = 422 if request.method == "POST" else 200
    # The heading keeps the stored name while the form shows what was typed.
    stored = Endpoint.objects.select_related("project__team").get(pk=pk)
    return render(request, "endpoints/settings.html", common(request, stored, "settings") | more, status=status)


@login_required
@require_GET
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = _rows.endpoint(request.user, pk)
    return versions_page(request, endpoint, deploy_form(endpoint))


def deploy_form(endpoint: Endpoint, data: Mapping[str, object] | None = None) -> DeployForm:
    newest = endpoint.project.models.first()
    marks = {model.pk: standing.badge for model, standing in publishing.beside_live(endpoint) if standing}
    ways, unfit = (publishing.ways(newest), publishing.unfit(newest)) if newest else ({}, {})
    return DeployForm(data, endpoint=endpoint, ways=ways, unfit=unfit, marks=marks)


def versions_page(
    request: HttpRequest, endpoint: Endpoint, form: DeployForm, error: UserError | None = None
) -> HttpResponse:
    more = {
        "form": form,
        "error": error,
        "versions": publishing.beside_live(endpoint),
        "deployments": endpoint.deployments.select_related("model__project", "created_by"),
    }
    status = error.status if error else 422 if form.errors else 200
    return render(request, "endpoints/versions.html", common(request, endpoint, "versions") | more, status=status)


@login_required
@require_POST
def deploy(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = _rows.endpoint(request.user, pk, access.EDITOR)
    form = deploy_form(endpoint, request.POST)
    if not form.is_valid():
        return versions_page(request, endpoint, form)
    model = form.cleaned_data["model"]
    try:
        publishing.deploy(endpoint, model, request.user, form.cleaned_data["answers_with"])
    except UserError as error:
        return versions_page(request, endpoint, form, error)
    messages.success(request, _("Version %(number)s answers now.") % {"number": model.number})
    return redirect("endpoints:versions", pk=pk)


@login_required
@require_POST
def back(request: HttpRequest, pk: int) -> HttpResponse:
    """Back to the version of an earlier deployment."""
    deployment = _rows.deployment(request.user, pk)
    endpoint = deployment.endpoint
    try:
        publishing.rollback(endpoint, request.user, deployment)
    except UserError as error:
        return versions_page(request, endpoint, deploy_form(endpoint), error)
    messages.success(request, _("Version %(number)s answers again.") % {"number": deployment.model.number})
    return redirect("endpoints:versions", pk=endpoint.pk)


@login_required
@require_POST
def unpublish(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = _rows.endpoint(request.user, pk, access.EDITOR)
    publishing.unpublish(endpoint, request.user)
    messages.success(
        request, _("Nobody can reach the assistant now. Everything is kept, and you can publish it again.")
    )
    return redirect("endpoints:endpoint", pk=pk)


@login_required
@require_POST
def republish(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = _rows.endpoint(request.user, pk, access.EDITOR)
    try:
        publishing.republish(endpoint, request.user)
    except UserError as error:
        return versions_page(request, endpoint, deploy_form(endpoint), error)
    messages.success(request, _("The assistant answers again."))
    return redirect("endpoints:endpoint", pk=pk)


@login_required
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": ["'self'"]})
@require_GET
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """A sample web page with the widget on it; only our own pages may frame it."""
    endpoint = _rows.endpoint(request.user, pk)
    color = request.GET.get("color", "")
    row = request.GET.get("mode") == "carousel"
    return render(request, "endpoints/preview.html", {"endpoint": endpoint, "color": color[:7], "row": row})
