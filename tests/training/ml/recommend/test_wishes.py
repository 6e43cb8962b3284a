"""Sentences and the wishes in them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from training.ml.recommend.picks import Item
from training.ml.recommend.wishes import Wish, fits, holds, parse, settled


@pytest.mark.parametrize(
    ("sentence", "wish"),
    [
        ("a gift for a gardener under 20", Wish("a gift for a gardener", price_max=20)),
        ("a mug below £12.50", Wish("a mug", price_max=12.5)),
        ("red lamp, less than 1,000 euros", Wish("red lamp", price_max=1000)),
        ("between 10 and 20 pounds, red mug", Wish("red mug", price_min=10, price_max=20)),
        ("red mug $10-$20", Wish("red mug", price_min=10, price_max=20)),
        ("gift 20 or less", Wish("gift", price_max=20)),
        ("a kettle over 30 dollars", Wish("a kettle", price_min=30)),
        ("mug around 20 euros", Wish("mug", price_min=15, price_max=25)),
        ("送给园丁的礼物，不超过100块", Wish("送给园丁的礼物", price_max=100)),
        ("给我推荐20元以下的礼物", Wish("礼物", price_max=20)),
        ("50到100元的杯子", Wish("杯子", price_min=50, price_max=100)),
        ("超过300元的灯", Wish("灯", price_min=300)),
        ("a scarf under twenty pounds", Wish("a scarf", price_max=20)),
        ("二十元以下的杯子", Wish("杯子", price_max=20)),
        ("一百五十块以内的礼物", Wish("礼物", price_max=150)),
        ("不要塑料的杯子", Wish("杯子", without=("塑料",))),
        ("a lamp, no glass or metal", Wish("a lamp", without=("glass", "metal"))),
        ("headphones not from sony under 50", Wish("headphones", price_max=50, without=("sony",))),
        ("like Toy Story but scary", Wish("scary", like="Toy Story")),
        ("movies similar to Alien (1979) but funny", Wish("funny", like="Alien (1979)")),
        ("像玩具总动员但是更恐怖", Wish("更恐怖", like="玩具总动员")),
        ("more like the second", Wish(place=2)),
        ("like the second but cheaper", Wish(place=2, cheaper=-1)),
        ("the last one but red", Wish("red", place=-1)),
        ("第二个那样但便宜一点", Wish(place=2, cheaper=-1)),
        ("cheaper", Wish(cheaper=-1)),
        ("not that brand", Wish(other_brand=True)),
        ("show me cheaper ones please", Wish(cheaper=-1)),
        ("有没有便宜一点的", Wish(cheaper=-1)),
        ("a hotel near the beach, not too expensive", Wish("a hotel near the beach", cheaper=-1)),
        ("I don't want plastic", Wish(without=("plastic",))),
        ("like that but in blue", Wish("in blue", place=1)),
        ("for children", Wish("for children")),
        ("something in stock under 5", Wish("something", price_max=5, in_stock=True)),
    ],
)
def test_it_reads_wishes(sentence, wish):
    assert parse(sentence) == wish


@pytest.mark.parametrize(
    "sentence",
    [
        "toys for children under 12",
        "a novel over 300 pages",
        "films from 1990 to 1999",
        "walks under 5 km",
        "I would like a red lamp",
        "noise cancelling headphones",
    ],
)
def test_it_takes_no_other_number_for_a_price(sentence):
    wish = parse(sentence)
    assert wish.price_min is None and wish.price_max is None and not wish.like and not wish.without


def test_it_knows_a_price_for_children():
    assert parse("toys for children under $12") == Wish("toys for children", price_max=12)


def test_it_holds_conditions():
    mug = Item("1", "Red mugs of glass", price=4.0)
    assert holds(mug, parse("a mug under 5"))
    assert not holds(mug, parse("a mug under 3"))
    assert not holds(Item("2", "Mug"), parse("a mug under 3"))
    assert not holds(Item("3", "Mug", available=False), parse("a mug in stock"))
    assert not fits(mug, ["mug"]) and not fits(mug, ["glass"]) and fits(mug, ["gla"])


def test_it_settles_cheaper_and_another_brand():
    wish = settled(parse("cheaper, not that brand"), Item("1", "Acme kettle", price=20.0))
    assert not holds(Item("2", "Bosch kettle", price=20.0), wish)
    assert not holds(Item("3", "Acme pan", price=10.0), wish)
    assert holds(Item("4", "Bosch pan", price=10.0), wish)


@pytest.mark.parametrize("module", ["wishes", "rules", "picks", "scoring", "metrics"])
def test_it_comes_without_torch(module):
    code = f"import sys, training.ml.recommend.{module}; print('torch' in sys.modules or 'sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
