"""The same question with different answers is settled on the check page: one answer stays, the other rows are left out."""

from __future__ import annotations

import csv
import re

import pytest

from projects import datasets, importing, uploading
from projects.models import AuditEvent, Dataset
from tests.projects.labels_of import check, every, feelings, finished, texts, unguarded  # noqa: F401  (fixtures)
from tests.projects.test_importing import table

pytestmark = pytest.mark.django_db
TORN = [
    ("When do you open?", "At nine."),
    ("When do you open?", "At ten."),
    ("when do you open", "At ten"),
    ("Do you ship abroad?", "Yes, everywhere."),
    ("Do you ship abroad?", "No, never."),
]


def data(project, owner, rows):
    text = table(*rows, header=("question", "answer"))
    dataset = datasets.create_dataset(project, uploading.store(project, owner, "faq.csv", [text]), owner)
    importing.read(dataset)
    assert dataset.state == Dataset.State.CHECKING, dataset.error
    return dataset


def plain(count):
    return [(f"How much is kettle number {n}?", f"Kettle {n} costs {n * 3} euros.") for n in range(count)]


@pytest.fixture
def torn(project, owner, unguarded):  # noqa: F811
    return data(project, owner, [*TORN, *plain(30)])


@pytest.fixture
def press(owner, as_):
    """Presses the button of an answer (the text that it holds), as a person would: by what the page shows."""
    client = as_(owner)

    def press(dataset, answer="", **posted):
        page = client.get(f"/datasets/{dataset.pk}/")
        if answer:
            groups = page.context["contradictions"]
            shown = [one for group in [*groups.to_settle, *groups.kept] for one in group.answers]
            posted = {"row": next(one.n for one in shown if one.text == answer), "choice": "keep", **posted}
        address = "choice" if posted else "undo"
        reply = client.post(f"/datasets/{dataset.pk}/{address}/", posted, follow=True)
        dataset.refresh_from_db()
        return reply

    return press


def main_of(reply):
    return re.sub(r"\s+", " ", reply.content.decode().split("<main")[1].split("</main>")[0])


def test_it_shows_each_question_with_its_answers_their_lines_and_a_button(torn, owner, as_):
    reply = as_(owner).get(f"/datasets/{torn.pk}/")
    first, second = reply.context["contradictions"].to_settle
    assert [(one.text, one.lines) for one in first.answers] == [("At ten.", [3, 4]), ("At nine.", [2])]
    assert [(one.text, one.lines) for one in second.answers] == [("Yes, everywhere.", [5]), ("No, never.", [6])]
    body = main_of(reply)
    assert body.count("Keep this one") == 4
    assert "Lines 3, 4" in body
    assert "2 wait for you." in body


def test_it_keeps_one_answer_and_leaves_the_other_rows_out(torn, press):
    reply = press(torn, "At nine.")
    assert reply.context["kept"] == 33  # of 35, two say ten
    assert torn.report["flags"]["settled"] == 2
    assert "1 waits for you." in main_of(reply)
    assert "1 is settled." in main_of(reply)
    press(torn, "No, never.")
    assert "contradicting" not in torn.report["flags"]
    assert importing.finish(torn)
    said = list(datasets.examples(torn.folder))
    assert ("When do you open?", "At nine.") in said
    assert not [answer for _question, answer in said if answer in ("At ten.", "At ten", "Yes, everywhere.")]
    with (torn.folder / "dropped.csv").open(encoding="utf-8-sig", newline="") as file:
        left_out = [(row["row"], row["reason"]) for row in csv.DictReader(file)]
    assert ("3", "settled") in left_out
    assert ("5", "settled") in left_out
    torn.refresh_from_db()
    assert torn.counts["dropped"] == len(left_out) == 3
    assert AuditEvent.objects.filter(action="dataset.choice", facts__flag="contradicting").count() == 2


def test_it_can_be_undone_taken_back_and_decided_otherwise(torn, press):
    before = dict(torn.report["flags"])
    press(torn, "At nine.")
    press(torn, "At ten.")
    assert torn.report["flags"]["settled"] == 1
    press(torn)
    assert torn.report["flags"]["settled"] == 2
    press(torn)
    assert torn.report["flags"] == before
    press(torn, "At nine.")
    assert "Take it back" in main_of(press(torn, "No, never."))
    press(torn, "At nine.", choice="back")
    assert (torn.report["flags"]["settled"], torn.report["flags"]["contradicting"]) == (1, 3)


