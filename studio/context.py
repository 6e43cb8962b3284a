"""What every page may show: the studio's version and the teams of the person."""

from __future__ import annotations

from django.conf import settings
from django.db import Error
from django.http import HttpRequest

from projects import schema
from training.models import Worker


def site(request: HttpRequest) -> dict[str, object]:
    return {
        "version": settings.VERSION,
        "site_url": settings.SITE_URL,
        "site_languages": settings.LANGUAGES,  # each by its own name
        "code": schema.version,
        "other_worker": other_worker,  # asked only by pages that show it
    }


def other_worker() -> str:
    try:
        return Worker.of_another_version()
    except Error:  # the page says what is wrong with the database, or does without this remark
        return ""
