"""The same question never sits on both sides, a row keeps its side, and what is dropped can be read."""

from __future__ import annotations

import csv
import json
import random

import pytest

from projects import quality, splitting
from tests.projects.rows_of import MAPPING, make, many


def write(out, folder, choices=None, **more):
    return splitting.write_examples(out, MAPPING, choices or {}, folder, **more)


def lines(folder, side):
    return [json.loads(line) for line in (folder / f"{side}.jsonl").open(encoding="utf-8")]


def questions(folder, side):
    return {quality.normal(example["messages"][0]["content"]) for example in lines(folder, side)}


def test_it_splits_about_80_10_10(tmp_path):
    out, _report = make(tmp_path, many(3_000))
    counts = write(out, tmp_path / "set")
    assert 2_300 < counts.train < 2_500
    assert 230 < counts.validation < 370
    assert 230 < counts.test < 370
    assert counts.kept == counts.train + counts.validation + counts.test == 3_000
    example = lines(tmp_path / "set", "test")[0]
    assert [message["role"] for message in example["messages"]] == ["user", "assistant"]
    assert len(example["id"]) == 16
    assert json.loads((tmp_path / "set/dataset.json").read_text())["sha256"] == counts.sha256


def test_the_same_question_never_sits_on_both_sides(tmp_path):
    random.seed(1)
    pairs = [(random.choice(["How do I {}?", "how do i {}", "HOW DO I  {} ??"]).format(random.randrange(300)), f"{n} answers")
             for n in range(2_000)]  # fmt: skip
    out, _report = make(tmp_path, pairs)
    write(out, tmp_path / "set")
    sides = [questions(tmp_path / "set", side) for side in splitting.SIDES]
    assert not sides[0] & sides[1]
    assert not sides[0] & sides[2]
    assert not sides[1] & sides[2]
    assert all(sides)


def test_a_row_keeps_its_side_when_data_grows(tmp_path):
    for name, pairs in (("one", many(1_000)), ("two", many(2_000))):
        out, _report = make(tmp_path, pairs, name)
        write(out, tmp_path / name)
    for side in splitting.SIDES:
        assert questions(tmp_path / "one", side) <= questions(tmp_path / "two", side) | (
            questions(tmp_path / "two", "train") if side != "train" else set()
        )
    assert not questions(tmp_path / "two", "test") & questions(tmp_path / "one", "train")


@pytest.mark.parametrize(("rows", "fewest"), [(3, 1), (10, 2), (30, 5), (100, 15)])
def test_a_small_set_has_some_test_rows(tmp_path, rows, fewest):
    out, _report = make(tmp_path, many(rows))
    counts = write(out, tmp_path / "set")
    assert counts.test >= fewest
    assert counts.train >= counts.test
    assert counts.kept == rows


def test_a_small_set_trains_on_no_later_test_row(tmp_path):
    for name, pairs in (("one", many(30)), ("two", many(600))):
        out, _report = make(tmp_path, pairs, name)
        write(out, tmp_path / name)
    assert not questions(tmp_path / "one", "train") & questions(tmp_path / "two", "test")


def test_a_large_set_has_no_more_test_rows_than_needed(tmp_path, monkeypatch):
    monkeypatch.setattr(splitting, "MOST_TEST", 50)
    monkeypatch.setattr(splitting, "MOST_VALIDATION", 30)
    out, _report = make(tmp_path, many(2_000))
    counts = write(out, tmp_path / "set")
    assert (counts.test, counts.validation, counts.train) == (50, 30, 1_920)


def test_it_writes_down_what_it_drops(tmp_path):
    out, _report = make(tmp_path, [("=1+1 is what?", ""), ("@SUM(A1)", "-"), *many(40), *many(1)])
    counts = write(out, tmp_path / "set")
    with (tmp_path / "set/dropped.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["row", "reason", "question", "answer"],
        ["2", "empty", "'=1+1 is what?", ""],
        ["3", "empty", "'@SUM(A1)", "'-"],
        ["44", "duplicate", "How do I reset gadget 0?", "Hold its button for 0 seconds."],
    ]
    assert counts.reasons == {"empty": 2, "duplicate": 1}
    assert counts.rows == counts.kept + counts.dropped


def test_it_masks_and_cleans_as_chosen(tmp_path):
    out, _report = make(tmp_path, [("I am ann@mail.io", "<p>Hello</p>"), *many(10)])
    write(out, tmp_path / "set")
    every = [example["messages"] for side in splitting.SIDES for example in lines(tmp_path / "set", side)]
    assert ["I am [e-mail]", "Hello"] in [[turn["content"] for turn in messages] for messages in every]
    write(out, tmp_path / "raw", {"personal": "keep", "markup": "keep"})
    every = [example["messages"] for side in splitting.SIDES for example in lines(tmp_path / "raw", side)]
    assert ["I am ann@mail.io", "<p>Hello</p>"] in [[turn["content"] for turn in messages] for messages in every]


def test_it_takes_another_file_as_the_test(tmp_path):
    out, _report = make(tmp_path, many(200))
    other, _report = make(tmp_path, many(20, start=190), "other")
    counts = write(out, tmp_path / "set", test_db=other)
    assert counts.test == 20
    assert counts.reasons == {"in_test_file": 10}
    assert not questions(tmp_path / "set", "train") & questions(tmp_path / "set", "test")
    assert counts.train + counts.validation == 190
    assert counts.validation


def test_a_test_file_is_all_test(tmp_path):
    out, _report = make(tmp_path, many(30))
    counts = write(out, tmp_path / "set", test_db=out)
    assert (counts.train, counts.validation, counts.test) == (0, 0, 30)


def test_it_writes_the_same_twice(tmp_path):
    out, _report = make(tmp_path, many(50))
    assert write(out, tmp_path / "a").sha256 == write(out, tmp_path / "b").sha256
