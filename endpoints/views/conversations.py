"""Every conversation with a team's assistants: found, read, corrected, downloaded, deleted."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from endpoints import conversations as talk
from endpoints import correcting, exporting, finding
from endpoints.models import Conversation, Endpoint, Message
from endpoints.views import _rows
from endpoints.views.corrections import given_at_once, learning
from projects import access
from projects.errors import UserError
from projects.models import AuditEvent


def endpoints_of(request: HttpRequest) -> list[Endpoint]:
    return list(access.rows(request.user, Endpoint).order_by("name", "pk"))


def asked_for(request: HttpRequest, endpoints: list[Endpoint]) -> tuple[finding.Wanted, QuerySet[Conversation]]:
    """What the address asks for, and the conversations that it leaves."""
    wanted = finding.Wanted.of(request.GET)
    return wanted, finding.conversations([one.pk for one in endpoints], wanted)


@login_required
@require_GET
def conversations(request: HttpRequest) -> HttpResponse:
    endpoints = endpoints_of(request)
    wanted, rows = asked_for(request, endpoints)
    paginator = finding.Newest(rows)
    page = paginator.get_page(request.GET.get("page"))
    channels = finding.WHO[wanted.who].channels
    context = {
        "page": page,
        "talks": finding.described(list(page.object_list)),
        "cut": paginator.cut,
        "most": finding.MOST,
        "wanted": wanted,
        "query": wanted.query(),
        "endpoints": endpoints,
        "whos": [(name, who.title, finding.Wanted(who=name).query()) for name, who in finding.WHO.items()],
        "shows": [("", _("All"), wanted.query(show=""))]
        + [(name, show.title, wanted.query(show=name)) for name, show in finding.SHOW.items()],
        "channels": [pair for pair in Conversation.Channel.choices if pair[0] in channels] if len(channels) > 1 else [],
        "nothing": finding.SHOW[wanted.show].nothing if wanted.show else "",
    }
    return render(request, "endpoints/conversations.html", context)


@login_required
@require_GET
def conversation(request: HttpRequest, pk: str) -> HttpResponse:
    return page(request, _rows.conversation(request.user, pk))


@dataclass(frozen=True)
class Refused:
    """A correction that could not be kept: it stands in its field still, below what is wrong with it."""

    message: Message
    said: list[str]
    error: UserError


def page(request: HttpRequest, row: Conversation, refused: Refused | None = None) -> HttpResponse:
    turns = talk.current(row)
    talk.show_silent(turns)
    for message in turns:
        message.thumb = talk.rating_of(message)  # type: ignore[attr-defined]
        message.cards = message.result.get("items")  # type: ignore[attr-defined]
        feedback = getattr(message, "feedback", None)
        message.suggested = correcting.suggested(feedback) if feedback else ""  # type: ignore[attr-defined]
        message.given = correcting.given(message)  # type: ignore[attr-defined]
        message.corrected = correcting.read_out(message)  # type: ignore[attr-defined]
        if refused is not None and message == refused.message:
            message.error = refused.error  # type: ignore[attr-defined]
            message.given = correcting.typed(message, refused.said)  # type: ignore[attr-defined]
    wanted, rows = asked_for(request, endpoints_of(request))
    newer, older = finding.beside(rows, row)
    context = {
        "conversation": row,
        "endpoint": row.endpoint,
        "turns": turns,
        "project": row.endpoint.project,
        **learning(row.endpoint.project),
        "query": wanted.query(),
        "newer": newer,
        "older": older,
        "may_edit": _rows.may_edit(request.user, row.endpoint.project.team),
    }
    status = refused.error.status if refused else 200
    return render(request, "endpoints/conversation.html", context, status=status)


@login_required
@require_GET
def download(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    _wanted, rows = asked_for(request, endpoints_of(request))
    response = StreamingHttpResponse(exporting.csv_lines(rows), content_type="text/csv; charset=utf-8")
    name = f"conversations-{timezone.localdate().isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@login_required
@require_POST
def delete(request: HttpRequest, pk: str) -> HttpResponse:
    row = _rows.conversation(request.user, pk, access.EDITOR)
    AuditEvent.record(row.endpoint.project.team, request.user, "conversation.deleted", row.pk)
    row.delete()
    messages.success(request, _("The conversation is deleted."))
    return redirect("endpoints:conversations")


@login_required
@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Marks an answer as wrong and says what it should have been."""
    message = _rows.message(request.user, pk)
    said = request.POST.getlist("correction")
    try:
        correcting.correct(message, said, request.user)
    except UserError as error:
        return page(request, message.conversation, Refused(message, said, error))
    messages.success(request, given_at_once())
    came_from = request.POST.get("next", "")
    if came_from.startswith("/") and url_has_allowed_host_and_scheme(came_from, allowed_hosts=None):
        return redirect(came_from)
    return redirect("endpoints:conversation", pk=message.conversation_id)
