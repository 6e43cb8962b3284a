"""Moments in whatever form an export has them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from projects import dates

NOON = datetime(2024, 3, 5, 14, 30, tzinfo=UTC).timestamp()
DAY = datetime(2024, 3, 5, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "kind", "moment"),
    [
        ("2024-03-05 14:30:00", "ymd", NOON),
        ("2024-03-05T14:30", "ymd", NOON),
        ("2024-03-05T22:30:00+08:00", "ymd", NOON),
        ("2024-03-05T14:30:00Z", "ymd", NOON),
        ("2024/3/5 14:30", "ymd", NOON),
        ("2024年3月5日", "ymd", DAY),
        ("2024年3月5日 下午2:30", "ymd", NOON),
        ("2024年03月05日14时30分", "ymd", NOON),
        ("5/3/2024 14:30", "dmy", NOON),
        ("05.03.24", "dmy", DAY),
        ("3/5/2024 2:30 PM", "mdy", NOON),
        ("3/5/24 12:00 am", "mdy", DAY),
        ("5 Mar 2024", "ymd", DAY),
        ("5-Mar-2024 14:30", "ymd", NOON),
        ("March 5th, 2024", "ymd", DAY),
        ("Tue, 05 Mar 2024 14:30:00 GMT", "ymd", NOON),
        ("5 marca 2024 14:30", "ymd", NOON),
        ("5 марта 2024 г. 14:30", "ymd", NOON),
        ("5 Mart 2024 14:30", "ymd", NOON),
        ("le 5 mars 2024 à 14h30", "ymd", NOON),
        ("05.03.2024, 14:30 Uhr", "dmy", NOON),
        ("05/03/2024 à 14h30", "dmy", NOON),
        ("5.3.2024 kl. 14.30", "dmy", NOON),
        ("2024.03.05.", "ymd", DAY),
        ("2024年03月05日 14時30分", "ymd", NOON),
        ("2024년 3월 5일 오후 2시 30분", "ymd", NOON),
        ("٢٠٢٤/٠٣/٠٥", "ymd", DAY),
        ("2024/03/05 3:30:00 PM GMT+1", "ymd", NOON),
        ("2024-W10-2", "ymd", DAY),
        ("March 2024", "ymd", datetime(2024, 3, 1, tzinfo=UTC).timestamp()),
        ("1709649000", "seconds", NOON),
        ("1.709649e9", "seconds", NOON),
        ("1709649000000", "milliseconds", NOON),
        ("45356.604166667", "excel", NOON),
        ("45356", "excel", DAY),
        ("20240305", "compact", DAY),
        ("20240305143000", "compact", NOON),
        ("3", "steps", 3 * 86_400),
    ],
)
def test_it_reads_a_moment(text, kind, moment):
    assert dates.parse(text, kind) == pytest.approx(moment, abs=0.01)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "ymd"), (None, "ymd"), ("someday", "ymd"), ("31/31/2024", "dmy"), ("13/3/2024", "mdy"), ("0", "seconds"),
        ("2024-02-30", "ymd"), ("99999999999999999999", "seconds"), ("20241399", "compact"), ("x" * 10_000, "ymd"),
        ("1e999", "seconds"), ("2024-03-05 25:00", "ymd"), ("3/5/2024 14:30 pm", "mdy"),
        ("March madness 2024", "ymd"), ("order 2024", "ymd"), ("2024-W60", "ymd"), ("may 12", "ymd"),
    ],
)  # fmt: skip
def test_it_reads_nothing_into_what_is_no_moment(text, kind):
    assert dates.parse(text, kind) is None


@pytest.mark.parametrize(
    ("cells", "kind", "reason", "sure"),
    [
        (["1/12/2010 8:26", "13/12/2010 8:26"], "dmy", "telling", True),
        (["12/1/2010 8:26", "12/13/2010 8:26"], "mdy", "telling", True),
        (["1/2/2010", "1/3/2010", "1/4/2010", "2/1/2010"], "mdy", "rises", True),
        (["1/2/2010", "2/2/2010", "1/3/2010"], "dmy", "rises", True),
        # Rows in no order in time: one way falls less often by chance, which says nothing.
        (["5/6/2010", "4/7/2010", "3/3/2010", "2/9/2010", "8/1/2010", "1/8/2010", "2/2/2010"], "mdy", "either", False),
        (["1/2/2010"], "mdy", "either", False),
        (["1.2.2010"], "dmy", "either", False),
        (["2010-12-01", "2010-12-02"], "ymd", "ymd", True),
        (["964982703"], "seconds", "seconds", True),
        (["964982703000"], "milliseconds", "milliseconds", True),
        (["40513.35"], "excel", "excel", True),
        (["1", "2", "711"], "steps", "steps", True),
        (["later", "soon"], "none", "unreadable", False),
    ],
)
def test_it_decides_how_a_column_is_written(cells, kind, reason, sure):
    survey = dates.Survey()
    for cell in cells:
        survey.add(cell)
    form = survey.decide()
    assert (form.kind, form.reason, form.sure) == (kind, reason, sure)


def test_it_takes_the_persons_word():
    survey = dates.Survey()
    survey.add("1/2/2010")
    assert survey.decide("dmy").kind == "dmy"
    assert survey.decide("excel").kind == "mdy", "that is no way to read it"
