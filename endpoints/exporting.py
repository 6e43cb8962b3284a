"""Conversations as a CSV file, a block at a time, with nothing in it that a spreadsheet would run."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db.models import QuerySet

from endpoints import correcting
from endpoints.conversations import current, rating_of
from endpoints.models import Conversation, Message
from projects.cells import Table

HEADER = (
    "conversation", "assistant", "channel", "time", "question", "answer", "state", "similarity", "rating", "correction", "suggestion",
)  # fmt: skip
BLOCK = 100


async def csv_lines(found: QuerySet[Conversation]) -> AsyncIterator[str]:
    # The byte order mark tells Excel that this is UTF-8.
    yield "\ufeff" + text_of([HEADER])
    keys = [pk async for pk in found.order_by("created").values_list("pk", flat=True)]
    for start in range(0, len(keys), BLOCK):
        yield await sync_to_async(block)(keys[start : start + BLOCK])


def block(keys: Sequence[UUID]) -> str:
    rows = Conversation.objects.filter(pk__in=keys).select_related("endpoint__project").order_by("created")
    return text_of([line for row in rows for line in lines_of(row)])


def lines_of(conversation: Conversation) -> list[tuple[object, ...]]:
    """One line for each question with its answer."""
    spoken = [*current(conversation), None]
    lines: list[tuple[object, ...]] = []
    for message, following in pairwise(spoken):
        if message is None or message.role != Message.Role.USER:
            continue
        answer = following if following is not None and following.role == Message.Role.ASSISTANT else None
        feedback = getattr(answer, "feedback", None)
        cells = (
            conversation.pk, conversation.endpoint.name, conversation.channel, message.created.isoformat(" ", "seconds"),
            message.text, answer.text if answer else "", answer.state if answer else "",
            answer.confidence if answer else "", (rating_of(answer) if answer else "") or "",
            correcting.read_out(answer) if answer and feedback else "", feedback.suggestion if feedback else "",
        )  # fmt: skip
        lines.append(cells)
    return lines


def text_of(rows: Sequence[Sequence[object]]) -> str:
    out = io.StringIO()
    Table(out).add_all(rows)
    return out.getvalue()
