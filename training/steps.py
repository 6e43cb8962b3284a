"""Where a person is on the way from data to a published assistant, for the stepper."""

from __future__ import annotations

from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from projects.models import Dataset, Project
from training.models import ModelVersion

ORDER = ("data", "check", "train", "result", "publish")


def wizard(project: Project, dataset: Dataset, now: str, model: ModelVersion | None = None) -> list[dict[str, Any]]:
    titles = {
        "data": _("Data"),
        "check": _("Check"),
        "train": _("Train"),
        "result": _("Result"),
        "publish": _("Publish"),
    }
    urls = {
        "data": _url("projects:project", project.pk),
        "check": _url("projects:dataset", dataset.pk),
        "train": _url("training:run", model.run_id) if model else "",
        "publish": _url("endpoints:publish", model.pk) if model else "",
    }
    place = ORDER.index(now)
    return [
        {
            "title": titles[name],
            "url": urls.get(name, ""),
            "state": "done" if i < place else "now" if i == place else "todo",
        }
        for i, name in enumerate(ORDER)
    ]


def _url(name: str, pk: int) -> str:
    """Pages are composed by address; one that is not there is not linked."""
    try:
        return reverse(name, args=[pk])
    except NoReverseMatch:
        return ""
