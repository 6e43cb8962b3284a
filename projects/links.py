"""Whole addresses of our own pages. They come from SITE_URL, never from what a request says about itself."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest


def absolute(path: str) -> str:
    """For mails and whatever else leaves the studio."""
    return f"{settings.SITE_URL}{path}"


def here(url: str) -> str:
    """The same page at our own address, whatever host an address was made with."""
    parts = urlsplit(url)
    return absolute(parts.path + (f"?{parts.query}" if parts.query else ""))


def site(request: HttpRequest) -> str:
    """Where the studio is, for what a person copies from a page. As long as nobody has set SITE_URL, where they see it."""
    return settings.SITE_URL if settings.SITE_URL_GIVEN else request.build_absolute_uri("/").rstrip("/")
