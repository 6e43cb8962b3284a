"""Several columns make one text: found by the guess, changed on the check page, used wherever the columns are."""

from __future__ import annotations

import csv
import json

import pytest
from django.core.management import CommandError, call_command

from projects import datasets, importing, reading, rows, uploading
from projects.models import Dataset
from tests.projects.checked import checked

WORDS = ("late", "fine", "lost", "quick", "broken", "kind", "slow")
MADE = {
    "question": "Is parcel {n} really {word}?",
    "answer": "Parcel {n} is {word}, and we are sorry for that.",
    "subject": "About order {n}",
    "text": "The kettle of order {n} came {word} to my door",
    "label": "{half}",
    "note": "Seen by desk {n}",
    "thing": "Kettle {half}",
    "date": "2026-03-{day:02d}",
    "same": "classify",
    "number": "{next}",
    "blank": "",
}


def table(file, columns, many=60):
    """COLUMNS: header → what stands in it, one of MADE."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(columns)
        for n in range(many):
            facts = {"n": n, "next": n + 1, "word": WORDS[n % 7], "half": ("left", "right")[n % 2], "day": n % 28 + 1}
            out.writerow([MADE[kind].format(**facts) for kind in columns.values()])
    return file


FOUND = [
    ("support_bot", {"instruction": "question", "input": "note", "output": "answer"}, "question", ["instruction", "input"]),
    ("support_bot", {"id": "number", "question": "question", "context": "note", "answer": "answer"}, "question", ["question", "context"]),
    ("support_bot", {"Subject": "subject", "Description": "text", "Agent reply": "answer"}, "question", ["Subject", "Description"]),
    ("support_bot", {"Betreff": "subject", "Nachricht": "text", "Antwort": "answer"}, "question", ["Betreff", "Nachricht"]),
    ("support_bot", {"问题": "question", "背景": "note", "答案": "answer"}, "question", ["问题", "背景"]),
    ("sentiment", {"Review Title": "subject", "Review Text": "text", "Sentiment": "label"}, "text", ["Review Title", "Review Text"]),
    ("intent_routing", {"summary": "subject", "description": "text", "team": "label"}, "text", ["summary", "description"]),
    ("intent_routing", {"ticket_subject": "subject", "ticket_body": "text", "queue": "label"}, "text", ["ticket_subject", "ticket_body"]),
    ("sentiment", {"标题": "subject", "内容": "text", "情感": "label"}, "text", ["标题", "内容"]),
    ("sentiment", {"pros": "text", "cons": "note", "sentiment": "label"}, "text", ["pros", "cons"]),
    # What belongs to something else, says the same everywhere or is no text stays out.
    ("sentiment", {"product_title": "thing", "review": "text", "sentiment": "label"}, "text", ["review"]),
    ("sentiment", {"商品标题": "subject", "评价内容": "text", "情感": "label"}, "text", ["评价内容"]),
    ("support_bot", {"instruction": "same", "input": "question", "output": "answer"}, "question", ["input"]),
    ("support_bot", {"question": "question", "context": "date", "answer": "answer"}, "question", ["question"]),
    ("support_bot", {"question": "question", "context": "blank", "answer": "answer"}, "question", ["question"]),
]  # fmt: skip


@pytest.mark.parametrize(("case", "columns", "role", "wanted"), FOUND)
def test_it_reads_a_text_from_all_columns_that_say_a_part_of_it(case, columns, role, wanted, tmp_path):
    found = checked(case, table(tmp_path / "data.csv", columns))
    assert found["refused"] is None
    assert found["mapping"][role]["columns"] == wanted
    assert found["mapping"][role]["column"] in wanted


def test_it_puts_a_blank_line_between_filled_cells_only(tmp_path):
    file = tmp_path / "alpaca.json"
    asked = [{"instruction": f"Translate sentence {n}", "input": f"Guten Tag {n}" * (n % 2), "output": f"Good day {n}"} for n in range(40)]  # fmt: skip
    file.write_text(json.dumps(asked))
    found = checked("support_bot", file)
    assert [one["question"] for one in found["first"][:2]] == [
        "Translate sentence 0",
        "Translate sentence 1\n\nGuten Tag 1",
    ]


def test_it_names_what_is_not_used_and_why(tmp_path):
    columns = {
        "nr": "number", "question": "question", "answer": "answer", "created": "date", "kind": "same", "more": "blank",
        "owner": "label",
    }  # fmt: skip
    found = checked("support_bot", table(tmp_path / "faq.csv", columns))
    assert found["unused"] == {
        "nr": "a row number",
        "created": "a date",
        "kind": "the same in every row",
        "more": "nothing stands in it",
        "owner": "not needed here",
    }


def test_it_offers_a_title_that_may_be_the_name_of_a_thing(tmp_path):
    file = table(tmp_path / "reviews.csv", {"title": "thing", "text": "text", "sentiment": "label"})
    found = checked("sentiment", file)
    assert found["mapping"]["text"]["columns"] == ["text"]
    assert [one["id"] for one in found["offers"]] == ["together-text"]
    assert found["offers"][0]["examples"] == ["Kettle left\n\nThe kettle of order 0 came late to my door"]
    taken = checked("sentiment", file, "--accept", "together")
    assert taken["mapping"]["text"]["columns"] == ["title", "text"]
    assert taken["first"][0]["text"].startswith("Kettle left\n\nThe kettle")


def test_the_command_takes_several_columns_for_a_text_and_one_for_a_label(tmp_path):
    file = table(tmp_path / "data.csv", {"a": "note", "b": "text", "c": "label", "d": "label"})
    found = checked("sentiment", file, "--map", "text=b", "--map", "text=a", "--map", "label=c")
    assert found["mapping"]["text"]["columns"] == ["b", "a"]
    assert found["first"][0]["text"] == "The kettle of order 0 came late to my door\n\nSeen by desk 0"
    with pytest.raises(CommandError, match="label has one column"):
        call_command("quickstart", "sentiment", str(file), "--check", "--map", "label=c", "--map", "label=d")


@pytest.fixture(autouse=True)
def read_in_this_process(monkeypatch):
    """A process for each file is another test's."""
    monkeypatch.setattr(reading, "detect_guarded", reading.detect)
    monkeypatch.setattr(reading, "load_guarded", reading.load_rows)


