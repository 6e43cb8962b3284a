"""Days and times, as each reader writes them, on pages and in sentences."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone, translation

from projects import moments
from tests.messages import ROOT, sources

DAY = date(2026, 11, 27)
NOON = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nobody_reads():
    yield
    moments.read_by("")


@pytest.mark.parametrize(
    ("language", "browser", "short", "long", "clock"),
    [
        ("en", "en-GB,en;q=0.9", "27/11/2026", "27 November 2026", "14:30"),
        ("en", "en-US,en;q=0.9", "11/27/2026", "November 27, 2026", "2:30 PM"),
        ("en", "", "11/27/2026", "November 27, 2026", "2:30 PM"),
        ("en", "en-AU", "27/11/2026", "27 November 2026", "2:30 pm"),
        ("en", "en-IN,en-US;q=0.5", "27/11/2026", "27 November 2026", "2:30 pm"),
        ("en", "de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7", "27/11/2026", "27 November 2026", "14:30"),
        ("en", "xx-YY,de;q=0.5", "27/11/2026", "27 November 2026", "14:30"),
        ("en", "broken;;q=,*" * 900, "11/27/2026", "November 27, 2026", "2:30 PM"),
        ("zh-hans", "zh-CN,zh;q=0.9,en;q=0.8", "2026年11月27日", "2026年11月27日", "14:30"),
        ("zh-hans", "en-US", "2026年11月27日", "2026年11月27日", "14:30"),
    ],
)
def test_it_writes_as_the_reader_does(language, browser, short, long, clock):
    moments.read_by(browser)
    with translation.override(language):
        assert (moments.day(DAY), moments.long_day(DAY)) == (short, long)
        assert moments.clock(NOON).replace("\xa0", " ") == clock
        assert moments.moment(NOON).replace("\xa0", " ") == f"{short} {clock}"


@pytest.mark.parametrize(
    ("region", "short", "long"),
    [
        ("GB", "27/11/2026 14:30", "27 November 2026 14:30"),
        ("US", "11/27/2026 2:30 PM", "November 27, 2026 2:30 PM"),
        ("DE", "27.11.2026 14:30", "27 November 2026 14:30"),
        ("NL", "27-11-2026 14:30", "27 November 2026 14:30"),
        ("SE", "2026-11-27 14:30", "27 November 2026 14:30"),
        ("JP", "2026/11/27 14:30", "27 November 2026 14:30"),
    ],
)
def test_it_writes_as_the_region_of_the_profile_does_whatever_the_browser_says(region, short, long):
    moments.read_by("fr-FR", region)
    with translation.override("en"):
        assert moments.moment(NOON).replace("\xa0", " ") == short
        assert moments.long_moment(NOON).replace("\xa0", " ") == long
        assert all(str(timezone.now().year) in title for _code, title in moments.regions())
        assert moments.moment(NOON).replace("\xa0", " ") == short  # looking at the others changes nothing
    with translation.override("zh-hans"):
        assert moments.long_day(NOON) == "2026年11月27日"


def test_it_takes_the_day_from_the_readers_time_zone():
    moments.read_by("en-GB")
    with timezone.override("Asia/Shanghai"):
        assert moments.moment(datetime(2026, 11, 27, 20, 30, tzinfo=UTC)) == "28/11/2026 04:30"


@pytest.mark.parametrize(
    ("back", "words"),
    [
        (timedelta(seconds=-3), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=6, hours=1), "6 days ago"),
    ],
)
def test_it_says_how_long_ago_something_was(back, words):
    assert moments.ago(timezone.now() - back) == words


def test_it_says_the_day_of_what_is_long_ago():
    moments.read_by("en-GB")
    assert re.fullmatch(r"\d\d/\d\d/\d{4}", moments.ago(timezone.now() - timedelta(days=8)))


def test_no_page_and_no_sentence_has_a_format_of_its_own():
    own = re.compile(
        r"\|(?:date|time):[\"'](?!c[\"'])|\|(?:timesince|timeuntil|naturaltime)|\bdate_format\(|\btime_format\("
    )
    places = [path for path in sources() if own.search(path.read_text(encoding="utf-8"))]
    assert not places, [str(path.relative_to(ROOT)) for path in places]


def test_a_page_shows_the_days_of_its_reader(owner, project, as_, db):
    made = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)
    from projects.models import Dataset

    Dataset.objects.create(project=project, name="faq.csv", state="ready")
    Dataset.objects.update(created=made)
    address = f"/projects/{project.pk}/"
    client = as_(owner)
    assert "27 November 2026 14:30" in client.get(address, headers={"accept-language": "en-GB"}).content.decode()
    assert "November 27, 2026 2:30" in client.get(address, headers={"accept-language": "en-US"}).content.decode()
    assert "2026年11月27日 14:30" in client.get(address, headers={"accept-language": "zh-CN"}).content.decode()
