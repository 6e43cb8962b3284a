"""What an assistant was asked lately: the questions that came most often, and those that it had no answer for.

The newest conversations stand for all of them, so that a page costs the same with a hundred of them and with a hundred
thousand.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter

from django.db.models import Q
from django.db.models.functions import Left

from endpoints import correcting, manners
from endpoints.models import Conversation, Endpoint, Message
from projects import quality

TALKS = 1000
"""Conversations that are looked at, the newest first."""
AT_ONCE = 250
MESSAGES = 5000
LONGEST = 300
"""Characters of a message that are looked at."""
SHOWN = 8
CANDIDATES = 60
"""Unanswered questions of which those are looked for that nobody has answered by a correction."""
NO_ANSWER = (Message.State.UNSURE, Message.State.FAILED)


@dataclass
class Question:
    """The same question, however many asked it."""

    text: str
    times: int = 0
    unanswered: int = 0
    answer: int | None = None
    """The newest message that should have answered it."""
    conversation: uuid.UUID | None = None


@dataclass(frozen=True)
class Lately:
    """The newest conversations in questions."""

    talks: int
    whole: bool
    """Whether these are all conversations that there are."""
    most_asked: list[Question] = field(default_factory=list)
    unanswered: list[Question] = field(default_factory=list)


@dataclass(frozen=True)
class _Said:
    pk: int
    conversation: uuid.UUID
    role: str
    state: str
    replaces: int | None
    text: str


def lately(endpoint: Endpoint) -> Lately:
    """What was asked in the newest conversations."""
    newest = Conversation.objects.filter(endpoint=endpoint).exclude(channel=Conversation.Channel.TRY)
    talks = list(newest.order_by("-updated").values_list("pk", flat=True)[: TALKS + 1])
    counted = _counted(_said(talks[:TALKS]))
    often = sorted((one for one in counted if one.times > 1), key=attrgetter("times"), reverse=True)
    missed = sorted((one for one in counted if one.unanswered), key=attrgetter("unanswered"), reverse=True)
    return Lately(
        min(len(talks), TALKS), len(talks) <= TALKS, often[:SHOWN], _open(endpoint, missed[:CANDIDATES])[:SHOWN]
    )


def _said(talks: list[uuid.UUID]) -> dict[uuid.UUID, list[_Said]]:
    """What was said in each of these conversations, in its order, until enough was read."""
    said: dict[uuid.UUID, list[_Said]] = {}
    count = 0
    for start in range(0, len(talks), AT_ONCE):
        rows = Message.objects.filter(conversation__in=talks[start : start + AT_ONCE]).order_by()
        wanted = rows.annotate(begin=Left("text", LONGEST))
        for row in wanted.values_list("pk", "conversation_id", "role", "state", "replaces_id", "begin").iterator():
            said.setdefault(row[1], []).append(_Said(*row))
            count += 1
            if count >= MESSAGES:
                return said
    return said


def _counted(talks: dict[uuid.UUID, list[_Said]]) -> Iterable[Question]:
    """The questions, those of the same words as one."""
    counted: dict[int, Question] = {}
    for said in talks.values():
        said.sort(key=attrgetter("pk"))
        replaced = {one.replaces for one in said if one.replaces}
        begun = {one.pk: one.replaces for one in said if one.replaces}
        questions = [one for one in said if one.role == Message.Role.USER and _asks(one.text)]
        for one in questions:
            counted.setdefault(_key(one.text), Question(one.text)).times += 1
        for answer in said:
            if answer.state not in NO_ANSWER or answer.pk in replaced or answer.role != Message.Role.ASSISTANT:
                continue
            first = answer.pk
            while first in begun:
                first = begun[first] or 0
            asked = next((one for one in reversed(questions) if one.pk < first), None)
            if asked is None:
                continue
            missed = counted[_key(asked.text)]
            missed.unanswered += 1
            if missed.answer is None or answer.pk > missed.answer:
                missed.answer, missed.conversation = answer.pk, answer.conversation
    return counted.values()


@lru_cache(maxsize=4096)
def _key(text: str) -> int:
    return quality.key(text)


@lru_cache(maxsize=4096)
def _asks(text: str) -> bool:
    """Whether it is more than a greeting and its like."""
    return not manners.kind_of(text)


def _open(endpoint: Endpoint, missed: list[Question]) -> list[Question]:
    """Those that no correction answers by now."""
    settled = correcting.settled(endpoint.project_id, [one.text for one in missed])
    return [one for one in missed if one.text not in settled]


def to_correct(unanswered: list[Question]) -> list[tuple[Question, Message]]:
    """Each unanswered question with the message that a correction of it hangs on."""
    wanted = Q(pk__in=[one.answer for one in unanswered])
    rows = Message.objects.filter(wanted).select_related("conversation__endpoint__project", "feedback")
    messages = {row.pk: row for row in rows}
    return [(one, messages[one.answer]) for one in unanswered if one.answer in messages]
