"""What every page may show: the studio's version and the teams of the person."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    return {"version": settings.VERSION, "site_url": settings.SITE_URL, "languages": settings.LANGUAGES}
