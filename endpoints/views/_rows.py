"""How the views get their rows: through projects.access, with what the page then reads."""

from __future__ import annotations

from django.http import Http404

from endpoints import families
from endpoints.models import ApiKey, Conversation, Deployment, Endpoint, Feedback, Message, Scoring
from projects import access
from projects.models import Team
from projects.users import User
from training.models import ModelVersion

ON_ENDPOINT = "endpoint__project__team"


def model(user: User, pk: int, role: str = access.VIEWER) -> ModelVersion:
    return access.row(user, ModelVersion.objects.filter(pk=pk).select_related("run"), role)


def endpoint(user: User, pk: int, role: str = access.VIEWER) -> Endpoint:
    return access.row(user, Endpoint.objects.filter(pk=pk), role)


def deployment(user: User, pk: int, role: str = access.EDITOR) -> Deployment:
    return access.row(user, Deployment.objects.filter(pk=pk), role, ON_ENDPOINT)


def key(user: User, pk: int, role: str = access.EDITOR) -> ApiKey:
    return access.row(user, ApiKey.objects.filter(pk=pk, endpoint__isnull=False), role, ON_ENDPOINT)


def conversation(user: User, pk: str, role: str = access.VIEWER) -> Conversation:
    return access.row(user, Conversation.objects.filter(pk=pk), role, ON_ENDPOINT)


def message(user: User, pk: int, role: str = access.EDITOR) -> Message:
    rows = Message.objects.filter(pk=pk, role=Message.Role.ASSISTANT)
    return access.row(user, rows, role, "conversation__endpoint__project__team")


def feedback(user: User, pk: int, role: str = access.EDITOR) -> Feedback:
    rows = Feedback.objects.filter(pk=pk)
    return access.row(user, rows, role, "message__conversation__endpoint__project__team")


def scoring(user: User, pk: int, role: str = access.VIEWER) -> Scoring:
    return access.row(user, Scoring.objects.filter(pk=pk).select_related("upload"), role, ON_ENDPOINT)


def with_tab(user: User, pk: int, tab: str, role: str = access.VIEWER) -> Endpoint:
    """An endpoint whose family has a page of that name; 404 for any other."""
    found = endpoint(user, pk, role)
    if not families.of_project(found.project).has_tab(tab):
        raise Http404
    return found


def may_edit(user: User, team: Team) -> bool:
    """Whether the page offers this person to change things."""
    return access.may_edit(user, team)
