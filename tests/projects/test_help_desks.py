"""Tickets as help desks export them: who asked, what the team answered, and nothing that a customer never saw."""

from __future__ import annotations

import csv
import io
import json

import pytest

from projects import reading
from tests.projects.checked import checked

ASKED = "Where is order {n}? It should have come last week."
SAID = "It is at the depot, and comes on day {n}."


@pytest.fixture(autouse=True)
def in_process(monkeypatch):
    monkeypatch.setattr(reading, "read_guarded", reading.read)
    monkeypatch.setattr(reading, "detect_guarded", reading.detect)
    monkeypatch.setattr(reading, "load_guarded", reading.load_rows)


def pairs(found):
    return [(one["question"], one["answer"]) for one in found["first"]]


def meant(subject="Late parcel {n}"):
    return [(f"{subject}\n\n{ASKED}".format(n=n), SAID.format(n=n)) for n in range(3)]


def write(folder, name, data):
    file = folder / name
    file.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return file


def note(n, wrapped):
    notes = [
        {"body": f"Ask the depot about {n}", "private": True, "incoming": False, "user_id": 7},
        {"body": SAID.format(n=n), "private": False, "incoming": False, "user_id": 7},
        {"body": "Thank you!", "private": False, "incoming": True, "user_id": 100 + n},
        {"body": "", "private": False, "incoming": False, "user_id": 7},
    ]
    return [{"helpdesk_note": one} for one in notes] if wrapped else notes


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("lines", [False, True])
def test_it_reads_tickets_that_are_wrapped_one_by_one(wrapped, lines, tmp_path):
    tickets = [
        {"helpdesk_ticket": {"id": n, "subject": f"Late parcel {n}", "description": ASKED.format(n=n), "requester_id": 100 + n,
                             "ticket_type": "Question", "notes": note(n, wrapped)}}
        for n in range(30)
    ]  # fmt: skip
    data = "\n".join(map(json.dumps, tickets)) if lines else tickets
    found = checked("support_bot", write(tmp_path, "tickets.jsonl" if lines else "Tickets0.json", data))
    assert (found["rows"], pairs(found)) == (30, meant())
    assert found["reading"]["conversation"]["left_out"] == {"internal": 30, "empty": 30}


def rich(text):
    first, _space, rest = text.partition(" ")
    words = [{"type": "text", "text": f"{first} ", "marks": [{"type": "strong"}]}, {"type": "text", "text": rest}]
    return {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": words}]}


@pytest.mark.parametrize("body", [str, rich], ids=["plain", "rich"])
def test_it_reads_issues_with_their_comments(body, tmp_path):
    def issue(n):
        customer, team = (
            {"displayName": f"Customer {n}", "accountId": f"c{n}"},
            {"displayName": "Mia", "accountId": "m"},
        )
        comments = [
            {"author": team, "body": body(SAID.format(n=n)), "created": "2026-01-02T10:00:00.000+0000"},
            {"author": customer, "body": body("Thank you!"), "created": "2026-01-02T11:00:00.000+0000"},
        ]
        return {"key": f"SUP-{n}", "fields": {"summary": f"Late parcel {n}", "description": body(ASKED.format(n=n)), "reporter": customer,
                                             "comment": {"comments": comments, "total": 2}}}  # fmt: skip

    document = {"startAt": 0, "issues": [issue(n) for n in range(30)]}
    found = checked("support_bot", write(tmp_path, "search.json", document))
    assert (found["rows"], pairs(found)) == (30, meant())
    assert found["reading"]["conversation"]["team"] == ["Mia"]


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(
    "day", ["02/Jan/26 10:0{n} AM", "2026-01-02 10:0{n}", "02.01.26 10:0{n}"], ids=["English", "ISO", "German"]
)
def test_it_reads_issues_with_a_column_for_each_comment(day, backwards, tmp_path):
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["Summary", "Issue key", "Issue Type", "Reporter", "Reporter Id", *["Comment"] * 4, "Description"])
    for n in range(30):
        said = [f"{day.format(n=1)};5f:mia;{SAID.format(n=n)}", f"{day.format(n=2)};5f:c{n};Thanks; bye\nAnna"]
        said = said[: 1 + n % 2]
        comments = [*(reversed(said) if backwards else said), "", "", ""][:4]
        table.writerow(
            [f"Late parcel {n}", f"SUP-{n}", "Bug", f"Customer {n}", f"5f:c{n}", *comments, ASKED.format(n=n)]
        )
    found = checked("support_bot", write(tmp_path, "jira.csv", text.getvalue()))
    assert (found["rows"], pairs(found)) == (30, meant())
    assert found["reading"]["conversation"]["team"] == ["5f:mia"]


def test_it_leaves_comments_alone_that_name_nobody(tmp_path):
    lines = "".join(f"The delivery of order {n} was slow; not good,{'bad' if n % 2 else 'good'}\n" for n in range(40))
    found = checked("sentiment", write(tmp_path, "reviews.csv", f"Comment,rating\n{lines}"))
    assert "conversation" not in found["reading"] or not found["reading"]["conversation"]
    assert found["kept"] == 40


def test_it_keeps_the_columns_beside_the_comments_where_several_have_one_header(tmp_path):
    rows = [["Summary", "Labels", "Labels", "Comment", "Comment", "Reporter"]]
    for n in range(40):
        comment = f"02/Jan/26 10:05 AM;mia;{SAID.format(n=n)}"
        rows.append([ASKED.format(n=n), ("late", "rude")[n % 2], "", comment, "", f"c{n}"])
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    found = checked("intent_routing", write(tmp_path, "jira.csv", text.getvalue()), "--map", "label=Labels")
    assert found["labels"] == {"late": 20, "rude": 20}
