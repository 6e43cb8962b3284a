"""Data that was used: the check of its file opens again, with the choices as they were, beside what is there."""

from __future__ import annotations

import pytest
from django.urls import reverse

from projects import datasets, uploading
from projects.models import AuditEvent, Dataset
from tests.projects.test_editing import add, known, newest, olga, send, settle  # noqa: F401 - fixtures and doors
from tests.projects.test_interactions import beside, bring, done, in_process, shop  # noqa: F401

pytestmark = pytest.mark.django_db
State = Dataset.State


def post(client, name, dataset, **body):
    return client.post(reverse(f"projects:{name}", args=[dataset.pk]), body, follow=True)


def shown(client, dataset):
    return " ".join(client.get(reverse("projects:dataset", args=[dataset.pk])).content.decode().split())


@pytest.fixture
def used(project, owner, olga):  # noqa: F811
    """A file with three columns and a row that stands in it twice, read and used with two choices of a person."""
    lines = [f"Price of kettle {n}?;Kettle {n} costs {n * 3} euros.;Note {n}" for n in range(1, 41)]
    content = "\n".join(["question;answer;remark", *lines, lines[0]]).encode()
    dataset = settle(datasets.create_dataset(project, uploading.store(project, owner, "faq.csv", [content]), owner))
    post(olga, "mapping", dataset, question="question", answer="remark")
    settle(dataset)
    post(olga, "choice", dataset, flag="duplicate", choice="keep")
    post(olga, "use", dataset)
    settle(dataset)
    assert (dataset.state, dataset.counts["kept"]) == (State.READY, 41)
    return dataset


def test_it_opens_the_check_again_with_the_choices_as_they_were(used, olga, project):  # noqa: F811
    assert "Read the file another way" in shown(olga, used)
    assert post(olga, "again", used).status_code == 200
    made = newest(project)
    assert (made.name, made.state, made.upload_id) == ("faq.csv (2)", State.CHECKING, used.upload_id)
    assert made.mapping == {"question": "question", "answer": "remark"}
    assert made.choices["duplicate"] == "keep"
    page = shown(olga, made)
    assert "You are reading the file of “faq.csv” another way" in page
    assert "Add these rows to" not in page  # they are in it
    assert "Say how to read it" in page
    assert "Undo the last choice" in page


def test_it_makes_a_set_beside_the_one_there_is(used, olga, project):  # noqa: F811
    before = known(used)
    post(olga, "again", used)
    made = newest(project)
    post(olga, "mapping", made, question="question", answer="answer")
    settle(made)
    post(olga, "undo", made)
    post(olga, "use", made)
    settle(made)
    assert (made.state, made.counts["kept"]) == (State.READY, 40)
    assert known(made)["Price of kettle 2?"] == "Kettle 2 costs 6 euros."
    used.refresh_from_db()
    assert (used.state, known(used)) == (State.READY, before)
    assert "This is the file of “faq.csv”, read another way." in shown(olga, made)


def test_it_reads_the_file_with_another_separator(used, olga, project):  # noqa: F811
    post(olga, "again", used)
    made = newest(project)
    post(olga, "read", made, delimiter=",")
    assert settle(made).reading["delimiter"] == ","
    used.refresh_from_db()
    assert used.reading["delimiter"] == ";"


def test_it_opens_one_check_however_often_it_is_pressed(used, olga, project):  # noqa: F811
    for _press in range(3):
        post(olga, "again", used)
    assert project.datasets.count() == 2
    newest(project)
    assert "Go on with the check" in shown(olga, used)
    assert AuditEvent.objects.filter(action="dataset.reopened").count() == 1


def test_it_leads_from_edited_rows_to_the_file_that_was_brought(used, olga, project):  # noqa: F811
    send(olga, used, "3", question="Price of kettle 3?", answer="Now 10 euros.")
    olga.post(reverse("projects:use_edits", args=[used.pk]))
    edited = newest(project)
    page = shown(olga, edited)
    assert "The rows of this set were put together here." in page
    assert "Read “faq.csv” another way" in page
    assert reverse("projects:again", args=[used.pk]) in page
    post(olga, "again", edited)
    made = newest(project)
    post(olga, "use", made)
    assert known(settle(made))["Price of kettle 3?"] == "Now 10 euros."


