"""From a file to examples: through real readers, with workers that die and workers that come twice."""

from __future__ import annotations

import csv
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from projects import checking, datasets, importing, reading, remaking, sweeping, uploading
from projects.errors import UserError
from projects.models import Dataset

pytestmark = pytest.mark.django_db
State = Dataset.State


def table(*rows, header=("Frage", "Kunde fragt", "Antwort")):
    return "\n".join(",".join(f'"{cell}"' for cell in row) for row in (header, *rows)).encode()


def faq(count=40):
    return table(
        *[(f"shop {n}", f"How much is kettle number {n}?", f"Kettle {n} costs {n * 3} euros.") for n in range(count)],
        header=("topic", "question", "answer"),
    )


@pytest.fixture
def add(project, owner):
    def add(text: bytes, name="faq.csv", **given) -> Dataset:
        upload = uploading.store(project, owner, name, [text])
        return datasets.create_dataset(project, upload, owner, **given)

    return add


@pytest.fixture
def unguarded(monkeypatch):
    """Without the child process, where a test is not about it: half a second saved each time."""
    monkeypatch.setattr(reading, "read_guarded", reading.read)


def test_it_reads_checks_and_finishes_a_file(add):
    dataset = add(faq())
    assert importing.read(dataset)
    assert dataset.state == State.CHECKING
    assert dataset.mapping == {"question": "question", "answer": "answer"}
    assert dataset.report["rows"] == 40
    assert importing.finish(dataset)
    assert dataset.state == State.READY
    assert dataset.counts["kept"] == dataset.counts["train"] + dataset.counts["validation"] + dataset.counts["test"]
    assert len(dataset.content_hash) == 64
    assert len(list(datasets.examples(dataset.folder))) == 40


def test_it_refuses_a_file_in_three_sentences(add):
    dataset = add(b"\x89PNG\r\n\x1a\n" + b"x" * 50, "photo.csv")
    importing.read(dataset)
    assert dataset.state == State.REJECTED
    error = importing.error_of(dataset)
    assert "picture" in str(error.what)
    assert error.safe
    assert error.todo


def test_it_says_the_reason_in_the_language_of_the_reader(add, unguarded):
    from django.utils import translation

    dataset = add(b"\x89PNG\r\n\x1a\n" + b"x" * 50, "photo.csv")
    importing.read(dataset)
    with translation.override("zh-hans"):
        assert importing.error_of(dataset).what is not None
    assert dataset.error["code"] == "picture"


def test_it_asks_when_no_column_fits(add, unguarded):
    dataset = add(table(*[(str(n), str(n * 2)) for n in range(40)], header=("a1", "b2")))
    importing.read(dataset)
    assert dataset.state == State.CHECKING
    assert dataset.report == {}
    with pytest.raises(UserError, match="No column is chosen"):
        checking.accept(dataset, dataset.created_by)


def test_it_takes_a_given_mapping_and_names_a_wrong_one(add, unguarded):
    rows = table(*[(f"a{n} b", f"what is {n}?", f"it is {n} of course") for n in range(40)])
    right = add(rows, mapping={"question": "Kunde fragt", "answer": "Antwort"})
    importing.read(right)
    assert right.mapping == {"question": "Kunde fragt", "answer": "Antwort"}
    wrong = add(rows, mapping={"question": "Nope"})
    importing.read(wrong)
    assert wrong.state == State.REJECTED
    assert "Nope" in wrong.error["what"]
    assert "Kunde fragt" in wrong.error["todo"]


def test_it_makes_every_row_a_test_row_when_asked(add, unguarded):
    dataset = add(faq(), purpose="test")
    importing.read(dataset)
    importing.finish(dataset)
    assert (dataset.counts["test"], dataset.counts["train"]) == (40, 0)


def test_it_does_nothing_the_second_time(add, unguarded):
    dataset = add(faq())
    importing.read(dataset)
    assert not importing.read(dataset)
    importing.finish(dataset)
    assert not importing.finish(dataset)
    assert dataset.counts["kept"] == 40


def test_it_leaves_a_row_that_a_living_worker_holds(add, unguarded):
    dataset = add(faq())
    dataset.move(State.UPLOADED, State.READING)
    assert dataset.claim(State.READING, "other")
    assert not importing.read(dataset)
    Dataset.objects.filter(pk=dataset.pk).update(heartbeat=timezone.now() - timedelta(minutes=1))
    assert importing.read(dataset)
    assert dataset.state == State.CHECKING


def test_it_stops_when_the_row_is_taken_away(add, unguarded, monkeypatch):
    dataset = add(faq())

    def robbed(*args, **kwargs):
        Dataset.objects.filter(pk=dataset.pk).update(worker="thief")
        return reading.read(*args, **kwargs)

    monkeypatch.setattr(reading, "read_guarded", robbed)
    importing.read(dataset)
    dataset.refresh_from_db()
    assert (dataset.state, dataset.worker) == (State.READING, "thief")
    assert not dataset.rows_file.exists()


