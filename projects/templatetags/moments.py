"""Days and times in templates, as the reader writes them; nothing for nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django import template

from projects import moments

register = template.Library()


def _shown(way: Callable[[object], str]) -> Callable[[date | datetime | None], str]:
    return lambda value: way(value) if value else ""


for name in ("day", "long_day", "moment", "long_moment", "clock", "ago"):
    register.filter(name, _shown(getattr(moments, name)))
