"""What is held out, and that nothing of the future is learned from."""

from __future__ import annotations

import numpy as np

from tests.training.ml.recommend.conftest import customers, shop, write
from training.ml.recommend.log import histories, read_data
from training.ml.recommend.splitting import split


def test_it_holds_out_whole_baskets(shop_data):
    data = read_data(shop_data)
    parts = split(data)
    assert parts.protocol == "next_basket"
    held = set(parts.test.moment.tolist())
    assert held and not held & set(parts.learned.moment.tolist())
    assert not set(parts.validation.moment.tolist()) & set(parts.train.moment.tolist())


def test_it_holds_out_only_what_came_last(shop_data):
    parts = split(read_data(shop_data))
    past = histories(parts.learned)
    for person, rows in histories(parts.test).items():
        assert parts.learned.when[past[person]].max() < parts.test.when[rows].min()


def test_it_holds_out_the_last_fifth_without_baskets(tmp_path):
    lines = [
        {"person": f"p{p}", "item": f"i{(p + n) % 30}", "when": 1e9 + n * 60.0} for p in range(30) for n in range(10)
    ]
    parts = split(read_data(write(tmp_path / "log", lines, [])))
    assert parts.protocol == "last_items"
    assert len(parts.test) == 30 * 2 and len(parts.validation) == 30 * 1


def test_it_takes_the_order_of_the_file_without_times(tmp_path):
    lines = [{"person": f"p{p}", "item": f"i{n}", "when": None} for p in range(8) for n in range(6)]
    parts = split(read_data(write(tmp_path / "log", lines, [])))
    assert set(parts.test.item.tolist()) == {5}


def test_it_counts_an_item_once_and_returns_never(tmp_path):
    lines = customers(10)
    again = [line | {"when": line["when"] + 9e6, "basket": "again"} for line in lines[:5]]
    back = [lines[0] | {"item": "g0r", "weight": -1.0, "person": "new"}]
    data = read_data(write(tmp_path / "log", [*lines, *again, *back], shop()))
    pairs = list(zip(data.log.person.tolist(), data.log.item.tolist(), strict=True))
    assert len(pairs) == len(set(pairs))
    assert (data.log.weight > 0).all()


def test_it_uses_the_owners_test_file(tmp_path):
    folder = write(tmp_path / "log", customers(40))
    late = [{"person": "p1", "item": "t0r", "when": 1.9e9}, {"person": "p2", "item": "t1b", "when": 1.9e9}]
    write(tmp_path / "late", late)
    (tmp_path / "late" / "interactions.jsonl").rename(folder / "test_interactions.jsonl")
    data = read_data(folder)
    parts = split(data)
    assert parts.protocol == "test_file"
    assert len(parts.test) <= 2 and len(parts.learned) == len(data.log)
    assert np.isin(parts.test.person, [data.people.index("p1"), data.people.index("p2")]).all()


def films(people: int = 40, seen: int = 12) -> list[dict]:
    """Films entered one after another: each is followed by its neighbour in a long list."""
    return [
        {"person": f"p{p}", "item": f"i{(7 * p + n) % 60}", "when": 1e9 + p + n * 60.0}
        for p in range(people)
        for n in range(seen)
    ]


def test_its_validation_asks_what_a_test_file_asks(tmp_path):
    folder = write(tmp_path / "log", [line for line in films() if line["when"] < 1e9 + 11 * 60], [])
    last = write(tmp_path / "late", [line for line in films() if line["when"] >= 1e9 + 11 * 60], [])
    (last / "interactions.jsonl").rename(folder / "test_interactions.jsonl")
    parts = split(read_data(folder))
    assert (parts.protocol, parts.question) == ("test_file", "last_item")
    assert np.bincount(parts.validation.person).max() == 1


def test_its_validation_takes_a_basket_where_the_test_file_holds_baskets(tmp_path):
    lines = customers(40)
    late = [line for line in lines if line["basket"].endswith("/3")]
    folder = write(tmp_path / "log", [line for line in lines if not line["basket"].endswith("/3")])
    last = write(tmp_path / "late", late)
    (last / "interactions.jsonl").rename(folder / "test_interactions.jsonl")
    assert split(read_data(folder)).question == "next_basket"
