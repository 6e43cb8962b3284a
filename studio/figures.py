"""The numbers that Prometheus collects. They are read from the database, so any web process tells of all of them."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import DatabaseError
from django.db.models import Count, DurationField, ExpressionWrapper, F, Max, Model, Q, QuerySet
from django.db.models.functions import Now
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from endpoints.metering import LONGER, WITHIN
from endpoints.models import AnswerCount, Conversation, Endpoint, Message
from endpoints.scored import Scoring
from projects.models import Dataset, Project, Team
from training.models import ModelVersion, TrainingRun, Worker

QUEUES = ("default", "train", "gpu")


def page(parts: dict[str, bool]) -> bytes:
    """Everything, in the format of Prometheus. PARTS says which parts of the studio answer just now."""
    registry = CollectorRegistry()
    registry.register(Machine(parts))
    if parts.get("database"):
        registry.register(Stored())
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class Machine(Collector):
    """What can be told without the database."""

    def __init__(self, parts: dict[str, bool]) -> None:
        self.parts = parts

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("atelier_up", "1 where this part of the studio answers", labels=["part"])
        for name, answers in self.parts.items():
            up.add_metric([name], answers)
        yield up
        free = GaugeMetricFamily("atelier_disk_free_bytes", "Bytes that are free", labels=["folder"])
        for name, folder in (("home", settings.HOME), ("data", settings.DATA_ROOT)):
            if folder.exists():
                free.add_metric([name], shutil.disk_usage(folder).free)
        yield free
        version = GaugeMetricFamily("atelier_version", "The version of the web process", labels=["version"])
        version.add_metric([settings.VERSION], 1)
        yield version


class Stored(Collector):
    """What the rows say: a few cheap queries. A database that goes away in between costs the rest, not the page."""

    def collect(self) -> Iterator[Metric]:
        for part in (numbers, states, queues, workers, answers):
            try:
                found = list(part())
            except DatabaseError:
                return
            yield from found


def numbers() -> Iterator[Metric]:
    models: dict[str, type[Model]] = {
        "people": get_user_model(),
        "teams": Team,
        "projects": Project,
        "models": ModelVersion,
        "endpoints": Endpoint,
        "conversations": Conversation,
        "messages": Message,
    }
    for name, model in models.items():
        yield GaugeMetricFamily(f"atelier_{name}", f"Number of {name}", value=model._default_manager.count())


def states() -> Iterator[Metric]:
    """Every state is told, also with 0: a series that comes and goes cannot be watched."""
    for name, model in (("datasets", Dataset), ("runs", TrainingRun), ("scorings", Scoring)):
        family = GaugeMetricFamily(f"atelier_{name}", f"Number of {name} by state", labels=["state"])
        rows = model._default_manager.order_by().values_list("state").annotate(number=Count("pk"))
        found = dict(rows)
        for state in model.State.values:
            family.add_metric([state], found.get(state, 0))
        yield family


def queues() -> Iterator[Metric]:
    """What waits for a worker, by the rows, which are the truth; messages are hints and can come twice."""
    waiting, oldest = Counter[str](), dict.fromkeys(QUEUES, timedelta())
    age = ExpressionWrapper(Now() - F("created"), output_field=DurationField())
    free = Q(state__in=Dataset.WORKING, worker="")
    known: tuple[tuple[QuerySet[Any, Any], str], ...] = (
        (Dataset.objects.filter(free).values("state"), "default"),
        (Scoring.objects.filter(state=Scoring.State.QUEUED).values("state"), "default"),
        (TrainingRun.objects.filter(state=TrainingRun.State.QUEUED).values("queue"), ""),
    )
    for rows, name in known:
        for row in rows.order_by().annotate(number=Count("pk"), wait=Max(age)):
            queue = name or row["queue"]
            waiting[queue] += row["number"]
            oldest[queue] = max(oldest.get(queue, timedelta()), row["wait"])
    length = GaugeMetricFamily("atelier_queue_length", "Work that waits for a worker", labels=["queue"])
    wait = GaugeMetricFamily(
        "atelier_queue_oldest_seconds", "Seconds since the oldest waiting work was made", labels=["queue"]
    )
    for queue in oldest:
        length.add_metric([queue], waiting[queue])
        wait.add_metric([queue], max(0.0, oldest[queue].total_seconds()))
    yield length
    yield wait


def workers() -> Iterator[Metric]:
    alive = Counter(queue for queues in Worker.alive().values_list("queues", flat=True) for queue in queues)
    family = GaugeMetricFamily("atelier_workers", "Workers that gave a sign of life", labels=["queue"])
    for queue in sorted({*QUEUES, *alive}):
        family.add_metric([queue], alive[queue])
    yield family
    versions = Counter(Worker.alive().values_list("version", flat=True))
    family = GaugeMetricFamily("atelier_worker_versions", "Living workers by version", labels=["version"])
    for version, number in versions.items():
        family.add_metric([version or "unknown"], number)
    yield family


def answers() -> Iterator[Metric]:
    """Since the studio was set up: the counts are kept with the rows and do not begin anew with a process."""
    rows = list(AnswerCount.objects.all())
    ended = CounterMetricFamily("atelier_answers", "Answers by how they ended", labels=["state"])
    for state in Message.State.values:
        if state != Message.State.STREAMING:
            ended.add_metric([state], sum(row.count for row in rows if row.state == state))
    yield ended
    written = [row for row in rows if row.state in (Message.State.DONE, Message.State.UNSURE)]
    buckets, total = [], 0
    for within in (*WITHIN, LONGER):
        total += sum(row.count for row in written if row.within == within)
        buckets.append(("+Inf" if within == LONGER else str(within), total))
    seconds = sum(row.seconds for row in written)
    yield HistogramMetricFamily(
        "atelier_answer_seconds", "Seconds from a question to its whole answer", buckets=buckets, sum_value=seconds
    )
