"""Conversations on the pages: from the file to the pairs, and what a person can say about who answers."""

from __future__ import annotations

import json
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from projects import importing, reading, rows
from projects.models import Dataset

pytestmark = pytest.mark.django_db
PAIRS = [(f"Do you have jacket number {n} in size M?", f"Yes, number {n} is here, come by.") for n in range(30)]


def whatsapp():
    lines = ["3/1/26, 9:00 AM - Messages are end-to-end encrypted.", "3/1/26, 9:01 AM - Ana: <Media omitted>"]
    for n, (question, answer) in enumerate(PAIRS):
        lines += [f"3/{n + 2}/26, 1:00 PM - Guest {n % 5}: {question}", f"3/{n + 2}/26, 1:05 PM - Shop: {answer}"]
    return "\n".join(lines).encode()


def telegram():
    said = []
    for n, (question, answer) in enumerate(PAIRS):
        for who, text in ((f"Guest {n % 5}", question), ("Shop", answer)):
            said.append(
                {"id": len(said), "type": "message", "date": f"2026-03-01T10:{len(said) % 60:02d}:00", "from": who,
                 "from_id": f"user{who}", "text": [{"type": "plain", "text": text}]}
            )  # fmt: skip
    return json.dumps({"name": "Shop", "type": "personal_chat", "id": 1, "messages": said}).encode()


def slack():
    said = []
    for n, (question, answer) in enumerate(PAIRS):
        start = f"{1772300000 + n * 900}.0"
        said.append({"type": "message", "user": f"U{n % 5}", "text": question, "ts": start, "thread_ts": start})
        said.append(
            {"type": "message", "user": "SHOP", "text": answer, "ts": f"{1772300060 + n * 900}.0", "thread_ts": start}
        )
    return json.dumps(said).encode()


def transcripts():
    rows = [f'{n},"Customer: {q}\nAgent: {a}"' for n, (q, a) in enumerate(PAIRS)]
    return ("id,transcript\n" + "\n".join(rows)).encode()


def turns():
    said = [
        f'{n},{who},"{text}"'
        for n, pair in enumerate(PAIRS)
        for who, text in zip(("customer", "agent"), pair, strict=True)
    ]
    return ("conversation_id,speaker,message\n" + "\n".join(said)).encode()


FILES = {
    "chat.txt": (whatsapp, "WhatsApp chat", "Shop", "Guest 0"),
    "result.json": (telegram, "Telegram chat", "Shop", "Guest 0"),
    "2026-03-01.json": (slack, "Slack channel", "SHOP", "U0"),
    "cells.csv": (transcripts, "Transcripts in a cell", "Agent", "Customer"),
    "turns.csv": (turns, "One turn in each row", "agent", "customer"),
}


@pytest.fixture
def walk(project, editor, as_, monkeypatch):
    """A client that brings a file through the page, and reads it as a worker would."""
    monkeypatch.setattr(reading, "read_guarded", reading.read)

    class Walk:
        client = as_(editor)

        def bring(self, name, data):
            answer = self.client.post(f"/projects/{project.pk}/data/", {"file": SimpleUploadedFile(name, data)})
            assert answer.status_code == 302, answer.content
            self.dataset = Dataset.objects.latest("pk")
            return self.read()

        def read(self):
            self.dataset.refresh_from_db()
            importing.read(self.dataset)
            self.dataset.refresh_from_db()
            page = self.client.get(f"/datasets/{self.dataset.pk}/")
            assert page.status_code == 200
            return page.content.decode()

        def say(self, **how):
            answer = self.client.post(f"/datasets/{self.dataset.pk}/read/", how)
            assert answer.status_code == 302, answer.content
            return self.read()

        def pairs(self):
            return [tuple(cells[:2]) for _n, _line, cells, _problem in rows.page(self.dataset.rows_file, 0, 100)]

    return Walk()


def facts(page):
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page))


@pytest.mark.parametrize("name", FILES)
def test_a_person_goes_from_a_conversation_to_its_pairs(name, walk):
    make, form, team, guest = FILES[name]
    told = facts(walk.bring(name, make()))
    assert (told["Conversation"], told["Messages"], told["Your team"]) == (form, "60", team)
    assert told["Questions with an answer"] == "30"
    assert walk.pairs() == PAIRS
    # The person says that it is the other way round, then takes it back.
    page = walk.say(team=[guest])
    assert 'name="as_table"' in page
    assert walk.dataset.state == "rejected" or PAIRS[0] not in walk.pairs()
    walk.say(team=[team])
    assert walk.pairs() == PAIRS
    answer = walk.client.post(f"/datasets/{walk.dataset.pk}/use/")
    assert answer.status_code == 302
    importing.finish(walk.dataset)
    walk.dataset.refresh_from_db()
    assert (walk.dataset.state, walk.dataset.counts["kept"]) == ("ready", 30)


