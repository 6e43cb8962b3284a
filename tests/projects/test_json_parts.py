"""JSON documents with several lists: those with the same fields are one table, and what is not read is named."""

from __future__ import annotations

import json

import pytest

from projects import reading
from tests.projects.checked import checked


@pytest.fixture(autouse=True)
def in_process(monkeypatch):
    monkeypatch.setattr(reading, "read_guarded", reading.read)


def some(first, many):
    return [
        {"text": f"It is a good thing number {n}", "label": ("price", "service")[n % 2], "stars": n % 5}
        for n in range(first, first + many)
    ]


def by_column(rows):
    return {key: [row[key] for row in rows] for key in rows[0]}


def split(rows):
    return {"columns": list(rows[0]), "data": [list(row.values()) for row in rows]}


SHAPES = {
    "train and test": {"train": some(0, 40), "test": some(40, 20)},
    "in an object": {"about": "ours", "data": {"train": some(0, 30), "dev": some(30, 10), "eval": some(40, 20)}},
    "unknown names": {
        "version": 2,
        "first": some(0, 40),
        "extra": some(40, 20),
        "tags": [{"id": "a", "colour": "red"}],
    },
    "by language": {"de": {"rows": some(0, 40)}, "en": {"rows": some(40, 20)}},
    "by column": {"train": by_column(some(0, 40)), "test": by_column(some(40, 20))},
    "columns and data": {"train": split(some(0, 40)), "test": split(some(40, 20))},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_it_reads_all_lists_of_one_shape_and_says_so(shape, tmp_path):
    file = tmp_path / "data.json"
    file.write_text(json.dumps(SHAPES[shape]))
    found = checked("intent_routing", file)
    assert (found["rows"], found["kept"], found["refused"]) == (60, 60, None)
    assert found["labels"] == {"price": 30, "service": 30}
    assert "part" in found["reading"]["columns"]
    assert any("one table" in one or "All of them are read" in one for one in found["notes"])


def test_it_says_what_becomes_of_rows_that_were_meant_for_a_test(tmp_path):
    file = tmp_path / "data.json"
    file.write_text(json.dumps(SHAPES["in an object"]))
    notes = " ".join(checked("intent_routing", file)["notes"])
    assert "train (30), eval (20), dev (10)" in notes
    assert "Rows under eval, dev are read like the others" in notes


def test_a_list_of_other_fields_is_named(tmp_path):
    file = tmp_path / "data.json"
    file.write_text(json.dumps(SHAPES["unknown names"]))
    assert any("tags.item (1)" in one for one in checked("intent_routing", file)["notes"])


def test_a_person_reads_one_list_alone(tmp_path):
    file = tmp_path / "data.json"
    file.write_text(json.dumps(SHAPES["train and test"]))
    found = checked("intent_routing", file, "--read", "path=test.item")
    assert (found["rows"], found["reading"]["columns"]) == (20, ["text", "label", "stars"])


def test_texts_under_their_labels_are_texts_with_labels(tmp_path):
    file = tmp_path / "data.json"
    said = {
        name: [f"{name} matter number {n}, please help" for n in range(many)]
        for name, many in (("refund", 30), ("parcel", 20))
    }
    file.write_text(json.dumps(said))
    found = checked("intent_routing", file, "--map", "label=part")
    assert (found["kept"], found["labels"]) == (50, {"refund": 30, "parcel": 20})


CATEGORIES = ("Delivery", "Payment", "Returns")
INSIDE = {
    "in an object": lambda many: {"faq": many},
    "alone": lambda many: many,
    "deeper": lambda many: {"data": [{"title": "Shop", "chapters": many}]},
}


def categories():
    return [
        {
            "name": name,
            "questions": [{"q": f"How does {name} number {n} work?", "a": f"It works in {n} days."} for n in range(20)],
        }
        for name in CATEGORIES
    ]


@pytest.mark.parametrize("shape", INSIDE)
def test_records_inside_others_are_the_rows(shape, tmp_path):
    file = tmp_path / "faq.json"
    file.write_text(json.dumps(INSIDE[shape](categories())))
    found = checked("support_bot", file)
    assert (found["kept"], found["first"][0]["question"]) == (60, "How does Delivery number 0 work?")
    assert any("became a row" in one for one in found["notes"])
    assert "name" in found["reading"]["columns"]


def test_records_inside_the_records_of_lines_are_the_rows(tmp_path):
    file = tmp_path / "faq.jsonl"
    file.write_text("\n".join(map(json.dumps, categories())))
    found = checked("support_bot", file)
    assert (found["kept"], found["first"][0]["question"]) == (60, "How does Delivery number 0 work?")


def test_small_lists_in_records_stay_in_them(tmp_path):
    file = tmp_path / "orders.json"
    words = [{"entity": f"thing {n}", "role": "x"} for n in range(4)]
    file.write_text(json.dumps({"utterances": [{**one, "entities": words} for one in some(0, 40)]}))
    assert checked("intent_routing", file)["kept"] == 40


def test_named_conversations_of_a_document_are_all_read(tmp_path):
    file = tmp_path / "data.json"
    said = [("user", "Is order {n} late already?"), ("assistant", "It comes on day {n}.")]
    talks = {f"chat {n}": [{"role": role, "content": text.format(n=n)} for role, text in said] for n in range(40)}
    file.write_text(json.dumps(talks))
    found = checked("support_bot", file)
    assert (found["kept"], found["first"][0]["question"]) == (40, "Is order 0 late already?")
