"""The labels over time: counted from every door, drawn, and compared with the training data."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta

import pytest

from endpoints import tallies, trend_drawing, trends
from endpoints.models import LabelCount
from endpoints.tallies import Tally
from tests.endpoints.labels import *  # noqa: F403  (fixtures)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
TODAY = date(2026, 11, 20)


def put(endpoint, day, unsure=0, outside=0, **labels):
    texts = sum(labels.values()) + outside
    LabelCount.objects.create(endpoint=endpoint, day=day, label="", count=texts, unsure=unsure, outside=outside)
    for label, count in labels.items():
        LabelCount.objects.create(endpoint=endpoint, day=day, label=label, count=count)


def week(endpoint, **labels):
    for back in range(7):
        put(endpoint, TODAY - timedelta(days=back), **labels)


def test_it_counts_a_text_once_and_each_of_its_labels():
    tally = Tally()
    tally.add(["late", "rude"], "sure", False)
    tally.add(["late"], "unsure", False)
    tally.add(["late"], "unsure", True)
    assert (tally.count[""], tally.count["late"], tally.count["rude"]) == (3, 2, 1)
    assert (tally.unsure[""], tally.unsure["late"], tally.outside) == (2, 1, 1)


def test_it_adds_to_the_rows_of_the_day(classifier):
    for _ in range(2):
        tally = Tally()
        tally.add(["negative"], "sure", False, times=5)
        tallies.record(classifier.pk, tally)
    assert {row.label: row.count for row in LabelCount.objects.all()} == {"": 10, "negative": 10}


def test_it_says_so_when_there_is_nothing_yet(classifier, owner, as_):
    page = as_(owner).get(f"/endpoints/{classifier.pk}/trends/").content.decode()
    assert "Nothing was labelled yet" in page


def test_it_shows_days_and_later_weeks(classifier):
    week(classifier, negative=3, positive=6)
    found = trends.buckets(classifier, TODAY)
    assert len(found) == 8  # a week, and a day before it, so that the drawing has a beginning
    assert [one.texts for one in found][-7:] == [9] * 7
    put(classifier, TODAY - timedelta(days=100), negative=1)
    found = trends.buckets(classifier, TODAY)
    assert (found[1].first - found[0].first).days == 7
    assert sum(one.texts for one in found) == 64
    assert found[-1].texts == 63


def test_it_sees_no_shift_in_texts_of_the_same_kind(classifier):
    week(classifier, negative=30, neutral=10, positive=60)
    found = trends.drift(classifier, TODAY)
    assert found.kind == "good"


def test_it_says_in_words_what_has_shifted(classifier):
    week(classifier, negative=70, neutral=10, positive=20)
    found = trends.drift(classifier, TODAY)
    assert found.kind == "bad"
    said = " ".join(found.sentences)
    assert "70 of 100 texts were “negative”; in the training data 30 of 100" in said
    assert "train again" in said


def test_it_compares_doubts_with_the_report(classifier):
    week(classifier, unsure=50, outside=10, negative=30, neutral=10, positive=50)
    said = " ".join(trends.drift(classifier, TODAY).sentences)
    assert "not sure about 50 of 100 texts; in the report it was 20 of 100" in said
    assert "10 of 100 texts looked like none of its labels" in said


def test_it_says_nothing_about_few_texts(classifier):
    put(classifier, TODAY, negative=20)
    found = trends.drift(classifier, TODAY)
    assert found.kind == ""
    assert "So far there are 20" in " ".join(found.sentences)


def test_chance_alone_is_no_shift():
    shares = {f"l{i}": (i + 1) / 55 for i in range(10)}
    chance = random.Random(3)
    alarms = 0
    for _ in range(200):
        now = Counter(chance.choices(list(shares), list(shares.values()), k=80))
        alarms += trends.stability(now, shares, 500) >= trends.SOME
    assert alarms <= 12
    assert trends.stability({"l0": 60, "l9": 20}, shares, 500) > trends.MUCH


def test_it_draws_gaps_where_there_were_no_texts():
    drawn = trend_drawing.paths([None, 0.5, None, 1.0, 0.0], 1.0)
    assert len(drawn) == 2
    assert "H" in drawn[0]
    assert "L" in drawn[1]


def test_it_shows_chart_table_and_words(classifier, owner, as_):
    today = trends.timezone.now().date()
    for back in range(7):
        put(classifier, today - timedelta(days=back), unsure=20, negative=70, neutral=10, positive=20)
    page = as_(owner).get(f"/endpoints/{classifier.pk}/trends/").content.decode()
    assert "<svg" in page
    assert 'class="trend-bar"' in page
    assert "Show as a table" in page
    assert "shifted a lot" in page
    assert "style=" not in page.split("<main")[1]
