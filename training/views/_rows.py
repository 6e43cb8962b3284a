"""The rows that pages of training are about, and what they are called."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest

from projects import access
from projects.models import Project
from training.basemodels import base_models
from training.models import ModelVersion, TrainingRun


def run(request: HttpRequest, pk: int, role: str = access.VIEWER) -> TrainingRun:
    return access.row(request.user, TrainingRun.objects.select_related("dataset").filter(pk=pk), role)


def model(request: HttpRequest, pk: int, role: str = access.VIEWER) -> ModelVersion:
    found = ModelVersion.objects.select_related("run__dataset", "evaluation").filter(pk=pk)
    return access.row(request.user, found, role)


def may(request: HttpRequest, project: Project) -> bool:
    return access.membership(request.user, project.team).may(access.EDITOR)


def base_title(slug: str) -> str:
    known = base_models()
    return known[slug].title if slug in known else slug


def versions(project: Project) -> QuerySet[ModelVersion]:
    return ModelVersion.objects.filter(project=project).select_related("run__dataset", "evaluation", "project")