def test_it_outlives_another_look_at_the_file_and_a_new_set_of_its_rows(torn, press, owner, as_):
    press(torn, "At nine.")
    client = as_(owner)
    client.post(f"/datasets/{torn.pk}/read/", {"as_it_was": "1"})
    importing.read(Dataset.objects.get(pk=torn.pk))
    torn.refresh_from_db()
    assert torn.report["flags"]["settled"] == 2
    client.post(f"/datasets/{torn.pk}/all/row/", {"key": "6", "do": "remove"})
    client.post(f"/datasets/{torn.pk}/all/use/")
    made = Dataset.objects.exclude(pk=torn.pk).get()
    importing.read(made)
    made.refresh_from_db()
    assert made.report["flags"]["settled"] == 2


def test_it_shows_a_viewer_no_button_and_lets_nobody_else_decide(torn, viewer, stranger, as_):
    client = as_(viewer)
    body = main_of(client.get(f"/datasets/{torn.pk}/"))
    assert "When do you open?" in body
    assert "Keep this one" not in body
    assert client.post(f"/datasets/{torn.pk}/choice/", {"row": "1", "choice": "keep"}).status_code == 403
    assert as_(stranger).post(f"/datasets/{torn.pk}/choice/", {"row": "1", "choice": "keep"}).status_code == 404


@pytest.mark.parametrize("row", ["", "nine", "-1", "10", "999999999999", "9" * 40, "²"])
def test_it_refuses_what_contradicts_nothing(torn, press, row):
    reply = press(torn, row=row, choice="keep")
    assert "There is no such choice." in reply.content.decode()
    assert torn.history == []


def test_it_keeps_what_is_ready_as_it_is(torn, press):
    importing.finish(torn)
    assert "its choices do not change any more" in press(torn, row="1", choice="keep").content.decode()


def test_it_works_for_labels_and_follows_their_names(check, press, owner, as_):  # noqa: F811
    rows = [("It broke at once", "bad"), ("It broke at once", "good"), ("It broke at once", "good")]
    dataset = check([*rows, *texts("good", 40), *texts("bad", 40, 100)])
    assert "Which label stays" in main_of(as_(owner).get(f"/datasets/{dataset.pk}/"))
    press(dataset, "bad")
    assert dataset.report["flags"]["settled"] == 2
    as_(owner).post(f"/datasets/{dataset.pk}/labels/", {"action": "rename", "label": "bad", "to": "angry"})
    dataset.refresh_from_db()
    assert dataset.report["flags"]["settled"] == 2
    finished(dataset)
    assert dataset.counts["reasons"] == {"settled": 1, "duplicate": 1}
    assert [one["labels"] for one in every(dataset) if one["text"] == "It broke at once"] == [["angry"]]


def test_it_shows_the_first_of_thousands_with_the_count_of_all(project, owner, as_, unguarded):  # noqa: F811
    rows = [(f"Is part {n // 2} in stock?", f"Answer {n}.") for n in range(6_000)]
    many = [("Which colour?", f"Colour {n}.") for n in range(300)]
    dataset = data(project, owner, [*many, *rows])
    client = as_(owner)
    reply = client.get(f"/datasets/{dataset.pk}/")
    assert "The first 25 of 3,001." in main_of(reply)
    assert len(reply.context["contradictions"].to_settle) == 25
    assert "288 more answers are not shown." in main_of(reply)
    client.post(f"/datasets/{dataset.pk}/choice/", {"row": "1", "choice": "keep"})
    assert "The first 25 of 3,000." in main_of(client.get(f"/datasets/{dataset.pk}/"))


def test_it_speaks_chinese(torn, owner, as_):
    owner.language = "zh-hans"
    owner.save()
    body = main_of(as_(owner).get(f"/datasets/{torn.pk}/"))
    assert body.count("保留这一个") == 4
    assert "Keep this one" not in body
