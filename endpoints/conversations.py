"""The rows of a conversation: opened once, every question stored once, every answer stored while it is written."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from endpoints import metering, tallies
from endpoints.models import Conversation, Endpoint, Feedback, Message
from endpoints.visitors import digest

SILENT = timedelta(seconds=6)
"""A streaming row without a sign of life for this long has lost the process that wrote it."""
NUMBERS = 1000
"""Frame numbers are taken from the row in blocks, so that a crash never gives one out twice."""
LONGEST_QUESTION = 4000
LONGEST_CORRECTION = 4000
WRITING = "writing"
"""What a browser calls a streaming answer."""
RATINGS = {"up": 1, "down": -1, None: 0}


@dataclass(frozen=True)
class Opening:
    """Where a conversation comes from; its row is made with the first question."""

    endpoint: int
    channel: str
    token: str
    user: int | None = None
    origin: str = ""
    language: str = ""


@dataclass(frozen=True)
class Asked:
    """A stored question and, unless it was there before, the empty answer that will be filled."""

    question: Message
    answer: Message | None
    new: bool


def find(endpoint: int, pk: str | None, token: str | None) -> Conversation | None:
    """The visitor's own conversation; the secret token decides, the id alone opens nothing."""
    if not pk or not token:
        return None
    try:
        key = uuid.UUID(str(pk))
    except ValueError:
        return None
    return Conversation.objects.filter(pk=key, endpoint_id=endpoint, token_hash=digest(str(token))).first()


def create(pk: str, opening: Opening) -> Conversation:
    """The row, made when the first question comes, so that a glance at the page leaves nothing behind."""
    row, _made = Conversation.objects.get_or_create(
        pk=pk,
        defaults={
            "endpoint_id": opening.endpoint,
            "channel": opening.channel,
            "token_hash": digest(opening.token) if opening.token else "",
            "user_id": opening.user,
            "origin": opening.origin[:200],
            "language": opening.language[:16],
        },
    )
    return row


def take_numbers(pk: str) -> int:
    """The first of a fresh block of frame numbers."""
    Conversation.objects.filter(pk=pk).update(sequence=F("sequence") + NUMBERS)
    last = Conversation.objects.filter(pk=pk).values_list("sequence", flat=True).first()
    return (last or NUMBERS) - NUMBERS


def ask(conversation: Conversation, text: str, client_id: str, deployment: int | None) -> Asked:
    """Stores a question once. The same client_id again brings back what is there."""
    with transaction.atomic():
        known = conversation.messages.filter(client_id=client_id).first() if client_id else None
        if known is None:
            try:
                with transaction.atomic():
                    question = Message.objects.create(
                        conversation=conversation, role=Message.Role.USER, text=text, client_id=client_id
                    )
            except IntegrityError:
                known = conversation.messages.get(client_id=client_id)
            else:
                touch(conversation)
                return Asked(question, _empty_answer(conversation, deployment), True)
        if conversation.messages.filter(pk__gt=known.pk, role=Message.Role.ASSISTANT).exists():
            return Asked(known, None, False)
        return Asked(known, _empty_answer(conversation, deployment), False)


def retry(conversation: Conversation, pk: int, deployment: int | None) -> tuple[Message, Message] | None:
    """An answer to be written again: (question, new empty answer). The old one is kept and marked as replaced."""
    old = (
        conversation.messages.filter(pk=pk, role=Message.Role.ASSISTANT).exclude(state=Message.State.STREAMING).first()
    )
    if old is None or conversation.messages.filter(replaces=old).exists():
        return None
    question = conversation.messages.filter(role=Message.Role.USER, pk__lt=old.pk).last()
    if question is None:
        return None
    return question, _empty_answer(conversation, deployment, old)


def _empty_answer(conversation: Conversation, deployment: int | None, replaces: Message | None = None) -> Message:
    return Message.objects.create(
        conversation=conversation,
        role=Message.Role.ASSISTANT,
        state=Message.State.STREAMING,
        deployment_id=deployment,
        replaces=replaces,
        beat=timezone.now(),
    )


def touch(conversation: Conversation) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(updated=timezone.now())


def placed(conversation: Conversation) -> list[tuple[int, Message]]:
    """The messages that stand, each with its place: an answer written again stands where the first one stood."""
    rows = list(conversation.messages.select_related("feedback"))
    instead_of = {row.pk: row.replaces_id for row in rows}
    gone = {pk for pk in instead_of.values() if pk}

    def place(pk: int) -> int:
        before = instead_of.get(pk)
        return place(before) if before else pk

    return sorted(((place(row.pk), row) for row in rows if row.pk not in gone), key=lambda pair: pair[0])