def test_it_leaves_the_file_to_the_set_before_when_the_second_is_deleted(used, olga, project):  # noqa: F811
    post(olga, "again", used)
    made = newest(project)
    post(olga, "delete", made)
    assert not Dataset.objects.filter(pk=made.pk).exists()
    assert used.upload.path.exists()
    assert "Read the file another way" in shown(olga, used)


def test_it_says_how_to_bring_a_file_that_is_not_kept(used, olga):  # noqa: F811
    used.upload.path.unlink()
    page = shown(olga, used)
    assert "The file of this data is not kept any more." in page
    assert reverse("projects:data", args=[used.project_id]) in page
    answer = post(olga, "again", used)
    assert answer.status_code == 422
    assert "Add the file again" in answer.content.decode()
    assert "The data itself stays as it is." in answer.content.decode()


def test_a_year_in_a_name_is_no_number_of_ours(used, olga, project):  # noqa: F811
    type(used).objects.filter(pk=used.pk).update(name="Orders (2024)")
    post(olga, "again", used)
    assert newest(project).name == "Orders (2024) (2)"


def test_it_leaves_the_set_as_it_was_without_a_word_of_deleting(used, olga, project):  # noqa: F811
    post(olga, "again", used)
    made = newest(project)
    asked = " ".join(olga.get(reverse("projects:delete", args=[made.pk])).content.decode().split())
    assert "Leave “faq.csv” as it was?" in asked and "Delete it" not in asked
    left = olga.post(reverse("projects:delete", args=[made.pk]), follow=True)
    assert left.redirect_chain[-1][0] == reverse("projects:dataset", args=[used.pk])
    assert "“faq.csv” is as it was." in left.content.decode()
    assert [one.pk for one in project.datasets.all()] == [used.pk]


def test_it_offers_a_viewer_nothing_of_it(used, viewer, as_):
    vera = as_(viewer)
    assert "another way" not in shown(vera, used)
    assert post(vera, "again", used).status_code in (403, 404)
    assert used.project.datasets.count() == 1


def test_it_says_where_a_choice_about_used_data_can_be_made(used, olga):  # noqa: F811
    page = post(olga, "choice", used, flag="duplicate", choice="drop").content.decode()
    assert "Choose “Read the file another way” on its page." in page


@pytest.mark.parametrize("door", ["edit", "join"])
def test_it_writes_one_line_into_the_record_for_one_act(add, olga, project, door):  # noqa: F811
    sets = [add(*range(start, start + 20), name=f"{start}.csv") for start in (1, 21)]
    send(olga, sets[0], "3", "remove")
    before = AuditEvent.objects.count()
    if door == "edit":
        olga.post(reverse("projects:use_edits", args=[sets[0].pk]))
    else:
        olga.post(reverse("projects:join", args=[project.pk]), {"dataset": [one.pk for one in sets]})
    assert AuditEvent.objects.count() == before + 1


def test_it_takes_the_table_of_items_along_with_a_log(shop, owner, olga):  # noqa: F811
    rows = [f"u{n % 9},i{n % 7},{1_700_000_000 + 86_400 * n}" for n in range(60)]
    log = bring(shop, owner, "\n".join(["user,item,time", *rows]))
    items = "\n".join(["sku,title,about", *(f"i{n},Kettle {n},Boils." for n in range(7))])
    log = done(beside(log, owner, items))
    post(olga, "again", log)
    made = newest(shop)
    assert (made.state, made.items_id, made.items_mapping) == (State.CHECKING, log.items_id, log.items_mapping)
    post(olga, "items_remove", made)
    log.refresh_from_db()
    assert log.items.path.exists()
    post(olga, "delete", made)
    assert log.items.path.exists()
    assert "Read the file another way" in shown(olga, log)
