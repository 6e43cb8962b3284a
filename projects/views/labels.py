"""The person's steps on the labels of a dataset."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from projects import access
from projects.labels import deciding
from projects.labels.deciding import Wish
from projects.views import dataset as page


@require_POST
@login_required
def labels(request: HttpRequest, pk: int) -> HttpResponse:
    """One step of a person: accept or decline a suggestion, rename, leave out, bring back, keep, settle contradictions."""
    found = access.dataset(request.user, pk, access.EDITOR)
    said = {name: request.POST.get(name, "")[:500] for name in ("label", "to", "suggestion", "choice")}
    action = request.POST.get("action", "")
    return page.report(request, found, lambda: deciding.decide(found, request.user, action, Wish(**said)))
