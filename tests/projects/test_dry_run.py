"""`quickstart --check`: what was understood, without a database, without training, without a trace."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.projects.checked import checked

ROOT = Path(__file__).resolve().parents[2]
LABELLED = "text,label\n" + "".join(
    f"It is {word} number {n},{label}\n"
    for n in range(20)
    for word, label in (("fine", "Good"), ("awful", "bad"), ("great", "good"))
)


def test_it_says_what_would_be_learned(tmp_path):
    file = tmp_path / "faq.csv"
    file.write_text(
        "Question;Answer\n" + "".join(f"Is number {n} open?;Yes, {n} is open.\n" for n in range(40)) + ";\n;Alone\n"
    )
    found = checked("support_bot", file)
    assert (found["status"], found["refused"]) == (0, None)
    assert found["reading"]["format"] == "csv"
    assert found["reading"]["delimiter"] == ";"
    assert found["reading"]["header_row"] == 1
    assert found["mapping"]["question"]["column"] == "Question"
    assert found["mapping"]["question"]["confidence"] > 0.9
    assert (found["rows"], found["kept"], found["dropped"]) == (41, 40, {"empty": 1})
    assert found["first"][0]["question"] == "Is number 0 open?"
    assert found["first"][0]["answer"] == "Yes, 0 is open."
    assert len(found["first"]) == 3


def test_it_prints_offers_and_takes_them(tmp_path):
    file = tmp_path / "reviews.csv"
    file.write_text(LABELLED)
    found = checked("sentiment", file)
    assert found["labels"] == {"Good": 20, "bad": 20, "good": 20}
    assert [one["title"] for one in found["offers"]] == ["These look like the same label"]
    for name in (found["offers"][0]["id"], "merge", "all"):
        taken = checked("sentiment", file, "--accept", name)
        assert sum(taken["labels"].values()) == 60
        assert len(taken["labels"]) == 2
        assert taken["offers"] == []


def test_it_stops_where_a_guess_is_too_weak(tmp_path):
    file = tmp_path / "sizes.csv"
    file.write_text("when,size\n" + "".join(f"2024-01-{n:02d},{n}\n" for n in range(1, 29)))
    found = checked("support_bot", file)
    assert found["status"] == 2
    assert "--map" in found["refused"]
    assert "when, size" in found["refused"]


def test_it_says_why_a_file_cannot_be_read(tmp_path):
    file = tmp_path / "picture.csv"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    found = checked("support_bot", file)
    assert found["status"] == 2
    assert "picture" in found["refused"]
    assert found["first"] == []


def test_it_opens_no_database_and_leaves_nothing_behind(tmp_path):
    file, home = tmp_path / "reviews.csv", tmp_path / "home"
    file.write_text(LABELLED)
    words = ("manage.py", "quickstart", "sentiment", str(file), "--check", "--json")
    environment = {"ATELIER_HOME": str(home), "PATH": "/usr/bin:/bin", "SECRET_KEY": "x" * 50}
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert not home.exists() or not [path for path in home.rglob("*") if path.is_file()]


def test_it_loads_no_library_of_learning(tmp_path):
    script = (
        "import os, sys, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'studio.settings'; django.setup();"
        "import studio.management.commands.quickstart; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, timeout=60, check=False).returncode == 0


def test_it_says_which_way_dates_are_read_that_could_be_read_in_two(tmp_path):
    file = tmp_path / "log.csv"
    lines = [f"C{n % 25},T{n * 7 % 25},{n * 5 % 12 + 1}/{n * 7 % 12 + 1}/2025" for n in range(200)]
    file.write_text("\n".join(["customer,product,date", *lines]), encoding="utf-8")
    notes = checked("recommendation", file)["notes"]
    assert any(note.startswith("date: ") and ("other way round" in note or "from row to row" in note) for note in notes)
