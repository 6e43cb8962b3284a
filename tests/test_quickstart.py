"""The whole road in one command, on models so small that it takes seconds."""

from __future__ import annotations

import csv
import json

import pytest
from django.core.management import CommandError, call_command

from tests.tiny import SUBJECTS, WORDS
from tests.training.conftest import QUICK, tiny_bases, tiny_folders  # noqa: F401  (fixtures)
from training import plan, runs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """The presets' choices are for real models; no worker hears of the messages."""
    import torch

    torch.set_num_threads(1)
    make = plan.make
    monkeypatch.setattr(plan, "make", lambda data, preset, own, test: make(data, preset, {**own, **QUICK}, test))
    monkeypatch.setattr(runs.current_app, "send_task", lambda *_args, **_options: None)
    monkeypatch.setattr("projects.tasks.read_dataset.delay_on_commit", lambda pk: None)
    monkeypatch.setattr("projects.tasks.import_dataset.delay_on_commit", lambda pk: None)


def write(file, first, rows, header=("Customer question", "Our answer")):
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        for n in range(first, first + rows):
            subject = SUBJECTS[n % 8]
            writer.writerow([f"{WORDS[n % 6]} my {subject} number {n} today?", f"Your {subject} {n} is ready to go."])
    return file


def walk(capsys, *words):
    try:
        call_command("quickstart", *(str(word) for word in words))
    except CommandError as error:
        return error.returncode, str(error), capsys.readouterr()
    return 0, "", capsys.readouterr()


@pytest.mark.slow
def test_it_goes_from_a_file_to_a_verdict(tmp_path, tiny_bases, capsys):  # noqa: F811
    file = write(tmp_path / "faq.csv", 0, 60)
    test = write(tmp_path / "test.csv", 100, 6)
    status, error, said = walk(
        capsys, "support_bot", file, "--preset", "quick", "--json", "--name", "Shop", "--test", test,
        "--map", "question=Customer question", "--map", "answer=Our answer",
    )  # fmt: skip
    assert status == 0, error
    found = json.loads(said.out)
    assert found["name"] == "Shop"
    assert found["dataset"] == {"rows": 60, "kept": 60, "dropped": 0}
    assert found["run"]["status"] == "succeeded"
    assert found["tested"] == 4  # of the 6 rows of the test file
    assert set(found["scores"]["token_f1"]) == {"tuned", "base", "retrieval"}
    assert set(found["scores"]["perplexity"]) == {"tuned", "base"}
    assert {"token_f1", "similarity", "perplexity", "foreign_facts"} == set(found["scores"])
    assert found["verdict"].endswith(".")
    assert found["endpoint"] is None
    assert "%" in said.err


@pytest.mark.slow
def test_it_publishes_and_gives_a_key(tmp_path, tiny_bases, capsys, monkeypatch, owner, team):  # noqa: F811
    from endpoints import publishing
    from projects.models import Project

    monkeypatch.setattr(publishing, "check", lambda model, answers_with, live=False: None)
    monkeypatch.setenv("ENGINE_URL", "http://127.0.0.1:9")
    file = write(tmp_path / "faq.csv", 0, 60)
    status, error, said = walk(capsys, "support_bot", file, "--preset", "quick", "--json", "--publish")
    assert status == 0, error
    endpoint = json.loads(said.out)["endpoint"]
    assert endpoint["model"] == "faq"
    assert endpoint["api_key"].startswith("sk-at-")
    assert endpoint["chat_url"].endswith("/chat/faq/")
    assert endpoint["url"].endswith("/v1")
    assert Project.objects.get().team == team


REFUSALS = [
    (["nonsense", "faq.csv"], "There are: "),
    (["support_bot", "missing.csv"], "There is no file"),
    (["support_bot", "faq.csv", "--items", "faq.csv"], "Leave out --items"),
    (["support_bot", "faq.csv", "--map", "person=Name"], "Its roles are: question, answer"),
    (["support_bot", "faq.csv", "--map", "question"], "Write --map ROLE=COLUMN"),
    (["support_bot", "faq.csv", "--map", "question=Nowhere"], "no column"),
]


@pytest.mark.parametrize(("words", "sentence"), REFUSALS)
def test_it_says_what_the_person_can_do(words, sentence, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "faq.csv", 0, 20)
    status, error, _said = walk(capsys, *words)
    assert status == 2
    assert sentence in error


def test_it_asks_for_the_columns_it_cannot_guess(tmp_path, capsys):
    file = write(tmp_path / "odd.csv", 0, 20, ("x1", "x2"))
    file.write_text("when,size\n" + "\n".join(f"2024-01-{n:02d},{n}" for n in range(1, 20)))
    status, error, _said = walk(capsys, "support_bot", file)
    assert status == 2
    assert "--map" in error or "column" in error
