"""Answers that were marked wrong, what they should have been, and the button that learns from them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from endpoints import correcting
from endpoints.models import Conversation
from endpoints.views import _rows
from projects import access
from projects.errors import UserError
from projects.models import Project
from training import following, wording

PAGE = 30


@login_required
@require_GET
def corrections(request: HttpRequest, pk: int) -> HttpResponse:
    return page(request, access.project(request.user, pk))


def page(request: HttpRequest, project: Project, error: UserError | None = None) -> HttpResponse:
    shown = Paginator(correcting.marked(project), PAGE).get_page(request.GET.get("page"))
    for one in shown:
        one.asked = correcting.question_of(one.message)  # type: ignore[attr-defined]
        one.given = correcting.given(one.message)  # type: ignore[attr-defined]
        one.message.cards = one.message.result.get("items")  # type: ignore[attr-defined]
        one.suggested = correcting.suggested(one)  # type: ignore[attr-defined]
        one.corrected = correcting.read_out(one.message)  # type: ignore[attr-defined]
    context = {
        "project": project,
        "page": shown,
        **learning(project),
        "error": error,
        "may_edit": _rows.may_edit(request.user, project.team),
    }
    return render(request, "endpoints/corrections.html", context, status=error.status if error else 200)


@login_required
@require_POST
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Keeps the wording of one correction, takes a visitor's over, or takes the mark away."""
    found = _rows.feedback(request.user, pk)
    project = found.message.conversation.endpoint.project
    action = request.POST.get("action")
    try:
        if action == "dismiss":
            correcting.dismiss(found)
            messages.success(request, _("The answer is not marked as wrong any more."))
        else:
            said = [correcting.suggested(found)] if action == "accept" else request.POST.getlist("correction")
            correcting.correct(found.message, said, request.user)
            messages.success(request, given_at_once())
    except UserError as error:
        return page(request, project, error)
    return redirect("endpoints:corrections", pk=project.pk)


def given_at_once() -> str:
    return _("Kept. Whoever asks this from now on gets your answer.")


def learning(project: Project) -> dict[str, object]:
    """How many corrections wait to be learned, and what the one button will do."""
    preset = following.preset_of(project)
    waiting = correcting.ready(project).count()
    return {
        "ready": waiting,
        "preset": wording.preset_titles().get(preset, preset),
        "trains": correcting.of(project.case.family).TRAINS,
    }


@login_required
@require_POST
def retrain(request: HttpRequest, pk: int) -> HttpResponse:
    """One button: the data with the corrections in it, and the training that begins as soon as it is ready."""
    project = access.project(request.user, pk, access.EDITOR)
    try:
        dataset = correcting.to_dataset(project, request.user, following.preset_of(project))
    except UserError as error:
        return page(request, project, error)
    return redirect("training:follow", pk=dataset.pk)


@login_required
@require_GET
def project_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The end of the loop on the project's page: published where, how many conversations, what to learn from."""
    project = access.project(request.user, pk)
    context = {
        "project": project,
        "endpoints": project.endpoints.annotate(talks=Count("conversations")).order_by("created"),
        "model": project.models.order_by("-number").first(),
        "conversations": Conversation.objects.filter(endpoint__project=project).count(),
        "wrong": correcting.marked(project).filter(rating=-1, correction="").count(),
        **learning(project),
        "may_edit": _rows.may_edit(request.user, project.team),
    }
    return render(request, "endpoints/project_panel.html", context)
