"""The owner's rules of a recommender: what is never shown, what is put forward, how much of one kind."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from endpoints import chat
from endpoints.families.recommend import catalogue
from endpoints.families.recommend.rules import RulesForm
from endpoints.models import Endpoint
from endpoints.views import _rows
from endpoints.views.endpoint import common
from projects import access
from projects.models import AuditEvent


@login_required
@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest, pk: int) -> HttpResponse:
    """The form; with ?find= also the things of that name, so that a title can be copied."""
    role = access.EDITOR if request.method == "POST" else access.VIEWER
    endpoint = _rows.with_tab(request.user, pk, "rules", role)
    things = things_of(endpoint)
    initial = RulesForm.initial_of(endpoint.rules, things)
    form = RulesForm(request.POST or None, initial=initial, catalogue=things)
    if request.method == "POST" and form.is_valid():
        before = endpoint.rules
        Endpoint.objects.filter(pk=pk).update(rules=form.rules())
        AuditEvent.record(endpoint.project.team, request.user, "endpoint.rules", endpoint, before=before)
        messages.success(request, _("Saved. The next answer keeps to these rules."))
        return redirect("endpoints:rules", pk=pk)
    wanted = request.GET.get("find", "").strip()[:80]
    more = {"form": form, "wanted": wanted, "found": catalogue.search(things, wanted), "count": len(things)}
    status = 422 if request.method == "POST" else 200
    return render(request, "endpoints/rules.html", common(request, endpoint, "rules") | more, status=status)


def things_of(endpoint: Endpoint) -> catalogue.Catalogue:
    """What the published or last version knows; 404 for an assistant that never had one."""
    last = endpoint.deployments.select_related("model__run", "model__project").first()
    if last is None:
        raise Http404
    return catalogue.of_model(chat.of_model(last.model, last.answers_with))