@pytest.fixture
def dataset(project, owner, tmp_path):
    columns = {"subject": "subject", "message": "text", "note": "note", "answer": "answer", "day": "date"}
    file = table(tmp_path / "mails.csv", columns)
    made = datasets.create_dataset(project, uploading.store(project, owner, "mails.csv", [file.read_bytes()]), owner)
    importing.read(made)
    assert made.state == Dataset.State.CHECKING, made.error
    return made


def learned(dataset):
    return [question for question, _answer in datasets.examples(dataset.folder)]


@pytest.mark.django_db
def test_a_person_takes_columns_together_and_apart_on_the_check_page(dataset, editor, as_):
    client, address = as_(editor), f"/datasets/{dataset.pk}/"

    def press(**form):
        assert client.post(f"{address}mapping/", form).status_code == 302
        dataset.refresh_from_db()
        importing.read(dataset)
        return client.get(address).content.decode()

    text = client.get(address).content.decode()
    assert dataset.mapping["question"] == ["subject", "message"]
    assert "read from subject + message" in text
    assert "Read only message" in text
    assert "not needed here" in text  # the note
    text = press(role="question", together="no")
    assert dataset.mapping["question"] == "message"
    assert "Read them together" in text
    press(role="question", together="yes")
    assert dataset.mapping["question"] == ["subject", "message"]
    press(**{"question": "message", "question-2": "subject", "question-3": "note", "answer": "answer"})
    assert dataset.mapping["question"] == ["message", "subject", "note"]
    twice = client.post(f"{address}mapping/", {"question": "note", "question-2": "note", "answer": "answer"})
    assert "chosen twice" in twice.content.decode()
    assert client.post(f"{address}use/").status_code == 302
    dataset.refresh_from_db()
    importing.finish(dataset)
    assert dataset.state == Dataset.State.READY, dataset.error
    assert "The kettle of order 0 came late to my door\n\nAbout order 0\n\nSeen by desk 0" in learned(dataset)
    assert "Seen by desk 0" in client.get(f"{address}all/?search=About+order+0").content.decode()


@pytest.mark.django_db
def test_a_mapping_and_rows_stored_before_there_were_several_still_work(dataset, editor, as_):
    Dataset.objects.filter(pk=dataset.pk).update(mapping={"question": "message", "answer": "answer"}, guesses={})
    with rows.opened(dataset.rows_file, write=True) as db:
        rows.remember(db, "places", {"question": 1, "answer": 3})
        db.commit()
    dataset.refresh_from_db()
    assert as_(editor).get(f"/datasets/{dataset.pk}/").status_code == 200
    assert as_(editor).post(f"/datasets/{dataset.pk}/use/").status_code == 302
    dataset.refresh_from_db()
    importing.finish(dataset)
    assert "The kettle of order 0 came late to my door" in learned(dataset)
