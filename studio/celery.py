"""The Celery application: an embedded file queue by default, Redis or RabbitMQ when a broker URL is set."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import worker_process_init
from django.conf import settings

from studio import filequeue
from studio.supervisor.lifeline import follow

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")

filequeue.use()
app = Celery("atelier", task_cls="studio.jobs:Job")


def embedded_queue() -> dict[str, object]:
    """Options of the file queue. Its default polling costs five seconds a task; a tenth of a second costs 66 ms."""
    for folder in ("messages", "control", "processed"):
        (settings.QUEUE_ROOT / folder).mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(settings.QUEUE_ROOT / "messages"),
        "data_folder_out": str(settings.QUEUE_ROOT / "messages"),
        "control_folder": str(settings.QUEUE_ROOT / "control"),
        "processed_folder": str(settings.QUEUE_ROOT / "processed"),
        "polling_interval": 0.1,
    }


def broker_options(url: str) -> dict[str, object]:
    if url.startswith("filesystem:"):
        return embedded_queue()
    if url.startswith(("redis:", "rediss:")):
        # A task that outlasts the time-out is delivered again; the row's claim refuses the second delivery.
        return {"visibility_timeout": 3600, "unacked_restore_interval": 2, "unacked_restore_throttle": 1}
    return {}


app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_transport_options=broker_options(settings.CELERY_BROKER_URL),
    broker_connection_retry_on_startup=True,
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=False,
    task_default_queue="default",
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    timezone="UTC",
)
app.autodiscover_tasks(["projects", "training", "endpoints"])


AFTER_PAGES = 5
"""How much later than pages and answers the work of the queue gets the processor."""


@worker_process_init.connect
def tie_to_worker(**_: object) -> None:
    """A pool process must not go on alone when its worker is killed: the row is given to another one.

    A worker that ends waits for the task at hand, but the thread of it that starts fresh pool processes ends at once.

    It lets pages and answers go first: a file of a gigabyte, or a training, keeps all cores busy for long."""
    follow(os.getppid())
    os.nice(AFTER_PAGES)
