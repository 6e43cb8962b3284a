"""What a supervisor, a load balancer and Prometheus ask: alive, ready, and how much there is."""

from __future__ import annotations

import hmac
import json
import logging
import os
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from endpoints.models import Conversation, Endpoint, Message
from projects.models import Dataset, Project, Team
from training.models import ModelVersion, TrainingRun

logger = logging.getLogger(__name__)
PATIENCE = 2.0


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
        reason = ""
    except Exception as error:
        reason = str(error) or type(error).__name__
    if reason and _last.get(name) != reason:
        logger.warning("Not ready: %s: %s", name, reason)
    _last[name] = reason
    return "unreachable" if reason else "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM django_migrations")


def _queue() -> None:
    if settings.CELERY_BROKER_URL.startswith("filesystem:"):
        settings.QUEUE_ROOT.mkdir(parents=True, exist_ok=True)
        if not os.access(settings.QUEUE_ROOT, os.W_OK):
            raise PermissionError(f"{settings.QUEUE_ROOT} cannot be written")
        return
    app: Any = import_string("studio.celery.app")
    with app.connection(connect_timeout=PATIENCE) as broker:
        broker.ensure_connection(max_retries=0, timeout=PATIENCE)


def _engine() -> None:
    asked = urllib.request.Request(f"{settings.ENGINE_URL}/health")  # noqa: S310  (an address from the settings)
    if settings.ENGINE_TOKEN:
        asked.add_header("Authorization", f"Bearer {settings.ENGINE_TOKEN}")
    with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:  # noqa: S310
        answer.read()


CHECKS: dict[str, Callable[[], None]] = {"database": _database, "queue": _queue, "engine": _engine}


class Counts(Collector):
    """A few numbers that cost one cheap query each."""

    def collect(self) -> Iterator[Metric]:
        plain: dict[str, Any] = {
            "people": get_user_model(),
            "teams": Team,
            "projects": Project,
            "models": ModelVersion,
            "endpoints": Endpoint,
            "conversations": Conversation,
            "messages": Message,
        }
        for name, model in plain.items():
            yield GaugeMetricFamily(f"atelier_{name}", f"Number of {name}", value=model._default_manager.count())
        for name, model in {"datasets": Dataset, "runs": TrainingRun}.items():
            family = GaugeMetricFamily(f"atelier_{name}", f"Number of {name} by state", labels=["state"])
            for row in model._default_manager.order_by().values("state").annotate(number=Count("pk")):
                family.add_metric([row["state"]], row["number"])
            yield family


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_measure(request):
        body = json.dumps({"error": "Send METRICS_TOKEN as a bearer token."})
        return HttpResponse(body, status=401, content_type="application/json", headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    registry.register(Counts())
    ProcessCollector(registry=registry)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_measure(request: HttpRequest) -> bool:
    """With a token: whoever knows it. Without: this machine only, and nobody behind a proxy, where all look local."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    forwarded = settings.BEHIND_PROXY or "X-Forwarded-For" in request.headers
    return not forwarded and request.META.get("REMOTE_ADDR") in {"127.0.0.1", "::1"}