@pytest.mark.parametrize("name", FILES)
def test_a_person_can_have_it_as_a_table_and_go_back(name, walk):
    make, _form, _team, _guest = FILES[name]
    walk.bring(name, make())
    page = walk.say(as_table="on")
    assert "Conversation" not in facts(page)
    assert 'name="as_table"' in page
    walk.say(team=["x"])
    page = walk.say()
    assert walk.pairs() == PAIRS


def test_it_counts_what_is_no_turn(walk):
    told = facts(walk.bring("chat.txt", whatsapp()))
    assert "system messages: 1" in told["Left out"]
    assert "pictures and files: 1" in told["Left out"]


def test_it_asks_who_answers_where_that_is_not_clear(walk):
    text = "".join(f"1/3/26, 13:{n:02d} - {('Ana', 'Eva')[n % 2]}: Das ist Satz {n}\n" for n in range(40))
    page = walk.bring("chat.txt", text.encode())
    assert "Say who it is before you go on" in page
    assert re.search(r"<details class=\"drawer\" open>", page)
    assert "Use this data" not in page
    page = walk.say(team=["Eva"])
    assert "Use this data" in page
    assert len(walk.pairs()) == 20


def test_where_nobody_answers_a_person_can_take_it_as_a_table(walk):
    text = "".join(f"3/1/26, 1:{n:02d} PM - Ana: Hello, is number {n} there?\n" for n in range(30))
    page = walk.bring("chat.txt", text.encode())
    assert "nobody in it answers anybody" in page
    assert 'name="as_table"' in page
    walk.say(as_table="on")
    assert walk.dataset.state == "checking"


def test_a_person_picks_the_list_the_sheet_and_the_file(walk, tmp_path):
    from tests.projects.books import xlsx

    faq = [{"question": q, "answer": a} for q, a in PAIRS]
    other = [{"question": f"Old question {n}?", "answer": f"Old answer {n}."} for n in range(20)]
    page = walk.bring("two.json", json.dumps({"old": other, "faq": faq, "tags": [{"id": 1}, {"id": 2}]}).encode())
    assert "old.item (20)" in page
    assert len(walk.pairs()) == 50  # both have the same fields
    walk.say(path="faq.item")
    assert walk.pairs() == PAIRS
    walk.say(path="old.item")
    assert walk.pairs()[0] == ("Old question 0?", "Old answer 0.")
    table = [["question", "answer"], *map(list, PAIRS)]
    book = xlsx(tmp_path / "b.xlsx", {"Old": [["question", "answer"], ["Old?", "Yes."]], "FAQ": table})
    page = walk.bring("b.xlsx", book.read_bytes())
    assert walk.pairs() == PAIRS
    assert "Old (1)" in page
    assert re.search(r'name="sheet" value="Old">\s*Read “Old” instead', page)
    walk.say(sheet="Old")
    assert walk.pairs() == [("Old?", "Yes.")]
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("faq.csv", "question,answer\n" + "".join(f'"{q}","{a}"\n' for q, a in PAIRS))
        archive.writestr("other.csv", "product,price\n" + "".join(f"product {n},{n}\n" for n in range(900)))
    walk.bring("z.zip", (tmp_path / "z.zip").read_bytes())
    assert walk.pairs() == PAIRS
    walk.say(member="other.csv")
    assert walk.pairs()[0] == ("product 0", "0")


def test_a_person_picks_another_table_of_a_sheet(walk):
    staff = [["Name", "Phone", "Office"], *([f"Person {n}", f"030-44{n}21", "Bonn"] for n in range(6))]
    lines = [["question", "answer"], *map(list, PAIRS), [], *staff]
    page = walk.bring("faq.csv", "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines).encode())
    assert walk.pairs() == PAIRS
    assert "Not read, with their numbers of rows: 2: Name, Phone, Office (6)." in page
    assert re.search(r'name="table" value="2">\s*Read table 2 instead', page)
    page = walk.say(table="2")
    assert walk.pairs()[0] == ("Person 0", "030-44021")
    assert "Row 33: Name | Phone | Office" in page
    walk.say(table="0")
    assert len(walk.pairs()) == 37
    walk.say(table="", delimiter="")
    assert walk.pairs() == PAIRS
