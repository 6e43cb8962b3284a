"""Answers that were marked wrong, what they should have been, and the button that learns from them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from endpoints import correcting
from endpoints.models import Conversation, Message
from endpoints.views import _rows
from projects import access
from projects.errors import UserError
from projects.models import Project

PAGE = 30


@login_required
@require_GET
def corrections(request: HttpRequest, pk: int) -> HttpResponse:
    return page(request, access.project(request.user, pk))


def page(request: HttpRequest, project: Project, error: UserError | None = None) -> HttpResponse:
    shown = Paginator(correcting.marked_wrong(project), PAGE).get_page(request.GET.get("page"))
    for one in shown:
        one.question = correcting.question_of(one.message)  # type: ignore[attr-defined]
        one.given = correcting.given(one.message)  # type: ignore[attr-defined]
    context = {
        "project": project,
        "page": shown,
        "ready": correcting.ready(project).count(),
        "error": error,
        "may_edit": _rows.may_edit(request.user, project.team),
    }
    return render(request, "endpoints/corrections.html", context, status=error.status if error else 200)


@login_required
@require_POST
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Keeps the wording of one correction, or takes the mark away."""
    found = _rows.feedback(request.user, pk)
    if request.POST.get("action") == "dismiss":
        found.rating, found.correction = 0, ""
        found.save(update_fields=["rating", "correction", "updated"])
        messages.success(request, _("The answer is not marked as wrong any more."))
    else:
        correcting.correct(found.message, "\n".join(request.POST.getlist("correction")))
        messages.success(request, _("Saved."))
    return redirect("endpoints:corrections", pk=found.message.conversation.endpoint.project_id)


@login_required
@require_POST
def retrain(request: HttpRequest, pk: int) -> HttpResponse:
    """One button: the data with the corrections in it, and on to its page, where training begins."""
    project = access.project(request.user, pk, access.EDITOR)
    try:
        dataset = correcting.to_dataset(project, request.user)
    except UserError as error:
        return page(request, project, error)
    return redirect("projects:dataset", pk=dataset.pk)


@login_required
@require_GET
def project_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The end of the loop on the project's page: published where, how many conversations, what to learn from."""
    project = access.project(request.user, pk)
    answers = Message.objects.filter(conversation__endpoint__project=project, role=Message.Role.ASSISTANT)
    context = {
        "project": project,
        "endpoints": project.endpoints.annotate(talks=Count("conversations")).order_by("created"),
        "model": project.models.order_by("-number").first(),
        "conversations": Conversation.objects.filter(endpoint__project=project).count(),
        "counts": answers.aggregate(
            up=Count("pk", filter=Q(feedback__rating=1)),
            down=Count("pk", filter=Q(feedback__rating=-1)),
            unsure=Count("pk", filter=Q(state=Message.State.UNSURE)),
        ),
        "ready": correcting.ready(project).count(),
        "may_edit": _rows.may_edit(request.user, project.team),
    }
    return render(request, "endpoints/project_panel.html", context)
