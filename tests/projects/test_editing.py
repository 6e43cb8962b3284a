"""Single rows found, edited, added and taken out through their page, and sets joined."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects import datasets, editing, importing, rows, uploading
from projects.errors import UserError
from projects.models import Dataset

pytestmark = pytest.mark.django_db
State = Dataset.State


def questions(*numbers):
    rows = [f'"How much is kettle number {n}?","Kettle {n} costs {n * 3} euros."' for n in numbers]
    return "\n".join(["question,answer", *rows]).encode()


def settle(dataset):
    """What a worker does with whatever waits for one."""
    dataset.refresh_from_db()
    if dataset.state == State.UPLOADED:
        importing.read(dataset)
    elif dataset.state == State.IMPORTING:
        importing.finish(dataset)
    dataset.refresh_from_db()
    return dataset


@pytest.fixture
def add(project, owner):
    def add(*numbers, name="faq.csv", accepted=True):
        upload = uploading.store(project, owner, name, [questions(*numbers)])
        return settle(datasets.create_dataset(project, upload, owner, accepted=accepted))

    return add


@pytest.fixture
def olga(as_, owner):
    return as_(owner)


def page(client, dataset, **query):
    return client.get(reverse("projects:all_rows", args=[dataset.pk]), query).content.decode()


def send(client, dataset, key="", do="", **values):
    body = {"key": key, "do": do} | {f"value-{name}": text for name, text in values.items()}
    return client.post(reverse("projects:edit_row", args=[dataset.pk]), body)


def newest(project):
    return settle(project.datasets.first())


def known(dataset):
    return dict(datasets.examples(dataset.folder))


def test_it_finds_a_row_by_its_words(olga, add):
    dataset = add(*range(1, 61))
    assert "kettle number 25?" in page(olga, dataset)
    found = page(olga, dataset, q="number 33?")
    assert found.count("<article") == 1
    assert "Kettle 33 costs 99 euros." in found
    assert "No row contains this." in page(olga, dataset, q="100%_")


def test_it_finds_signs_as_they_are_written(olga, project, owner):
    said = [
        ('How do I open the "blue" lamp?', "Turn 100% left\\right."),
        ("Where is my_parcel?", "At home, 1000 of them, soon\there."),
    ]
    file = io.StringIO()
    csv.writer(file).writerows([("question", "answer"), *said])
    upload = uploading.store(project, owner, "faq.csv", [file.getvalue().encode()])
    dataset = settle(datasets.create_dataset(project, upload, owner))
    for search, held in [
        ('"BLUE"', [True, False]),
        ("left\\right", [True, False]),
        ("100%", [True, False]),
        ("y_p", [False, True]),
        ("soon\there", [False, True]),
    ]:
        shown = page(olga, dataset, q=search)
        assert ["Turn 100" in shown, "At home" in shown] == held, search


def test_it_shows_every_row_on_one_of_its_pages(olga, add):
    dataset = add(*range(1, 61))
    shown = [page(olga, dataset, page=number) for number in (1, 2, 3)]
    assert ["number 1?" in shown[0], "number 25?" in shown[0], "number 26?" in shown[1]] == [True] * 3
    assert ["number 26?" in shown[0], "number 60?" in shown[2], "number 61?" in shown[2]] == [False, True, False]
    searched = page(olga, dataset, q="kettle number", page=3)
    assert "number 60?" in searched
    assert "number 50?" not in searched


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_it_writes_the_rows_of_a_new_set_before_it_takes_the_database_for_itself(olga, add, project):
    first, second = add(1, 2), add(3)
    send(olga, first, "2", do="remove")
    made = [
        ("use_edits", [first.pk], {}),
        ("join", [project.pk], {"dataset": [first.pk, second.pk]}),
    ]
    for name, args, body in made:
        with CaptureQueriesContext(connection) as asked:
            assert olga.post(reverse(f"projects:{name}", args=args), body).status_code == 302
        said = [one["sql"] for one in asked]
        written = next(at for at, one in enumerate(said) if 'INSERT INTO "projects_upload"' in one)
        made_at = next(at for at, one in enumerate(said) if 'INSERT INTO "projects_dataset"' in one)
        begun = [at for at, one in enumerate(said) if one.startswith("BEGIN")]
        assert [at for at in begun if written < at < made_at], name
        ended = [at for at, one in enumerate(said[:written]) if one.startswith(("COMMIT", "ROLLBACK"))]
        assert len([at for at in begun if at < written]) == len(ended), name


def test_it_keeps_a_change_that_came_while_the_others_were_used(olga, add, project):
    dataset = add(1, 2, 3)
    send(olga, dataset, "2", do="remove")
    before = type(dataset).objects.get(pk=dataset.pk)
    send(olga, dataset, "3", question="What about kettle 3?", answer="It is sold out.")
    editing.apply(before, project.team.memberships.first().user)
    dataset.refresh_from_db()
    assert list(dataset.edits) == ["3"]


def test_changes_that_are_used_already_make_no_second_set(olga, add, project):
    dataset = add(1, 2, 3)
    send(olga, dataset, "2", do="remove")
    before = type(dataset).objects.get(pk=dataset.pk)
    user = project.team.memberships.first().user
    editing.apply(type(dataset).objects.get(pk=dataset.pk), user)
    with pytest.raises(UserError, match="used already"):
        editing.apply(before, user)
    assert project.datasets.count() == 2
    assert project.uploads.count() == 2


def test_rows_that_were_used_for_themselves_meanwhile_stay(olga, add, project):
    base, fresh = add(*range(1, 31)), add(*range(31, 41), name="more.csv", accepted=False)
    read = Dataset.objects.get(pk=fresh.pk)
    Dataset.objects.filter(pk=fresh.pk).update(state=State.IMPORTING)
    editing.added_to(base, read, project.team.memberships.first().user)
    assert Dataset.objects.filter(pk=fresh.pk).exists()


def test_it_makes_a_new_set_of_edited_added_and_removed_rows(olga, add, project):
    dataset = add(*range(1, 41))
    send(olga, dataset, "3", question="How much is kettle number 3?", answer="Now 10 euros.")
    send(olga, dataset, "4", "remove")
    send(olga, dataset, question="Do you gift-wrap?", answer="Yes, for free.")
    shown = page(olga, dataset)
    assert [shown.count(word) for word in (">edited<", ">taken out<", ">added<")] == [1, 1, 1]
    assert len(known(dataset)) == 40
    olga.post(reverse("projects:use_edits", args=[dataset.pk]))
    made = newest(project)
    assert made.state == State.READY, made.error
    answers = known(made)
    assert answers["How much is kettle number 3?"] == "Now 10 euros."
    assert "How much is kettle number 4?" not in answers
    assert answers["Do you gift-wrap?"] == "Yes, for free."
    assert len(answers) == 40
    dataset.refresh_from_db()
    assert (dataset.edits, len(known(dataset))) == ({}, 40)


def test_it_puts_a_row_back_as_it_was(olga, add):
    dataset = add(*range(1, 31))
    send(olga, dataset, "3", question="Other?", answer="Other.")
    send(olga, dataset, "5", "remove")
    send(olga, dataset, "3", "undo")
    send(olga, dataset, "5", "undo")
    dataset.refresh_from_db()
    assert dataset.edits == {}


def test_it_edits_before_a_set_is_used(olga, add, project):
    dataset = add(*range(1, 31), accepted=False)
    assert dataset.state == State.CHECKING
    send(olga, dataset, "1", question="How much is kettle number 1?", answer="One euro.")
    olga.post(reverse("projects:use_edits", args=[dataset.pk]))
    made = newest(project)
    assert made.state == State.CHECKING
    assert rows.page(made.rows_file, 0, 1)[0][2] == ["How much is kettle number 1?", "One euro."]


def test_it_adds_rows_just_read_to_the_set_that_is_there(olga, add, project):
    base = add(*range(1, 31))
    fresh = add(*range(25, 41), name="more.csv", accepted=False)
    shown = olga.get(reverse("projects:dataset", args=[fresh.pk])).content.decode()
    assert "Add these rows to “faq.csv” (30 examples)" in " ".join(shown.split())
    olga.post(reverse("projects:together", args=[fresh.pk]), {"base": base.pk})
    made = newest(project)
    assert made.state == State.READY, made.error
    assert len(known(made)) == 40  # six questions stood in both
    assert not Dataset.objects.filter(pk=fresh.pk).exists()
    assert len(known(base)) == 30


def test_it_joins_the_chosen_sets(olga, add, project):
    sets = [add(*range(start, start + 20), name=f"{start}.csv") for start in (1, 21, 41)]
    assert "Join the chosen sets" in olga.get(reverse("projects:data", args=[project.pk])).content.decode()
    olga.post(reverse("projects:join", args=[project.pk]), {"dataset": [one.pk for one in sets]})
    made = newest(project)
    assert len(known(made)) == 60
    assert made.name == "1.csv, 21.csv, 41.csv together"


@pytest.mark.parametrize("chosen", [[], ["0"], ["x"], ["1"] * 50])
def test_it_joins_nothing_that_is_no_choice(olga, add, project, chosen):
    add(*range(1, 21))
    answer = olga.post(reverse("projects:join", args=[project.pk]), {"dataset": chosen})
    assert answer.status_code == 422
    assert "choose two or more" in answer.content.decode()
    assert project.datasets.count() == 1


def test_it_keeps_what_was_typed_when_a_row_would_be_empty(olga, add):
    dataset = add(*range(1, 31))
    answer = send(olga, dataset, question=" ", answer="An answer without a question")
    assert answer.status_code == 422
    assert "An answer without a question" in answer.content.decode()


def test_it_lets_a_viewer_look_and_change_nothing(as_, viewer, add, project):
    dataset, vera = add(*range(1, 31)), as_(viewer)
    assert "Add a row" not in page(vera, dataset)
    assert send(vera, dataset, "1", "remove").status_code == 403
    assert vera.post(reverse("projects:use_edits", args=[dataset.pk])).status_code == 403
    assert vera.post(reverse("projects:join", args=[project.pk])).status_code == 403


def test_it_hides_rows_from_a_stranger(as_, stranger, add):
    dataset, stan = add(*range(1, 31)), as_(stranger)
    assert stan.get(reverse("projects:all_rows", args=[dataset.pk])).status_code == 404
    assert send(stan, dataset, "1", "remove").status_code == 404


def test_it_adds_nothing_from_another_teams_set(olga, add, project, stranger):
    from projects.models import Project

    dataset = add(*range(1, 31), accepted=False)
    foreign = Project.objects.create(team=stranger.memberships.get().team, name="x", use_case="support_bot")
    other = Dataset.objects.create(project=foreign, name="theirs", state=State.READY)
    answer = olga.post(reverse("projects:together", args=[dataset.pk]), {"base": other.pk})
    assert answer.status_code == 404


def test_it_keeps_the_columns_of_a_log_of_purchases(team, owner, as_):
    from projects.models import Project

    shop = Project.objects.create(team=team, name="Shop", use_case="recommendation", created_by=owner)
    lines = ["customer,product,date"]
    lines += [f"c{n % 15},p{(n * 7) % 12},2026-01-{1 + n % 28:02}" for n in range(300)]
    sets = []
    for half in (lines[:151], lines[:1] + lines[151:]):
        upload = uploading.store(shop, owner, "orders.csv", ["\n".join(half).encode()])
        sets.append(settle(datasets.create_dataset(shop, upload, owner, accepted=True)))
    assert [one.state for one in sets] == [State.READY, State.READY], [one.error for one in sets]
    as_(owner).post(reverse("projects:join", args=[shop.pk]), {"dataset": [one.pk for one in sets]})
    made = newest(shop)
    assert made.state == State.READY, made.error
    assert json.loads(json.dumps(made.mapping))["person"] == "person"


def test_it_names_the_line_that_a_row_repeats(olga, project, owner):
    lines = [f'"How much is kettle {n}?",Kettle {n} costs {n} euros.' for n in range(1, 31)]
    content = "\n".join(["question,answer", *lines, '"  how much is KETTLE 7? ",Kettle 7 costs 7 euros.']).encode()
    dataset = settle(datasets.create_dataset(project, uploading.store(project, owner, "faq.csv", [content]), owner))
    said = "Says the same as line 8."
    check = olga.get(reverse("projects:dataset", args=[dataset.pk])).content.decode()
    assert "Line 32 says the same as line 8." in check
    assert said in olga.get(reverse("projects:rows", args=[dataset.pk, "duplicate"])).content.decode()
    shown = page(olga, dataset, q="KETTLE 7?")
    assert ("Line 8" in shown, "Line 32." in shown, shown.count(said)) == (True, True, 1)
    send(olga, dataset, "31", question="How much is the lid?", answer="Two euros.")
    assert said not in page(olga, dataset, q="KETTLE 7?")
