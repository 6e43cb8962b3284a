"""Every conversation with a team's assistants: found, read, corrected, downloaded, deleted."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from endpoints import conversations as talk
from endpoints import correcting, exporting
from endpoints.models import Conversation, Endpoint, Message
from endpoints.views import _rows
from projects import access
from projects.models import AuditEvent

PAGE = 40
FILTERS = ("endpoint", "rating", "state", "channel", "since", "until", "q")


def mine(request: HttpRequest) -> QuerySet[Conversation]:
    return access.rows(request.user, Conversation, _rows.ON_ENDPOINT)


def filtered(request: HttpRequest) -> QuerySet[Conversation]:
    """The conversations that the filters of the address leave."""
    found, asked = mine(request), request.GET
    if asked.get("endpoint", "").isdigit():
        found = found.filter(endpoint_id=int(asked["endpoint"]))
    if asked.get("channel") in Conversation.Channel.values:
        found = found.filter(channel=asked["channel"])
    if asked.get("rating", "") in talk.RATINGS:
        found = found.filter(having(feedback__rating=talk.RATINGS[asked["rating"]]))
    if asked.get("state") in Message.State.values:
        found = found.filter(having(state=asked["state"]))
    if asked.get("q", "").strip():
        found = found.filter(having(text__icontains=asked["q"].strip()[:200]))
    return between(found, asked.get("since", ""), asked.get("until", ""))


def having(**wanted: Any) -> Exists:
    return Exists(Message.objects.filter(conversation=OuterRef("pk"), **wanted))


def between(found: QuerySet[Conversation], since: str, until: str) -> QuerySet[Conversation]:
    for name, text, at in (("gte", since, time.min), ("lte", until, time.max)):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            continue
        found = found.filter(**{f"created__{name}": timezone.make_aware(datetime.combine(day, at))})
    return found


@login_required
@require_GET
def conversations(request: HttpRequest) -> HttpResponse:
    first = Message.objects.filter(conversation=OuterRef("pk"), role=Message.Role.USER).order_by("pk")
    answers = Q(messages__role=Message.Role.ASSISTANT)
    rows = (
        filtered(request)
        .select_related("endpoint__project")
        .annotate(
            question=Subquery(first.values("text")[:1]),
            questions=Count("messages", filter=Q(messages__role=Message.Role.USER)),
            ups=Count("messages", filter=Q(messages__feedback__rating=1)),
            downs=Count("messages", filter=Q(messages__feedback__rating=-1)),
            unsure=Count("messages", filter=answers & Q(messages__state=Message.State.UNSURE)),
            failed=Count("messages", filter=answers & Q(messages__state=Message.State.FAILED)),
        )
        .order_by("-updated")
    )
    asked = {name: request.GET.get(name, "") for name in FILTERS}
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "asked": asked,
        "filtering": any(asked.values()),
        "query": urlencode({name: value for name, value in asked.items() if value}),
        "endpoints": access.rows(request.user, Endpoint).order_by("name"),
        "channels": [pair for pair in Conversation.Channel.choices if pair[0] != "try"],
        "ratings": [("up", _("Marked good")), ("down", _("Marked wrong"))],
        "states": [("unsure", _("Not sure")), ("failed", _("Failed")), ("stopped", _("Stopped"))],
    }
    return render(request, "endpoints/conversations.html", context)


@login_required
@require_GET
def conversation(request: HttpRequest, pk: str) -> HttpResponse:
    found = _rows.conversation(request.user, pk)
    talk.give_up_silent(found)
    messages_ = talk.current(found)
    for message in messages_:
        message.thumb = talk.rating_of(message)  # type: ignore[attr-defined]
        message.given = correcting.given(message)  # type: ignore[attr-defined]
    return render(
        request,
        "endpoints/conversation.html",
        {
            "conversation": found,
            "endpoint": found.endpoint,
            "turns": messages_,
            "may_edit": _rows.may_edit(request.user, found.endpoint.project.team),
        },
    )


@login_required
@require_GET
def download(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    response = StreamingHttpResponse(exporting.csv_lines(filtered(request)), content_type="text/csv; charset=utf-8")
    name = f"conversations-{timezone.localdate().isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@login_required
@require_POST
def delete(request: HttpRequest, pk: str) -> HttpResponse:
    found = _rows.conversation(request.user, pk, access.EDITOR)
    AuditEvent.record(found.endpoint.project.team, request.user, "conversation.deleted", found.pk)
    found.delete()
    messages.success(request, _("The conversation is deleted."))
    return redirect("endpoints:conversations")


@login_required
@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Marks an answer as wrong and says what it should have been."""
    message = _rows.message(request.user, pk)
    correcting.correct(message, "\n".join(request.POST.getlist("correction")))
    messages.success(request, _("Kept. You can train again with it on the corrections page."))
    return redirect("endpoints:conversation", pk=message.conversation_id)