def current(conversation: Conversation) -> list[Message]:
    return [message for _place, message in placed(conversation)]


def history(conversation: Conversation) -> list[dict[str, Any]]:
    """What a browser needs to draw the conversation again."""
    return [
        {
            "id": message.pk,
            "role": message.role,
            "text": message.text,
            "sources": message.sources,
            "result": message.result,
            "state": WRITING if message.state == Message.State.STREAMING else message.state,
            "rating": rating_of(message),
            "client_id": message.client_id or None,
        }
        for message in current(conversation)
    ]


def rating_of(message: Message) -> str | None:
    feedback = getattr(message, "feedback", None)
    return {1: "up", -1: "down"}.get(feedback.rating) if feedback else None


def prompt(conversation: Conversation, question: Message) -> list[dict[str, str]]:
    """The conversation up to a question, as a model reads it; broken and empty answers are left out."""
    spoken = []
    for place, message in placed(conversation):
        if place > question.pk:
            break
        if message.role == Message.Role.ASSISTANT and (not message.text or message.state == Message.State.FAILED):
            continue
        spoken.append({"role": message.role, "content": message.text})
    return spoken


def results(conversation: Conversation, question: Message) -> list[dict[str, Any]]:
    """The labels and cards shown before a question."""
    return [message.result for place, message in placed(conversation) if place < question.pk and message.result]


@dataclass(frozen=True)
class Progress:
    """How far an answer is."""

    message: int
    text: str
    sources: list[dict[str, str]]
    result: dict[str, Any] = field(default_factory=dict)


def store(many: Iterable[Progress]) -> None:
    """The texts of all running answers so far, in one transaction: one write lock a tick, not one a chat."""
    now = timezone.now()
    with transaction.atomic():
        for one in many:
            Message.objects.filter(pk=one.message, state=Message.State.STREAMING).update(
                text=one.text, sources=one.sources, result=one.result, beat=now
            )


@dataclass(frozen=True)
class Ending:
    """The last word on an answer."""

    state: str
    confidence: float | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    key: int | None = None


def finish(answer: Message, progress: Progress, ending: Ending) -> None:
    Message.objects.filter(pk=answer.pk).update(
        text=progress.text,
        sources=progress.sources,
        result=progress.result,
        state=ending.state,
        confidence=ending.confidence,
        prompt_tokens=ending.prompt_tokens,
        completion_tokens=ending.completion_tokens,
        seconds=ending.seconds,
        beat=timezone.now(),
    )
    touch(answer.conversation)
    metering.record(answer.conversation.endpoint_id, ending.key, ending.prompt_tokens, ending.completion_tokens)
    if progress.result.get("kind") == "label" and answer.conversation.channel != Conversation.Channel.TRY:
        tallies.record(answer.conversation.endpoint_id, tallies.of_result(progress.result))


def running(conversation: Conversation) -> Message | None:
    return conversation.messages.filter(state=Message.State.STREAMING).last()


def give_up_silent(conversation: Conversation) -> list[int]:
    """Ends answers whose process was killed while it wrote; their text stays, and the visitor may ask again."""
    silent = conversation.messages.filter(_silent(timezone.now()))
    ids = list(silent.values_list("pk", flat=True))
    Message.objects.filter(pk__in=ids, state=Message.State.STREAMING).update(state=Message.State.FAILED)
    return ids


def _silent(now: datetime) -> Q:
    quiet = Q(beat__isnull=True) | Q(beat__lt=now - SILENT)
    return quiet & Q(state=Message.State.STREAMING)


def rate(conversation: Conversation, pk: int, rating: str | None, correction: str) -> bool:
    """A thumb, and perhaps what the answer should have been. A thumb taken back keeps no correction."""
    message = conversation.messages.filter(pk=pk, role=Message.Role.ASSISTANT).first()
    if message is None or rating not in RATINGS:
        return False
    values: dict[str, Any] = {"rating": RATINGS[rating]}
    correction = correction.strip()[:LONGEST_CORRECTION]
    if correction or rating != "down":
        # A new wording has not been learned from yet, whatever the old one was used for.
        values |= {"correction": correction if rating == "down" else "", "used_in": None}
    Feedback.objects.update_or_create(message=message, defaults=values)
    return True


def followed(answer: int) -> Message | None:
    """A fresh look at an answer that another process writes."""
    return Message.objects.filter(pk=answer).first()


def endpoint_by_slug(slug: str) -> Endpoint | None:
    return Endpoint.objects.filter(slug=slug).select_related("project__team").first()
