"""Exports of well-known programs: each is understood rightly or asked about, and never guessed wrongly with confidence."""

from __future__ import annotations

import json

import pytest

from projects import reading
from tests.projects.checked import checked
from tests.projects.exports import EXPORTS


@pytest.fixture(autouse=True)
def in_process(monkeypatch):
    monkeypatch.setattr(reading, "read_guarded", reading.read)
    monkeypatch.setattr(reading, "detect_guarded", reading.detect)
    monkeypatch.setattr(reading, "load_guarded", reading.load_rows)


def played(found, role):
    return (found["mapping"].get(role) or {}).get("columns", [])


def test_labels_that_a_person_did_not_accept_are_left_out(tmp_path):
    rows = [
        {"text": f"I want my money back for {n}", "label": ("A", "B")[n // 3 % 2], "_input_hash": n, "answer": answer}
        for n, answer in enumerate(["accept", "reject", "ignore"] * 20)
    ]
    file = tmp_path / "prodigy.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    found = checked("intent_routing", file)
    assert (found["kept"], found["dropped"]) == (20, {"not_accepted": 40})


@pytest.mark.parametrize("export", EXPORTS, ids=[one.name + "-" + one.case for one in EXPORTS])
def test_it_is_understood_or_asked_about(export, tmp_path):
    found = checked(export.case, export.write(tmp_path))
    for role, right in export.right.items():
        if right == "":
            assert played(found, role) == [], role
            assert f"--map {role}=" in (found["refused"] or ""), role
        elif isinstance(right, list):
            assert played(found, role) == right, role
        else:
            assert played(found, role) in [[one] for one in right.split("|")], role
    if all(export.right.values()):
        assert found["refused"] is None
    used = {name for one in found["mapping"].values() for name in one["columns"]}
    assert used.isdisjoint(found["unused"])
    assert used | set(found["unused"]) == set(found["reading"]["columns"])
