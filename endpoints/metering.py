"""Usage by day, endpoint and key. Counted here and not by the client, who may leave before the end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils import timezone

from endpoints.models import ApiKey, Conversation, Endpoint, Message, Usage


def record(endpoint: int, key: int | None, prompt_tokens: int, completion_tokens: int) -> None:
    """Adds one request to today's row."""
    today = timezone.now().date()
    more = {
        "requests": F("requests") + 1,
        "prompt_tokens": F("prompt_tokens") + prompt_tokens,
        "completion_tokens": F("completion_tokens") + completion_tokens,
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


def used_now(key: ApiKey) -> None:
    """Notes when a key was last used, at most once a minute."""
    now = timezone.now()
    if key.last_used is None or now - key.last_used > timedelta(minutes=1):
        ApiKey.objects.filter(pk=key.pk).update(last_used=now)


def overview(endpoint: Endpoint, days: int = 30) -> dict[str, Any]:
    """The numbers of an endpoint's page: requests and tokens of the last days, and what visitors thought."""
    since = timezone.now() - timedelta(days=days)
    usage = endpoint.usage.filter(day__gte=since.date()).aggregate(
        requests=Sum("requests"), prompt=Sum("prompt_tokens"), completion=Sum("completion_tokens")
    )
    answers = Message.objects.filter(conversation__endpoint=endpoint, role=Message.Role.ASSISTANT, created__gte=since)
    return {
        "days": days,
        "requests": usage["requests"] or 0,
        "tokens": (usage["prompt"] or 0) + (usage["completion"] or 0),
        "conversations": Conversation.objects.filter(endpoint=endpoint, created__gte=since).count(),
        "unsure": answers.filter(state=Message.State.UNSURE).count(),
        "up": answers.filter(feedback__rating=1).count(),
        "down": answers.filter(feedback__rating=-1).count(),
        "by_day": by_day(endpoint, days),
    }


def by_day(endpoint: Endpoint, days: int) -> list[dict[str, Any]]:
    """What was used on each of the last days, the newest first; days without use are left out."""
    since = timezone.now().date() - timedelta(days=days)
    rows = endpoint.usage.filter(day__gt=since).values("day").order_by("-day")
    found = rows.annotate(total=Sum("requests"), prompt=Sum("prompt_tokens"), completion=Sum("completion_tokens"))
    return [{"day": one["day"], "requests": one["total"], "tokens": one["prompt"] + one["completion"]} for one in found]
