"""Pages of the site itself, and what is shown when a page is not there."""

from __future__ import annotations

import logging
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from projects.errors import reference

logger = logging.getLogger(__name__)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def server_error(request: HttpRequest, *args: Any) -> HttpResponse:
    ref = reference()
    logger.error("A page failed, reference %s: %s %s", ref, request.method, request.path)
    return render(request, "500.html", {"ref": ref}, status=500)
