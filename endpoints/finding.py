"""Conversations found again: by who asked, by what became of the answers, by words and by day.

Every filter starts from an index, and no list is counted further than a person would turn its pages, so that a hundred
thousand conversations cost a page no more than a few.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from endpoints.models import Conversation, Message

PAGE = 40
MOST = 10_000
"""Conversations that a list goes back; dates lead further."""
LONGEST_WORDS = 200
NAMES = ("who", "show", "endpoint", "channel", "since", "until", "q")
NO_ANSWER = Q(state__in=[Message.State.UNSURE, Message.State.FAILED])
Channel = Conversation.Channel


@dataclass(frozen=True)
class Who:
    """Who asked: people, or programs."""

    title: str | Promise
    channels: tuple[str, ...]


WHO = {
    "people": Who(_("People"), (Channel.PAGE, Channel.WIDGET)),
    "programs": Who(_("Programs (API)"), (Channel.API,)),
}


def _having(condition: Q) -> Exists:
    return Exists(Message.objects.filter(condition, conversation=OuterRef("pk")).order_by())


def _unanswered() -> Exists:
    """An answer that was not sure or failed, was not written again, and that nobody corrected."""
    again = Message.objects.filter(conversation=OuterRef("conversation"), replaces=OuterRef("pk"))
    open_ = Message.objects.filter(NO_ANSWER, conversation=OuterRef("pk"), role=Message.Role.ASSISTANT)
    answered = ~Exists(again.order_by()) & (Q(feedback=None) | Q(feedback__correction=""))
    return Exists(open_.filter(answered).order_by())


@dataclass(frozen=True)
class Show:
    """What became of the answers."""

    title: str | Promise
    condition: Callable[[], Exists]
    nothing: str | Promise


SHOW = {
    "unanswered": Show(_("No answer"), _unanswered, _("Every question had an answer")),
    "wrong": Show(_("Marked wrong"), lambda: _having(Q(feedback__rating=-1)), _("No answer is marked wrong")),
    "suggested": Show(
        _("Visitors propose"),
        lambda: _having(~Q(feedback__suggestion="") & Q(feedback__correction="", feedback__isnull=False)),
        _("No visitor proposes anything"),
    ),
    "corrected": Show(
        _("Corrected"),
        lambda: _having(~Q(feedback__correction="") & Q(feedback__isnull=False)),
        _("No answer is corrected yet"),
    ),
    "good": Show(_("Marked good"), lambda: _having(Q(feedback__rating=1)), _("No answer is marked good yet")),
}


@dataclass(frozen=True)
class Wanted:
    """What a page or a download shows, as its address says it."""

    who: str
    show: str = ""
    endpoint: str = ""
    channel: str = ""
    since: str = ""
    until: str = ""
    q: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Wanted:
        given = {name: str(asked.get(name, "")).strip() for name in NAMES}
        who = given["who"] if given["who"] in WHO else "people"
        return cls(
            who=who,
            show=given["show"] if given["show"] in SHOW else "",
            endpoint=given["endpoint"] if given["endpoint"].isdecimal() and len(given["endpoint"]) < 18 else "",
            channel=given["channel"] if given["channel"] in WHO[who].channels else "",
            since=given["since"] if day(given["since"]) else "",
            until=given["until"] if day(given["until"]) else "",
            q=given["q"].replace("\x00", "")[:LONGEST_WORDS],
        )

    @property
    def narrowed(self) -> bool:
        """Whether it leaves any of the conversations of these people or programs out."""
        return bool(self.show or self.endpoint or self.channel or self.since or self.until or self.q)

    def query(self, **other: str) -> str:
        """The address's query for the same with something else."""
        values = {name: getattr(self, name) for name in NAMES} | other
        values["who"] = "" if values["who"] == "people" else values["who"]
        return urlencode({name: value for name, value in values.items() if value})


def day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def conversations(endpoints: Sequence[int], wanted: Wanted) -> QuerySet[Conversation]:
    """The conversations with these endpoints that were asked for, in no order."""
    chosen = [pk for pk in endpoints if str(pk) == wanted.endpoint] if wanted.endpoint else list(endpoints)
    channels = (wanted.channel,) if wanted.channel else WHO[wanted.who].channels
    rows = Conversation.objects.filter(endpoint__in=chosen, channel__in=channels).order_by()
    if wanted.show:
        rows = rows.filter(SHOW[wanted.show].condition())
    if wanted.q:
        rows = rows.filter(_having(Q(text__icontains=wanted.q)))
    since, until = day(wanted.since), day(wanted.until)
    if since:
        rows = rows.filter(created__gte=timezone.make_aware(datetime.combine(since, time.min)))
    if until:
        rows = rows.filter(created__lte=timezone.make_aware(datetime.combine(until, time.max)))
    return rows


class Newest(Paginator):  # type: ignore[type-arg]
    """Pages of the newest conversations, which are counted up to MOST."""

    def __init__(self, rows: QuerySet[Conversation]) -> None:
        self.rows = rows
        super().__init__(rows.order_by("-updated", "-pk")[:MOST], PAGE)

    @cached_property
    def _counted(self) -> int:
        return self.rows[: MOST + 1].count()

    @cached_property
    def count(self) -> int:  # type: ignore[override]
        return min(self._counted, MOST)

    @property
    def cut(self) -> bool:
        """Whether there are more than are shown."""
        return self._counted > MOST


def described(page: Sequence[Conversation]) -> list[Conversation]:
    """The conversations of one page with what its lines say of them."""
    first = Message.objects.filter(conversation=OuterRef("pk"), role=Message.Role.USER).order_by("pk")
    answer = Q(messages__role=Message.Role.ASSISTANT)
    rows = Conversation.objects.filter(pk__in=[one.pk for one in page]).select_related("endpoint")
    counted = rows.annotate(
        question=Subquery(first.values("text")[:1]),
        questions=Count("messages", filter=Q(messages__role=Message.Role.USER)),
        ups=Count("messages", filter=Q(messages__feedback__rating=1)),
        downs=Count("messages", filter=Q(messages__feedback__rating=-1)),
        corrected=Count("messages", filter=Q(messages__feedback__correction__gt="")),
        unsure=Count("messages", filter=answer & Q(messages__state=Message.State.UNSURE)),
        failed=Count("messages", filter=answer & Q(messages__state=Message.State.FAILED)),
    )
    return list(counted.order_by("-updated", "-pk"))


def beside(rows: QuerySet[Conversation], one: Conversation) -> tuple[Conversation | None, Conversation | None]:
    """The newer and the older neighbour in a list."""
    newer = rows.filter(updated__gt=one.updated).order_by("updated", "pk").first()
    older = rows.filter(updated__lt=one.updated).order_by("-updated", "-pk").first()
    return newer, older