def test_it_goes_on_after_a_kill_between_reading_and_checking(add, unguarded):
    dataset = add(faq())
    importing.read(dataset)
    long_ago = timezone.now() - timedelta(minutes=1)
    Dataset.objects.filter(pk=dataset.pk).update(state=State.READING, report={}, heartbeat=long_ago)
    dataset.upload.path.unlink()  # whoever read it twice would find nothing
    assert importing.read(Dataset.objects.get(pk=dataset.pk))
    dataset.refresh_from_db()
    assert (dataset.state, dataset.report["rows"]) == (State.CHECKING, 40)


def test_it_gives_up_on_a_file_that_kills_its_reader(add, unguarded):
    dataset = add(faq())
    dataset.move(State.UPLOADED, State.READING)
    Dataset.objects.filter(pk=dataset.pk).update(attempts=importing.ATTEMPTS)
    importing.read(dataset)
    assert dataset.state == State.REJECTED
    assert "3 times" in dataset.error["what"]


def test_it_gives_a_reference_for_its_own_mistakes(add, unguarded, monkeypatch):
    monkeypatch.setattr(reading, "read_guarded", lambda *a, **k: 1 / 0)
    dataset = add(faq())
    importing.read(dataset)
    assert dataset.state == State.REJECTED
    assert dataset.error["ref"] in dataset.error["what"]
    assert "division" not in json.dumps(dataset.error)


def test_it_writes_down_what_was_left_out(add, unguarded):
    dataset = add(faq() + b'\n"x","=cmd()|A1",""\n')
    importing.read(dataset)
    importing.finish(dataset)
    with (dataset.folder / "dropped.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))
    assert rows[1][1] == "empty"
    assert "'=cmd()|A1" in rows[1]


def test_it_refuses_to_make_data_of_nothing(add, unguarded):
    rows = table(*[("What?", "")] * 40, header=("question", "answer"))
    dataset = add(rows, mapping={"question": "question", "answer": "answer"})
    importing.read(dataset)
    with pytest.raises(UserError, match="no row is left"):
        checking.accept(dataset, dataset.created_by)


def test_it_learns_from_corrections(add, project, editor, unguarded):
    dataset = add(faq())
    importing.read(dataset)
    importing.finish(dataset)
    pairs = [("how much is  kettle number 3?", "It is sold out."), ("Do you sell cups?", "Yes, two kinds.")]
    fresh = remaking.dataset_from_corrections(project, pairs, editor)
    importing.read(fresh)
    assert fresh.state == State.READY
    found = dict(datasets.examples(fresh.folder))
    assert found["how much is  kettle number 3?"] == "It is sold out."
    assert "Kettle 3 costs 9 euros." not in found.values()
    assert found["Do you sell cups?"] == "Yes, two kinds."
    assert len(found) == 41
    assert "2 corrections" in fresh.name


def test_it_cannot_correct_what_is_not_there(project, editor):
    with pytest.raises(UserError):
        remaking.dataset_from_corrections(project, [("a", "b")], editor)


def test_it_finds_rows_that_nobody_works_on(add, unguarded, django_capture_on_commit_callbacks, monkeypatch):
    from projects import tasks

    told = []
    monkeypatch.setattr(tasks.read_dataset, "delay_on_commit", lambda pk: told.append(("read", pk)))
    monkeypatch.setattr(tasks.import_dataset, "delay_on_commit", lambda pk: told.append(("import", pk)))
    fresh, lost, dead, busy = (add(faq()) for _ in range(4))
    told.clear()
    old = timezone.now() - timedelta(minutes=2)
    Dataset.objects.filter(pk__in=[lost.pk, dead.pk, busy.pk]).update(created=old)
    Dataset.objects.filter(pk=dead.pk).update(state=State.IMPORTING, worker="gone", heartbeat=old)
    Dataset.objects.filter(pk=busy.pk).update(state=State.READING, worker="alive", heartbeat=timezone.now())
    assert sweeping.sweep() == 2
    assert sorted(told) == sorted([("read", lost.pk), ("import", dead.pk)])
    assert sweeping.sweep() == 0
    assert fresh.pk not in dict(told).values()


def test_it_forgets_uploads_that_nobody_went_on_with(project, owner):
    from projects.models import Upload

    upload = uploading.start(project, owner, "big.csv", 100)
    uploading.append(upload, 0, b"x" * 10, owner)
    Upload.objects.filter(pk=upload.pk).update(created=timezone.now() - timedelta(days=8))
    sweeping.sweep()
    assert not Upload.objects.exists()
    assert not upload.path.exists()


def test_it_reads_the_sample_and_finds_something_to_say(project, owner):
    from projects.views.data import SAMPLES

    path = SAMPLES / project.case.sample
    upload = uploading.store_file(project, owner, path.name, path)
    dataset = datasets.create_dataset(project, upload, owner)
    importing.read(dataset)
    assert dataset.mapping == {"question": "Question", "answer": "Answer"}
    flags = dataset.report["flags"]
    assert {"empty", "duplicate", "contradicting", "personal", "markup"} <= set(flags), flags
    assert flags["personal"] == 2, "the address and number of the shop itself are no personal data"
    importing.finish(dataset)
    assert dataset.counts["kept"] >= 150
