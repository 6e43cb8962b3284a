"""Conversations as a CSV file, a block at a time, with nothing in it that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise
from typing import Any

from asgiref.sync import sync_to_async
from django.db.models import QuerySet

from endpoints.conversations import current, rating_of
from endpoints.models import Conversation, Message

HEADER = (
    "conversation", "assistant", "channel", "time", "question", "answer", "state", "similarity", "rating", "correction",
)  # fmt: skip
BLOCK = 100
RUNNABLE = ("=", "+", "-", "@", "\t", "\r")


def neutral(value: object) -> str:
    """A cell that begins like a formula is made text: visitors write what they like."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(RUNNABLE) else text


async def csv_lines(found: QuerySet[Conversation]) -> AsyncIterator[str]:
    # The byte order mark tells Excel that this is UTF-8.
    yield "\ufeff" + text_of([HEADER])
    keys = [pk async for pk in found.order_by("created").values_list("pk", flat=True)]
    for start in range(0, len(keys), BLOCK):
        yield await sync_to_async(block)(keys[start : start + BLOCK])


def block(keys: Sequence[Any]) -> str:
    rows = Conversation.objects.filter(pk__in=keys).select_related("endpoint").order_by("created")
    return text_of([line for row in rows for line in lines_of(row)])


def lines_of(conversation: Conversation) -> list[tuple[str, ...]]:
    """One line for each question with its answer."""
    spoken = [*current(conversation), None]
    lines = []
    for message, following in pairwise(spoken):
        if message is None or message.role != Message.Role.USER:
            continue
        answer = following if following is not None and following.role == Message.Role.ASSISTANT else None
        feedback = getattr(answer, "feedback", None)
        cells = (
            conversation.pk, conversation.endpoint.name, conversation.channel, message.created.isoformat(" ", "seconds"),
            message.text, answer.text if answer else "", answer.state if answer else "",
            answer.confidence if answer else "", (rating_of(answer) if answer else "") or "",
            feedback.correction if feedback else "",
        )  # fmt: skip
        lines.append(tuple(neutral(cell) for cell in cells))
    return lines


def text_of(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
