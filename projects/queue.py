"""The word to a worker, by the name of its task: whoever says it need not know what the worker does."""

from __future__ import annotations

from celery import current_app


def tell(task: str, pk: int) -> None:
    """A worker hears of a row once the transaction that made it is through. TASK: a name in projects/tasks.py."""
    current_app.tasks[f"projects.tasks.{task}"].delay_on_commit(pk)
