"""Days and times as the reader writes them: one way for every page, mail and sentence, after the reader's own region.

The page's language says the words, the profile or else the browser the region: 27/11/2026 in London, 11/27/2026 in
Chicago, 2026年11月27日.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import cache, lru_cache

from asgiref.local import Local
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.utils.translation.trans_real import parse_accept_lang_header

LONGEST_HEADER = 200
ELSEWHERE = "GB"
"""Whose customs are taken for a reader of another language: most of the world puts the day first and counts to 24."""
LATELY = timedelta(days=7)
CUSTOMS = {"GB": "en", "US": "en", "AU": "en", "DE": "de", "NL": "nl", "SE": "sv", "JP": "ja"}
"""A region for each way to write a day in numbers, and the language whose customs are meant."""
_reader = Local()


def read_by(accepted: str, region: str = "") -> None:
    """Whose page this is: the languages of a browser, as its header Accept-Language names them, and a chosen region."""
    _reader.accepted, _reader.region = accepted[:LONGEST_HEADER], region


PARTS_OF_WORLD = (
    "Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/",
)  # fmt: skip


@cache
def time_zones() -> frozenset[str]:
    """The names of all time zones. Kept, because the standard library walks the whole folder of them each time."""
    return frozenset(zoneinfo.available_timezones())


def places() -> list[str]:
    """Those that a person chooses among: not what only programs ask for, such as Factory or Etc/GMT-14."""
    return sorted(name for name in time_zones() if name == "UTC" or name.startswith(PARTS_OF_WORLD))


def locale() -> Locale:
    """The reader's language with the reader's region."""
    language = translation.get_language() or "en"
    return _locale(language, getattr(_reader, "accepted", ""), getattr(_reader, "region", ""))


def regions() -> list[tuple[str, str]]:
    """Regions that can be chosen: the code, and how the end of this year is written there, with the region's name."""
    here = locale()
    end = datetime(timezone.now().year, 12, 31, 17, 30)
    names = here.territories
    with _reading_as() as choose:
        found = []
        for region in CUSTOMS:
            choose(region)
            found.append((region, f"{moment(end)} · {names[region]}"))
    return found


@contextmanager
def _reading_as() -> Iterator[Callable[[str], None]]:
    """Lets regions be tried, and gives the reader's own back."""
    accepted, own = getattr(_reader, "accepted", ""), getattr(_reader, "region", "")
    try:
        yield lambda region: read_by(accepted, region)
    finally:
        read_by(accepted, own)


@lru_cache(maxsize=256)
def _locale(language: str, accepted: str, region: str) -> Locale:
    base = language.split("-")[0]
    if region and base != "zh":
        return _known(base, region) or Locale(base, ELSEWHERE)
    tags = [tag.split("-") for tag, _weight in parse_accept_lang_header(accepted) if tag != "*"]
    alike = [tag for tag in tags if tag[0] == base]
    if tags and tags[0][0] != base and base == "en":
        return _known(base, _region(tags[0])) or Locale(base, ELSEWHERE)
    return _known(base, _region(alike[0]) if alike else "") or Locale.parse(language, sep="-")


def _region(tag: list[str]) -> str:
    return next((part.upper() for part in tag[1:] if len(part) == 2), "")


def _known(language: str, region: str) -> Locale | None:
    """A locale that there are customs for; Chinese in its two scripts is left to its own."""
    if not region or language == "zh":
        return None
    try:
        return Locale(language, region)
    except (UnknownLocaleError, ValueError):
        return None


def day(value: date | datetime) -> str:
    """A day in the fewest signs: 27/11/2026; 2026年11月27日."""
    region = getattr(_reader, "region", "")
    if region in CUSTOMS:
        return _plain(format_skeleton("yMd", _date(value), locale=Locale(CUSTOMS[region], region)))
    here = locale()
    plain = _date(value)
    # Where a year has a sign of its own, the numbers alone are a machine's way to write.
    text = format_date(plain, "medium", here) if _by_signs(here) else format_skeleton("yMd", plain, locale=here)
    return _plain(text)


def long_day(value: date | datetime) -> str:
    """A day in a sentence: 27 November 2026."""
    return _plain(format_date(_date(value), "long", locale()))


def clock(value: datetime) -> str:
    """A time of day: 14:30; 2:30 PM."""
    here = timezone.localtime(value) if timezone.is_aware(value) else value
    return _plain(format_time(here.time(), "short", locale=locale()))


def moment(value: datetime) -> str:
    """A day and a time in the fewest signs."""
    return f"{day(value)} {clock(value)}"


def long_moment(value: datetime) -> str:
    """A day and a time in a sentence."""
    return f"{long_day(value)} {clock(value)}"


def ago(value: datetime) -> str:
    """How long ago something was, as one would say it; after a week, the day."""
    seconds = (timezone.now() - value).total_seconds()
    minutes, hours, days = int(seconds // 60), int(seconds // 3600), int(seconds // 86_400)
    if minutes < 1:
        return _("just now")
    if hours < 1:
        return ngettext("%(count)s minute ago", "%(count)s minutes ago", minutes) % {"count": minutes}
    if days < 1:
        return ngettext("%(count)s hour ago", "%(count)s hours ago", hours) % {"count": hours}
    if days < LATELY.days:
        return ngettext("%(count)s day ago", "%(count)s days ago", days) % {"count": days}
    return day(value)


def _date(value: date | datetime) -> date:
    if not isinstance(value, datetime):
        return value
    return (timezone.localtime(value) if timezone.is_aware(value) else value).date()


def _by_signs(here: Locale) -> bool:
    return here.language in {"zh", "ja", "ko"}


def _plain(text: str) -> str:
    """With the blank that every font has in place of the narrow one."""
    return text.replace("\u202f", "\u00a0")
