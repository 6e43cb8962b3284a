"""The rows of a conversation: opened once, every question stored once, every answer stored while it is written."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from endpoints import metering, tallies
from endpoints.events import Drawn
from endpoints.models import Conversation, Endpoint, Feedback, Message
from endpoints.visitors import digest
from projects import space
from projects.errors import UserError

SILENT = timedelta(seconds=6)
"""A streaming row without a sign of life for this long has lost the process that wrote it."""
LONGEST_ANSWER = timedelta(minutes=15)
SWEPT = 500
"""So many answers end in one sweep."""
NUMBERS = 1000
"""Frame numbers are taken from the row in blocks, so that a crash never gives one out twice."""
LONGEST_QUESTION = 4000
MOST_MESSAGES = 1000
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


def check_room(conversation: Conversation | None) -> None:
    """Raises what a visitor hears when nothing more can be stored: a conversation is read whole for each answer, and what
    strangers write must leave room for the team's own work."""
    if conversation is not None and conversation.messages.count() >= MOST_MESSAGES:
        raise UserError(_("This conversation has become too long."), todo=_("Please start a new one."))
    if not space.for_strangers():
        raise UserError(
            _("This assistant cannot take questions just now: the disk of its studio is nearly full."),
            _("Earlier conversations are safe."),
            _("Please tell whoever runs it, and try again later."),
            status=507,
        )


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
        beat=Now(),
    )


def touch(conversation: Conversation) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(updated=timezone.now())


def placed(conversation: Conversation) -> list[tuple[int, Message]]:
    """The messages that stand, each with its place: an answer written again stands where the first one stood."""
    rows = list(conversation.messages.select_related("feedback"))
    gone = {row.replaces_id for row in rows if row.replaces_id}
    place: dict[int, int] = {}
    for row in sorted(rows, key=lambda row: row.pk):  # what an answer replaces was there before it
        place[row.pk] = place.get(row.replaces_id, row.replaces_id) if row.replaces_id else row.pk
    return sorted(((place[row.pk], row) for row in rows if row.pk not in gone), key=lambda pair: pair[0])


def current(conversation: Conversation) -> list[Message]:
    return [message for _place, message in placed(conversation)]


def history(conversation: Conversation) -> list[dict[str, object]]:
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


def results(conversation: Conversation, question: Message) -> list[Drawn]:
    """The labels and cards shown before a question."""
    return [message.result for place, message in placed(conversation) if place < question.pk and message.result]


@dataclass(frozen=True)
class Progress:
    """How far an answer is."""

    message: int
    text: str
    sources: list[dict[str, str]]
    result: dict[str, object] = field(default_factory=dict)


def store(many: Iterable[Progress]) -> None:
    """The texts of all running answers so far, in one transaction: one write lock a tick, not one a chat."""
    with transaction.atomic():
        for one in many:
            Message.objects.filter(pk=one.message, state=Message.State.STREAMING).update(
                text=one.text, sources=one.sources, result=one.result, beat=Now()
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


@transaction.atomic  # it is said again when the database was away, and counts once
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
        beat=Now(),
    )
    touch(answer.conversation)
    used = metering.Used(
        ending.prompt_tokens,
        ending.completion_tokens,
        answers=int(ending.state != Message.State.FAILED),
        unsure=int(ending.state == Message.State.UNSURE),
    )
    metering.record(answer.conversation.endpoint_id, ending.key, used)
    metering.ended(ending.state, ending.seconds)
    if progress.result.get("kind") == "label" and answer.conversation.channel != Conversation.Channel.TRY:
        tallies.record(answer.conversation.endpoint_id, tallies.of_result(progress.result))


def running(conversation: Conversation) -> Message | None:
    return conversation.messages.filter(state=Message.State.STREAMING).last()


def give_up_silent(conversation: Conversation) -> list[int]:
    """Ends answers whose process was killed while it wrote; their text stays, and the visitor may ask again."""
    silent = conversation.messages.filter(_silent())
    ids = list(silent.values_list("pk", flat=True))
    given_up = Message.objects.filter(pk__in=ids, state=Message.State.STREAMING).update(state=Message.State.FAILED)
    for _answer in range(given_up):
        metering.ended(Message.State.FAILED, SILENT.total_seconds())
    return ids


def show_silent(messages: Iterable[Message]) -> None:
    """The same for who only looks: nothing is written."""
    asked = [message.pk for message in messages if message.state == Message.State.STREAMING]
    silent = set(Message.objects.filter(_silent(), pk__in=asked).values_list("pk", flat=True)) if asked else set()
    for message in messages:
        if message.pk in silent:
            message.state = Message.State.FAILED


def sweep() -> int:
    """Ends every answer whose process was killed, also where nobody comes back to look; how many."""
    silent = list(Message.objects.filter(_silent()).values_list("pk", flat=True)[:SWEPT])
    return Message.objects.filter(pk__in=silent, state=Message.State.STREAMING).update(state=Message.State.FAILED)


def _silent() -> Q:
    """By the database's clock, the one that all web processes have. A sign from the future is from before it was set.

    An answer to a program gives no sign but its first, since nobody reads along; it is given as long as one may take."""
    to_a_program = Q(conversation__channel=Conversation.Channel.API)
    quiet = ~to_a_program & (Q(beat__lt=Now() - SILENT) | Q(beat__gt=Now() + SILENT))
    quiet |= to_a_program & (Q(beat__lt=Now() - LONGEST_ANSWER) | Q(beat__gt=Now() + LONGEST_ANSWER))
    return (quiet | Q(beat__isnull=True)) & Q(state=Message.State.STREAMING)


def rate(conversation: Conversation, pk: int, rating: str | None, correction: str) -> bool:
    """A visitor's thumb, and perhaps what the answer should have been: a suggestion, which a person of the team has to
    take over. What the team said is not a visitor's to change. A thumb taken back keeps no suggestion."""
    message = conversation.messages.filter(pk=pk, role=Message.Role.ASSISTANT).first()
    if message is None or rating not in RATINGS:
        return False
    values: dict[str, object] = {"rating": RATINGS[rating]}
    suggestion = correction.strip()[:LONGEST_CORRECTION]
    if suggestion or rating != "down":
        values["suggestion"] = suggestion if rating == "down" else ""
    Feedback.objects.update_or_create(message=message, defaults=values)
    return True


def followed(answer: int) -> Message | None:
    """A fresh look at an answer that another process writes."""
    return Message.objects.filter(pk=answer).first()


def endpoint_by_slug(slug: str) -> Endpoint | None:
    return Endpoint.objects.filter(slug=slug).select_related("project__team").first()
