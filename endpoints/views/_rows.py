"""How the views get their rows: through projects.access, with what the page then reads."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from endpoints.models import ApiKey, Conversation, Deployment, Endpoint, Feedback, Message, Scoring
from projects import access
from training.models import ModelVersion

ON_ENDPOINT = "endpoint__project__team"


def model(user: Any, pk: int, role: str = access.VIEWER) -> ModelVersion:
    return access.row(user, ModelVersion.objects.filter(pk=pk).select_related("run"), role)


def endpoint(user: Any, pk: int, role: str = access.VIEWER) -> Endpoint:
    return access.row(user, Endpoint.objects.filter(pk=pk), role)


def deployment(user: Any, pk: int, role: str = access.EDITOR) -> Deployment:
    return access.row(user, Deployment.objects.filter(pk=pk), role, ON_ENDPOINT)


def key(user: Any, pk: int, role: str = access.EDITOR) -> ApiKey:
    return access.row(user, ApiKey.objects.filter(pk=pk, endpoint__isnull=False), role, ON_ENDPOINT)


def conversation(user: Any, pk: str, role: str = access.VIEWER) -> Conversation:
    return access.row(user, Conversation.objects.filter(pk=pk), role, ON_ENDPOINT)


def message(user: Any, pk: int, role: str = access.EDITOR) -> Message:
    rows = Message.objects.filter(pk=pk, role=Message.Role.ASSISTANT)
    return access.row(user, rows, role, "conversation__endpoint__project__team")


def feedback(user: Any, pk: int, role: str = access.EDITOR) -> Feedback:
    rows = Feedback.objects.filter(pk=pk)
    return access.row(user, rows, role, "message__conversation__endpoint__project__team")


def scoring(user: Any, pk: int, role: str = access.VIEWER) -> Scoring:
    return access.row(user, Scoring.objects.filter(pk=pk).select_related("upload"), role, ON_ENDPOINT)


def classifier(user: Any, pk: int, role: str = access.VIEWER) -> Endpoint:
    """An endpoint that gives labels; 404 for any other."""
    found = endpoint(user, pk, role)
    if found.project.case.family != "classify":
        raise Http404
    return found


def may_edit(user: Any, team: Any) -> bool:
    """Whether the page offers this person to change things."""
    found = team.memberships.filter(user=user).first()
    return found is not None and found.may(access.EDITOR)
