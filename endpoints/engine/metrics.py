"""What Prometheus reads at /metrics."""

from __future__ import annotations

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from endpoints.engine.answers import Answer
from endpoints.engine.scheduler import Scheduler

CONTENT = CONTENT_TYPE_LATEST
REGISTRY = CollectorRegistry()
REQUESTS = Counter("engine_requests", "Requests by route and status.", ["route", "status"], registry=REGISTRY)
PROMPTS = Counter("engine_prompt_tokens", "Tokens of prompts.", registry=REGISTRY)
WRITTEN = Counter("engine_completion_tokens", "Tokens of answers.", registry=REGISTRY)
FIRST = Histogram("engine_first_token_seconds", "From the first step to the first token.", registry=REGISTRY)
RUNNING = Gauge("engine_running", "Answers being written.", registry=REGISTRY)
WAITING = Gauge("engine_waiting", "Requests waiting for a place.", registry=REGISTRY)


def route(request: web.Request) -> str:
    """The route, not the path: paths that nobody serves must not grow the table."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "-"


def answered(answer: Answer) -> None:
    PROMPTS.inc(answer.usage.prompt_tokens)
    WRITTEN.inc(answer.usage.completion_tokens)
    if answer.first is not None:
        FIRST.observe(answer.first)


def text(scheduler: Scheduler) -> bytes:
    RUNNING.set(scheduler.running)
    WAITING.set(scheduler.waiting)
    return generate_latest(REGISTRY)
