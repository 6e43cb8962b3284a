"""Usage by day, endpoint and key. Counted here and not by the client, who may leave before the end.

What a page shows is summed up here too, from the counts and the newest rows, never from all conversations.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils import timezone

from endpoints.models import AnswerCount, ApiKey, Conversation, Endpoint, Feedback, Usage
from projects import moments

COUNTED = ("requests", "answers", "unsure", "prompt_tokens", "completion_tokens")
FRESH = timedelta(minutes=1)
"""A key's last use is written down at most this often."""
WIDE, HIGH = 640, 120
"""The drawing of a month of use."""


@dataclass(frozen=True)
class Used:
    """What one request used and was given."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    answers: int = 1
    unsure: int = 0


def record(endpoint: int, key: int | None, used: Used) -> None:
    """Adds one request to today's row."""
    today = timezone.now().date()
    more = {
        "requests": F("requests") + 1,
        "answers": F("answers") + used.answers,
        "unsure": F("unsure") + used.unsure,
        "prompt_tokens": F("prompt_tokens") + used.prompt_tokens,
        "completion_tokens": F("completion_tokens") + used.completion_tokens,
    }
    rows = Usage.objects.filter(endpoint_id=endpoint, key_id=key, day=today)
    if rows.update(**more):
        return
    try:
        with transaction.atomic():
            Usage.objects.create(endpoint_id=endpoint, key_id=key, day=today)
    except IntegrityError:  # another process made today's row first
        pass
    rows.update(**more)


WITHIN = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 90.0)
"""Seconds, for the histogram of answers."""
LONGER = 1e9


def ended(state: str, seconds: float) -> None:
    """Counts one answer, for all web processes together: whichever of them is asked tells of all."""
    within = next((most for most in WITHIN if seconds <= most), LONGER)
    row = AnswerCount.objects.filter(state=state, within=within)
    more = {"count": F("count") + 1, "seconds": F("seconds") + seconds}
    if row.update(**more):
        return
    with contextlib.suppress(IntegrityError), transaction.atomic():  # another process may make it first
        AnswerCount.objects.create(state=state, within=within)
    row.update(**more)


def used_now(key: ApiKey) -> None:
    """Notes when a key was last used, at most once a minute: what a page calls "just now" is no older."""
    now = timezone.now()
    if key.last_used is None or now - key.last_used >= FRESH:
        ApiKey.objects.filter(pk=key.pk).update(last_used=now)


@dataclass(frozen=True)
class Day:
    """What was used on one day."""

    day: date
    requests: int = 0
    answers: int = 0
    unsure: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True)
class Bar:
    """The answers of a day, drawn; those that it was not sure about are its foot. All but the counts in units of the drawing."""

    day: str
    answers: int
    unsure: int
    x: float
    width: float
    y: float
    height: float
    unsure_y: float
    unsure_height: float


@dataclass(frozen=True)
class Chart:
    """The days from FIRST to LAST as bars, of which the highest stands for TOP answers."""

    bars: list[Bar]
    top: int
    first: str
    last: str


@dataclass(frozen=True)
class Overview:
    """The numbers of an endpoint's page: what was asked and used in the last days, and what people thought of it."""

    days: int
    requests: int
    answers: int
    unsure: int
    tokens: int
    conversations: int
    last: datetime | None
    up: int
    down: int
    by_day: list[Day]  # with a request, the newest first
    chart: Chart | None


def overview(endpoint: Endpoint, days: int = 30) -> Overview:
    since = timezone.now() - timedelta(days=days)
    by_day = _by_day(endpoint, days)
    talks = Conversation.objects.filter(endpoint=endpoint)
    return Overview(
        days=days,
        requests=sum(day.requests for day in by_day),
        answers=sum(day.answers for day in by_day),
        unsure=sum(day.unsure for day in by_day),
        tokens=sum(day.tokens for day in by_day),
        conversations=talks.filter(created__gte=since).count(),
        last=talks.order_by("-updated").values_list("updated", flat=True).first(),
        up=_rated(endpoint, 1, since),
        down=_rated(endpoint, -1, since),
        by_day=[day for day in reversed(by_day) if day.requests],
        chart=_drawn(by_day),
    )


def _rated(endpoint: Endpoint, rating: int, since: datetime) -> int:
    rows = Feedback.objects.filter(rating=rating, updated__gte=since, message__conversation__endpoint=endpoint)
    return rows.count()


def _by_day(endpoint: Endpoint, days: int) -> list[Day]:
    """What was used on each of the last days, oldest first."""
    today = timezone.now().date()
    first = today - timedelta(days=days - 1)
    rows = endpoint.usage.filter(day__gte=first).values("day")  # one for each key
    named = {f"sum_{name}": Sum(name) for name in COUNTED}
    used = {day: Day(day, *sums) for day, *sums in rows.annotate(**named).values_list("day", *named)}
    all_days = (first + timedelta(days=place) for place in range(days))
    return [used.get(day) or Day(day) for day in all_days]


def _drawn(by_day: list[Day]) -> Chart | None:
    """Answers a day as bars; None where there are none."""
    top = max(day.answers for day in by_day)
    if not top:
        return None
    step = WIDE / len(by_day)
    bars = [
        Bar(
            day=moments.day(used.day),
            answers=used.answers,
            unsure=used.unsure,
            x=round(place * step + step * 0.12, 1),
            width=round(step * 0.76, 1),
            y=round(HIGH - HIGH * used.answers / top, 1),
            height=round(HIGH * used.answers / top, 1),
            unsure_y=round(HIGH - HIGH * used.unsure / top, 1),
            unsure_height=round(HIGH * used.unsure / top, 1),
        )
        for place, used in enumerate(by_day)
        if used.answers
    ]
    return Chart(bars, top, moments.day(by_day[0].day), moments.day(by_day[-1].day))
