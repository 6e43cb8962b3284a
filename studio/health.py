"""What a supervisor, a load balancer and Prometheus ask: alive, ready, and how much there is."""

from __future__ import annotations

import errno
import hmac
import json
import logging
import os
import shutil
import tempfile
import urllib.request
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from prometheus_client import CONTENT_TYPE_LATEST

from projects.asking import from_this_machine
from projects.errors import disk_full, not_writable
from studio import figures

logger = logging.getLogger(__name__)
PATIENCE = 2.0
LEAST_ROOM = 32 * 1024 * 1024
"""Bytes; with less, a page or a message may no longer be stored."""


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "ok", "version": settings.VERSION})


@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when every part answers; 503 and which does not. The reasons are in the log, not on the page."""
    parts = {name: _state(name, check) for name, check in CHECKS.items()}
    ready = all(state == "ok" for state in parts.values())
    answer = JsonResponse({"status": "ready" if ready else "not ready", "parts": parts}, status=200 if ready else 503)
    answer._has_been_logged = True  # type: ignore[attr-defined]  # whoever asks every second knows already
    return answer


_last: dict[str, str] = {}


def _state(name: str, check: Callable[[], None]) -> str:
    """How one part is. A reason is logged when it is a new one, since this is asked again and again."""
    try:
        check()
        reason, state = "", "ok"
    except Exception as error:
        reason = str(error) or type(error).__name__
        state = "full" if disk_full(error) else "not writable" if not_writable(error) else "unreachable"
    if reason and _last.get(name) != reason:
        logger.warning("Not ready: %s: %s", name, reason)
    _last[name] = reason
    return state


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM django_migrations")


def _queue() -> None:
    if settings.CELERY_BROKER_URL.startswith("filesystem:"):
        settings.QUEUE_ROOT.mkdir(parents=True, exist_ok=True)
        if not os.access(settings.QUEUE_ROOT, os.W_OK):
            raise PermissionError(f"{settings.QUEUE_ROOT} cannot be written")
        return
    app = import_string("studio.celery.app")
    with app.connection(connect_timeout=PATIENCE) as broker:
        broker.ensure_connection(max_retries=0, timeout=PATIENCE)


def _engine() -> None:
    """It answers, and it is ours: another studio's engine at this address refuses the token or gives its own name."""
    asked = urllib.request.Request(f"{settings.ENGINE_URL}/health")  # noqa: S310  (an address from the settings)
    # Without a token too: an engine that wants one says so only to whoever brings any.
    asked.add_header("Authorization", f"Bearer {settings.ENGINE_TOKEN or 'none'}")
    with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:  # noqa: S310
        said = answer.read(65_536)
    try:
        about = json.loads(said)
    except ValueError:  # vLLM says nothing
        about = {}
    studio = about.get("studio", "") if isinstance(about, dict) else ""
    beside_us = settings.RUNNING.engine_url == settings.ENGINE_URL
    if (studio or beside_us) and studio != settings.STUDIO_ID:
        raise PermissionError(f"{settings.ENGINE_URL} is the engine of another studio ({studio or 'it gives no name'})")


def _disk() -> None:
    """There is room, and what is written there stays."""
    for folder in {settings.HOME, settings.DATA_ROOT}:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        if free < LEAST_ROOM:
            raise OSError(errno.ENOSPC, f"{folder} has {free:,} bytes left")
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0" * 65_536)
            file.flush()


CHECKS: dict[str, Callable[[], None]] = {"database": _database, "queue": _queue, "engine": _engine, "disk": _disk}


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_measure(request):
        body = json.dumps({"error": "Send METRICS_TOKEN as a bearer token."})
        return HttpResponse(body, status=401, content_type="application/json", headers={"WWW-Authenticate": "Bearer"})
    parts = {name: _state(name, check) == "ok" for name, check in CHECKS.items()}
    return HttpResponse(figures.page(parts), content_type=CONTENT_TYPE_LATEST)


def _may_measure(request: HttpRequest) -> bool:
    """With a token: whoever knows it. Without: this machine only, and nobody behind a proxy, where all look local."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    return from_this_machine(request)
