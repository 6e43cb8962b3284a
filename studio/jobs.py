"""How every task of the studio is told to the queue, and when a worker must not begin it."""

from __future__ import annotations

import logging
import time

from celery.contrib.django.task import DjangoTask
from celery.exceptions import Reject
from django.db import transaction

from projects import claims, schema

logger = logging.getLogger(__name__)
PAUSE = 5.0
"""Seconds that a worker which cannot do a job keeps its message, so that another one gets it next."""
WHY = {
    "older": "This worker is older (%s) than the tables of the database. Its code cannot do %s %s, which stays in the queue "
    "for a worker that can. Nothing is lost. Restart this worker with the version that the pages have.",
    "newer": "The tables of the database are older than this worker (%s). %s %s stays in the queue. Nothing is lost. "
    "Run `python manage.py migrate`, or stop everything and start it again.",
}


class Job(DjangoTask):
    """A task whose message is a hint: the row is stored already, and a sweep tells a worker again."""

    def delay_on_commit(self, *args: object, **kwargs: object) -> None:
        """A queue that is away is logged, and fails no page: what the person brought or pressed is stored."""

        def tell() -> None:
            self.delay(*args, **kwargs)

        transaction.on_commit(tell, robust=True)

    def __call__(self, *args: object, **kwargs: object) -> object:
        if not self.request.called_directly:
            self.refuse_foreign_tables(args)
        return super().__call__(*args, **kwargs)

    def refuse_foreign_tables(self, args: tuple[object, ...]) -> None:
        why = claims.patiently(schema.mismatch)
        if why:
            logger.error(WHY[why], schema.version(), self.name, list(args))
            time.sleep(PAUSE)
            raise Reject(why, requeue=True)
