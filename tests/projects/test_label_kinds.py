"""Labels as shops and forms write them: marks, stars, points, signs; and the order that their names have."""

from __future__ import annotations

from collections import Counter

import pytest

from projects import dates, values
from projects.labels import ordering, suggesting
from projects.labels.names import Decisions, tidy


def offered(*labels):
    """Kind of each suggestion and what it makes of the labels."""
    shown = Counter({tidy(label): 0 for label in labels})
    for place, label in enumerate(labels):
        shown[tidy(label)] += 20 - place
    found = suggesting.suggest(shown, Decisions(), True)
    return {one.kind: {old: new for old, _many, new in one.changes} for one in found}, shown


STARS = [
    (("0.5", "3", "4.5", "5"), ("negative", "neutral", "positive", "positive")),
    (("1 out of 5 stars", "3 out of 5 stars", "5 out of 5 stars"), ("negative", "neutral", "positive")),
    (("2/10", "6/10", "10/10"), ("negative", "neutral", "positive")),
    (("15%", "60 %", "95%"), ("negative", "neutral", "positive")),
    (("1分", "3分", "5分"), ("negative", "neutral", "positive")),
    (("1 - Terrible", "3 - OK", "5 - Excellent"), ("negative", "neutral", "positive")),
    (("1", "4", "6", "7", "8", "10"), ("negative", "negative", "neutral", "neutral", "positive", "positive")),
    (("★☆☆☆☆", "★★★", "★★★★★"), ("negative", "neutral", "positive")),
]  # fmt: skip


@pytest.mark.parametrize(("labels", "wanted"), STARS)
def test_it_offers_feelings_for_marks(labels, wanted):
    assert offered(*labels)[0]["stars"] == dict(zip(labels, wanted, strict=True))


ALIKE = [
    ("Billing", "billing", "Other"), ("👍", "👍🏽", "👎"), ("good", "ＧＯＯＤ", "bad"), ("😍", "🥰", "😡"),
    ("Réclamation", "Reclamation", "Autre"), ("Qualität", "Qualitaet", "Preis"), ("Größe", "Grosse", "Preis"),
    ("Şikayet", "Sikayet", "Kargo"), ("zwrot płatności", "zwrot platnosci", "inne"), ("ارجاع", "إرجاع", "شحن"),
]  # fmt: skip


@pytest.mark.parametrize("labels", ALIKE)
def test_it_offers_to_merge_what_looks_the_same(labels):
    first, second, _other = labels
    assert offered(*labels)[0]["merge"] == {first: first, second: first}


@pytest.mark.parametrize("labels", [("R&amp;D", "R&D"), ("very\u00a0good", "very good"), ("good\u200b", "good")])
def test_it_takes_signs_that_nobody_sees_for_no_difference(labels):
    assert len(offered(*labels)[1]) == 1


ORDERS = [
    ("low", "medium", "high", "critical"), ("Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied"),
    ("1 star", "2 stars", "5 stars"), ("P1", "P2", "P10"), ("-1", "0", "1"), ("差评", "中评", "好评"),
    ("非常不满意", "不满意", "一般", "满意", "非常满意"), ("routine", "watch", "urgent"), ("20%", "60%", "100%"),
]  # fmt: skip


@pytest.mark.parametrize("labels", ORDERS)
def test_it_lists_labels_in_the_order_of_their_names(labels):
    shown = {label: (place * 7) % 5 + 1 for place, label in enumerate(reversed(labels))}
    assert [label for label, _many in ordering.ordered(shown)] == list(labels)


def test_it_lists_labels_without_an_order_by_their_rows():
    assert ordering.ordered({"low": 2, "delivery": 9, "high": 5}) == [("delivery", 9), ("high", 5), ("low", 2)]


@pytest.mark.parametrize(
    "text",
    ["01/Mar/26 9:12 AM", "1 March 2026", "Mar 1, 2026 9:12 PM", "1. März 2026", "1 mars 2026", "1 de marzo de 2026", "1 mrt 2026", "2026年3月1日 9:12"],
)  # fmt: skip
def test_what_is_guessed_to_be_a_date_is_read_as_one(text):
    assert values.kind(text) == "date"
    moment = dates.parse(text, dates.written_order(text)[0])
    assert moment is not None and moment // 86_400 == 1_772_323_200 // 86_400


@pytest.mark.parametrize("text", ["1.2.3", "3 apples 2020", "version 2026", "May be", "12/34/56"])
def test_what_only_looks_like_a_date_is_none(text):
    assert values.kind(text) != "date"
