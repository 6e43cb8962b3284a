"""How often each label is given, day by day, whichever door the text came through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from endpoints.scored import LabelCount

LONGEST = 200


class Judged(Protocol):
    """A text and what was said of it."""

    @property
    def labels(self) -> Iterable[str]: ...
    @property
    def level(self) -> str: ...
    @property
    def out_of_scope(self) -> bool: ...


@dataclass
class Tally:
    """Texts counted by label; the empty label counts them all."""

    count: Counter[str] = field(default_factory=Counter)
    unsure: Counter[str] = field(default_factory=Counter)
    outside: int = 0

    def add(self, labels: Iterable[str], level: str, out_of_scope: bool, times: int = 1) -> None:
        for label in ("", *dict.fromkeys(labels if not out_of_scope else ())):
            self.count[label[:LONGEST]] += times
            if level == "unsure":
                self.unsure[label[:LONGEST]] += times
        self.outside += times if out_of_scope else 0


def of_outcomes(found: Iterable[Judged]) -> Tally:
    tally = Tally()
    for one in found:
        tally.add(one.labels, one.level, one.out_of_scope)
    return tally


def of_result(result: Mapping[str, Any]) -> Tally:
    """One answer of a chat, as it is stored."""
    tally = Tally()
    tally.add(result.get("labels") or [], str(result.get("level")), bool(result.get("out_of_scope")))
    return tally


def record(endpoint: int, tally: Tally) -> None:
    """Adds to today's rows. In one transaction, and in one order, so that two requests never wait for each other."""
    if not tally.count:
        return
    today = timezone.now().date()
    with transaction.atomic():
        for label in sorted(tally.count):
            _add(
                LabelCount(endpoint_id=endpoint, day=today, label=label),
                count=tally.count[label],
                unsure=tally.unsure[label],
                outside=0 if label else tally.outside,
            )


def _add(row: LabelCount, **more: int) -> None:
    rows = LabelCount.objects.filter(endpoint_id=row.endpoint_id, day=row.day, label=row.label)
    added = {name: F(name) + value for name, value in more.items()}
    if rows.update(**added):
        return
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # another process made today's row first
        pass
    rows.update(**added)
