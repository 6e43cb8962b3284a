"""One project: the loop, its name, and putting it away."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from projects import access
from projects.forms import RenameForm
from projects.models import AuditEvent, Project
from projects.wizard import Place, link


@require_safe
@login_required
def project(request: HttpRequest, pk: int) -> HttpResponse:
    """The loop: data, model, assistant, conversations, corrections."""
    found = access.project(request.user, pk)
    context = {
        "project": found,
        "place": Place(found),
        "may_edit": access.membership(request.user, found.team).may(access.EDITOR),
        "panels": [page for page in (link("training:project_panel", pk), link("endpoints:project_panel", pk)) if page],
    }
    return render(request, "projects/project.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    found = access.project(request.user, pk, access.EDITOR)
    before = found.name
    form = RenameForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        form.save()
        AuditEvent.record(found.team, request.user, "project.renamed", found.name, project=pk, before=before)
        return redirect("projects:project", pk)
    context = {"form": form, "project": found, "before": before}
    return render(request, "projects/rename.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Puts the project away; the next page offers to take it back."""
    found = access.project(request.user, pk, access.EDITOR)
    if Project.objects.filter(pk=pk, archived=None).update(archived=timezone.now()):
        AuditEvent.record(found.team, request.user, "project.archived", found.name, project=pk)
    return redirect(f"{reverse('projects:home')}?archived={pk}")


@require_POST
@login_required
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    found = access.project(request.user, pk, access.EDITOR)
    if Project.objects.filter(pk=pk).exclude(archived=None).update(archived=None):
        AuditEvent.record(found.team, request.user, "project.restored", found.name, project=pk)
        messages.success(request, _("The project is back."))
    return redirect("projects:project", pk)
