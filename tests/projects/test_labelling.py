"""Labelling by hand: nobody gets the same text, nothing is lost, and the model learns along."""

from __future__ import annotations

import json
import re
import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone

from endpoints.models import LabelCount
from projects import datasets, importing, label_names, labelling, ranking, reading, tasks, uploading
from projects.errors import UserError
from projects.labels import names
from projects.models import Dataset, Labelling, LabelName, Project, WaitingText
from projects.views import _desk

HTMX = {"HX-Request": "true"}
GOOD = [
    "lovely kettle, thank you",
    "works very well",
    "great service and fast",
    "I am so happy with it",
    "质量很好，很满意",
]
BAD = ["broken again", "the lid does not close", "late and rude", "never buying this", "太差了，退货"]


@pytest.fixture
def dataset(team, owner, monkeypatch):
    """Forty texts without a label column, ready."""
    monkeypatch.setattr(reading, "read_guarded", reading.read)
    project = Project.objects.create(team=team, name="Mood", use_case="sentiment", created_by=owner)
    texts = [f"{text}, order {n}" for n in range(4) for text in (*GOOD, *BAD)]
    lines = [json.dumps({"text": text}, ensure_ascii=False).encode() + b"\n" for text in texts]
    upload = uploading.store(project, owner, "texts.jsonl", lines)
    found = datasets.create_dataset(project, upload, owner, accepted=True)
    importing.read(found)
    assert found.state == Dataset.State.READY, found.error
    return found


@pytest.fixture
def desk(dataset, owner):
    found = labelling.begin(dataset, owner)
    label_names.add(found, ["praise", "complaint"])
    return found


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """What would go into the queue."""
    sent = []
    monkeypatch.setattr(tasks.rank_texts, "delay_on_commit", sent.append)
    return sent


def right(text):
    return "praise" if any(text.text.startswith(good) for good in GOOD) else "complaint"


def label(desk, user, many):
    for _ in range(many):
        text = labelling.take(desk, user)
        assert labelling.give(desk, text.pk, [right(text)], user)


def address(name, dataset):
    return reverse(f"projects:{name}", args=[dataset.pk])


# Who gets which text


@pytest.mark.django_db
def test_it_gives_everybody_another_text_and_each_the_same_until_it_is_done(desk, owner, editor):
    mine, theirs = labelling.take(desk, owner), labelling.take(desk, editor)
    assert mine.pk != theirs.pk
    assert labelling.take(desk, owner).pk == mine.pk
    assert labelling.give(desk, mine.pk, ["praise"], owner)
    assert labelling.take(desk, owner).pk not in (mine.pk, theirs.pk)


@pytest.mark.django_db
def test_it_refuses_a_text_that_is_on_another_screen_or_done(desk, owner, editor):
    text = labelling.take(desk, owner)
    assert not labelling.give(desk, text.pk, ["praise"], editor)
    assert labelling.give(desk, text.pk, ["complaint"], owner)
    assert not labelling.give(desk, text.pk, ["praise"], owner)
    text.refresh_from_db()
    assert (text.labels, text.decided_by) == (["complaint"], owner)


@pytest.mark.django_db
def test_it_frees_a_text_whose_holder_stays_away(desk, owner, editor):
    text = labelling.take(desk, owner)
    WaitingText.objects.filter(pk=text.pk).update(held_until=timezone.now() - timedelta(seconds=1))
    assert labelling.take(desk, editor).pk == text.pk
    assert not labelling.give(desk, text.pk, ["praise"], owner)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_it_never_gives_two_people_the_same_text_at_the_same_moment(desk, owner, editor):
    got, problems = {owner.pk: [], editor.pk: []}, []
    start = threading.Barrier(2)

    def work(user):
        try:
            start.wait(10)
            while (text := labelling.take(desk, user)) is not None:
                if labelling.give(desk, text.pk, [right(text)], user):
                    got[user.pk].append(text.pk)
        except Exception as problem:  # shown by the test, not lost in the thread
            problems.append(problem)
        finally:
            connection.close()

    people = [threading.Thread(target=work, args=(user,)) for user in (owner, editor)]
    for one in people:
        one.start()
    for one in people:
        one.join(60)
    assert not problems
    both = got[owner.pk] + got[editor.pk]
    assert len(both) == len(set(both)) == 40
    assert labelling.tally(desk).labelled == 40


@pytest.mark.django_db
def test_it_takes_back_one_after_the_other(desk, owner):
    first = labelling.take(desk, owner)
    labelling.give(desk, first.pk, ["praise"], owner)
    second = labelling.take(desk, owner)
    labelling.skip(desk, second.pk, owner)
    assert labelling.undo(desk, owner)
    assert labelling.take(desk, owner).pk == second.pk
    assert labelling.undo(desk, owner)
    assert labelling.take(desk, owner).pk == first.pk
    assert not labelling.undo(desk, owner)
    assert labelling.tally(desk).labelled == 0


@pytest.mark.django_db
def test_it_takes_back_only_what_one_said_oneself(desk, owner, editor):
    label(desk, owner, 1)
    assert not labelling.undo(desk, editor)


@pytest.mark.django_db
def test_it_counts_others_who_label_now(desk, owner, editor):
    labelling.take(desk, editor)
    assert labelling.tally(desk, owner).others == 1
    assert labelling.tally(desk, editor).others == 0


# The labels


@pytest.mark.django_db
def test_it_renames_a_label_on_its_texts_and_merges_two(desk, owner):
    label(desk, owner, 4)
    label_names.rename(desk, "praise", "happy")
    told = labelling.tally(desk).labels
    assert set(told) == {"happy", "complaint"}
    assert sum(told.values()) == 4
    label_names.rename(desk, "happy", "complaint")
    assert labelling.tally(desk).labels == {"complaint": 4}


@pytest.mark.django_db
def test_it_removes_only_labels_that_nobody_used(desk, owner):
    label_names.add(desk, ["other", "Other", ""])
    text = labelling.take(desk, owner)
    labelling.give(desk, text.pk, ["praise"], owner)
    with pytest.raises(UserError, match="have the label"):
        label_names.remove(desk, "praise")
    label_names.remove(desk, "other")
    assert list(desk.names.values_list("name", flat=True)) == ["praise", "complaint"]


@pytest.mark.django_db
def test_it_gives_keys_that_do_nothing_else(desk):
    label_names.add(desk, [f"label {n}" for n in range(40)])
    keys = [key for _name, key in label_names.keyed(desk) if key]
    assert keys[:3] == ["1", "2", "3"]
    assert not {"s", "u"} & set(keys)
    assert len(keys) == len(set(keys))


@pytest.mark.django_db
@pytest.mark.parametrize("wish", [["nonsense"], [], ["praise", "complaint"]])
def test_it_refuses_labels_that_cannot_be(desk, owner, wish):
    text = labelling.take(desk, owner)
    with pytest.raises(UserError):
        labelling.give(desk, text.pk, wish, owner)


# Learning along


@pytest.mark.django_db
def test_it_asks_for_a_new_order_every_ten_labels(desk, owner, told):
    label(desk, owner, 9)
    assert not told
    label(desk, owner, 1)
    assert told == [desk.pk]


@pytest.mark.django_db
def test_it_learns_along_and_says_what_a_text_looks_like(desk, owner):
    label(desk, owner, 20)
    tasks.rank_texts(desk.pk)
    desk.refresh_from_db()
    waiting = list(desk.texts.filter(state="waiting"))
    assert desk.ranked == 20
    assert all(text.suggestion and 0 < text.confidence <= 1 for text in waiting)
    assert sum(text.suggestion == [right(text)] for text in waiting) >= 0.9 * len(waiting)
    label(desk, owner, 10)
    told = labelling.tally(desk)
    assert told.judged == 10
    assert told.guessed >= 9


@pytest.mark.django_db
def test_it_leaves_the_order_where_nothing_is_known(desk, owner):
    assert ranking.rank(desk) == 0
    Labelling.objects.filter(pk=desk.pk).update(ranked=0)
    label(desk, owner, 10)
    assert ranking.rank(desk) == 30
    assert ranking.rank(desk) == 0  # a second message finds nothing to do


@pytest.mark.django_db
def test_a_text_that_was_held_before_the_clock_went_back_is_free(desk, owner, editor):
    held = labelling.take(desk, owner)
    desk.texts.exclude(pk=held.pk).delete()
    assert labelling.take(desk, editor) is None
    desk.texts.update(held_until=timezone.now() + timedelta(hours=1, minutes=5))
    assert labelling.take(desk, editor).pk == held.pk


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_it_loses_no_order_when_the_database_goes_away(desk, owner):
    """Learned, and then the connection breaks where the order should be written."""
    label(desk, owner, 20)
    broken = []

    def breaks(execute, sql, params, many, context):
        if "suggestion" in sql and sql.startswith("UPDATE") and not broken:
            broken.append(sql)
            raise OperationalError("server closed the connection unexpectedly")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(breaks):
        tasks.rank_texts(desk.pk)
    assert broken
    desk.refresh_from_db()
    assert desk.ranked == 20
    assert all(text.suggestion for text in desk.texts.filter(state="waiting"))


def test_it_asks_first_where_it_is_in_doubt():
    known = [(text, ["praise"]) for text in GOOD] + [(text, ["complaint"]) for text in BAD]
    ranked = ranking.order(known, ["works very well", "broken again", "seven grey pebbles"], multi=False)
    assert ranked[2].confidence < min(ranked[0].confidence, ranked[1].confidence)
    assert max(range(3), key=lambda place: ranked[place].priority) == 2


def test_it_suggests_several_labels():
    known = [(f"{text} and late", ["late", "praise"]) for text in GOOD * 3] + [(text, ["praise"]) for text in GOOD * 3]
    known += [(f"{text} now", ["other"]) for text in BAD]
    ranked = ranking.order(known, ["works very well and late"], multi=True)
    assert set(ranked[0].labels) == {"late", "praise"}


# What becomes of it


@pytest.mark.django_db
def test_it_makes_a_dataset_and_keeps_the_rest(desk, owner):
    label(desk, owner, 20)
    made = labelling.finish(desk, owner)
    importing.read(made)
    assert made.state == Dataset.State.READY, made.error
    assert made.counts["kept"] == 20
    assert made.counts["unlabelled"] == 20
    facts = json.loads((made.folder / "dataset.json").read_text())
    assert set(facts["labels"]) == {"praise", "complaint"}
    label(desk, owner, 5)
    again = labelling.finish(desk, owner)
    importing.read(again)
    assert again.counts["kept"] == 25


@pytest.mark.django_db
def test_it_makes_another_dataset_of_changed_labels_only(desk, owner):
    def offered():
        return _desk.state(labelling.of(desk.dataset), owner)["may_finish"]

    label(desk, owner, 20)
    assert offered()
    labelling.finish(desk, owner)
    assert not offered()
    labelling.skip(desk, labelling.take(desk, owner).pk, owner)
    assert not offered()  # a skipped text is no label
    label_names.rename(desk, "praise", "thanks")
    assert offered()
    labelling.finish(desk, owner)
    assert labelling.undo(desk, owner)  # the skip
    assert not offered()
    assert labelling.undo(desk, owner)
    assert offered()


@pytest.mark.django_db
def test_it_offers_the_button_again_when_making_the_dataset_failed(desk, owner):
    label(desk, owner, 3)
    with pytest.raises(UserError):
        labelling.finish(desk, owner)
    desk.refresh_from_db()
    assert desk.changed


@pytest.mark.django_db
def test_it_takes_labels_as_long_as_data_may_have_them(desk, owner):
    label_names.add(desk, ["long " * 99])
    assert desk.names.count() == 3
    assert max(len(one.name) for one in desk.names.all()) > 200
    assert LabelName._meta.get_field("name").max_length >= names.LONGEST
    assert LabelCount._meta.get_field("label").max_length >= names.LONGEST


@pytest.mark.django_db
def test_it_makes_no_dataset_of_too_little(desk, owner):
    label(desk, owner, 3)
    with pytest.raises(UserError, match="not enough"):
        labelling.finish(desk, owner)


# The page


@pytest.mark.django_db
def test_it_offers_to_label_where_there_is_no_label(dataset, owner, as_):
    client = as_(owner)
    page = client.get(reverse("projects:dataset", args=[dataset.pk])).content.decode()
    assert address("labelling", dataset) in page
    assert "Label them here" in page
    assert "40 texts wait for a label." in page
    assert client.get(reverse("training:new", args=[dataset.pk])).status_code == 409


@pytest.mark.django_db
def test_it_goes_from_labels_to_a_dataset_without_a_script(dataset, editor, as_):
    client = as_(editor)
    assert "Which label" not in client.get(address("labelling", dataset)).content.decode()
    client.post(address("label_names", dataset), {"names": "praise\ncomplaint\n"})
    for _ in range(12):
        page = client.get(address("labelling", dataset)).content.decode()
        text = WaitingText.objects.get(pk=re.search(r'name="text" value="(\d+)"', page)[1])
        reply = client.post(address("label_text", dataset), {"text": text.pk, "label": right(text)})
        assert reply.status_code == 302
    page = client.get(address("labelling", dataset)).content.decode()
    assert "12 of 40 labelled" in page
    assert "What is labelled is enough to try a first model. With about 200 labelled texts" in page
    assert page.count("button primary") == 1
    reply = client.post(address("label_done", dataset))
    made = dataset.project.datasets.exclude(pk=dataset.pk).get()
    assert reply["Location"] == reverse("projects:dataset", args=[made.pk])


def test_it_says_how_much_is_enough_and_what_helps_most():
    few = labelling.Tally(
        waiting=900, labelled=60, skipped=0, labels={"refund": 4, "other": 56}, guessed=31, judged=40, others=1
    )
    assert _desk.hint(few) == (
        "About 200 labels give a first model. More of the rare labels help most: “refund” has 4."
    )
    assert _desk.agreement(few) == "It would have guessed 31 of the last 40."
    assert _desk.others(1).startswith("1 other person labels now.")
    many = labelling.Tally(
        waiting=9, labelled=400, skipped=0, labels={"a": 200, "b": 200}, guessed=0, judged=0, others=0
    )
    assert _desk.hint(many).startswith("This is enough for a first model.")


@pytest.mark.django_db
def test_it_leads_from_the_data_it_made_back_to_the_desk(desk, owner, as_):
    label(desk, owner, 20)
    made = labelling.finish(desk, owner)
    importing.read(made)
    page = as_(owner).get(reverse("projects:dataset", args=[made.pk])).content.decode()
    assert address("labelling", desk.dataset) in page


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["²", "9" * 5000, "-1", ""])
def test_it_refuses_a_number_that_is_none(desk, owner, as_, text):
    reply = as_(owner).post(address("label_text", desk.dataset), {"text": text, "label": "praise"}, headers=HTMX)
    assert reply.status_code == 422


@pytest.mark.django_db
def test_it_sends_the_next_text_as_a_part(desk, editor, as_):
    client = as_(editor)
    text = labelling.take(desk, editor)
    part = client.post(
        address("label_text", desk.dataset), {"text": text.pk, "label": "praise"}, headers=HTMX
    ).content.decode()
    assert "<html" not in part
    assert f'value="{text.pk}"' not in part
    again = client.post(address("label_text", desk.dataset), {"text": text.pk, "label": "praise"}, headers=HTMX)
    assert again.status_code == 422
    assert "Somebody else labelled this text meanwhile." in again.content.decode()
    back = client.post(address("label_undo", desk.dataset), headers=HTMX).content.decode()
    assert f'value="{text.pk}"' in back


@pytest.mark.django_db
def test_it_skips_and_shows_skipped_ones_again_at_the_end(desk, editor, as_):
    client = as_(editor)
    for text in desk.texts.all():
        client.post(address("label_text", desk.dataset), {"text": text.pk, "action": "skip"})
    page = client.get(address("labelling", desk.dataset)).content.decode()
    assert "Look at the 40 skipped texts again" in page
    client.post(address("label_again", desk.dataset))
    assert labelling.tally(desk).waiting == 40


@pytest.mark.django_db
def test_it_lets_a_viewer_look_only(desk, viewer, as_):
    client = as_(viewer)
    page = client.get(address("labelling", desk.dataset)).content.decode()
    assert "You can look, but not label" in page
    assert not desk.texts.filter(held_by=viewer).exists()
    assert client.get(address("label_state", desk.dataset)).status_code == 200
    for name in ("label_names", "label_text", "label_undo", "label_again", "label_done"):
        assert client.post(address(name, desk.dataset)).status_code == 403


@pytest.mark.django_db
def test_it_hides_the_desk_from_a_stranger(desk, stranger, as_):
    client = as_(stranger)
    assert client.get(address("labelling", desk.dataset)).status_code == 404
    assert client.post(address("label_text", desk.dataset)).status_code == 404


@pytest.mark.django_db
def test_it_says_so_when_the_rest_is_on_other_screens(desk, owner, editor, as_):
    desk.texts.update(held_by=editor, held_until=timezone.now() + labelling.HOLD)
    assert "on other people's screens" in as_(owner).get(address("labelling", desk.dataset)).content.decode()


@pytest.mark.django_db
def test_it_shows_hostile_texts_as_text(desk, owner, as_):
    desk.texts.update(text="<script>alert(1)</script>")
    page = as_(owner).get(address("labelling", desk.dataset)).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert not re.search(r'\sstyle="|<style|<script(?![^>]*src)', page)


@pytest.mark.django_db
def test_it_ticks_several_labels(dataset, owner, as_):
    client = as_(owner)
    client.post(address("label_names", dataset), {"names": "late\nbroken\nkind", "multi": "1"})
    page = client.get(address("labelling", dataset)).content.decode()
    assert 'type="checkbox" name="label"' in page
    text = re.search(r'name="text" value="(\d+)"', page)[1]
    client.post(address("label_text", dataset), {"text": text, "label": ["late", "broken"]})
    assert WaitingText.objects.get(pk=text).labels == ["late", "broken"]


@pytest.fixture
def half(team, owner, monkeypatch):
    """Texts of which some have a label already, ready."""
    monkeypatch.setattr(reading, "read_guarded", reading.read)
    project = Project.objects.create(team=team, name="Mails", use_case="sentiment", created_by=owner)
    texts = [(text, label) for texts, label in ((GOOD, "praise"), (BAD, "complaint")) for text in texts]
    rows = [{"text": f"{text}, order {n}", "label": label} for n in range(22) for text, label in texts]
    rows += [{"text": f"order {n} once more, please", "label": ""} for n in range(12)]
    lines = [json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows]
    upload = uploading.store(project, owner, "mails.jsonl", lines)
    found = datasets.create_dataset(project, upload, owner, accepted=True)
    importing.read(found)
    assert found.counts["unlabelled"] == 12, found.error
    return found


@pytest.mark.django_db
def test_it_asks_nobody_to_write_labels_that_the_data_has(half, editor, as_):
    client = as_(editor)
    page = client.get(address("labelling", half)).content.decode()
    assert "12 texts wait for a label. The labels are those of your data." in page
    assert "praise" in page and "complaint" in page and "First say which labels there are" not in page
    client.post(address("label_names", half), {"names": ""})
    page = client.get(address("labelling", half)).content.decode()
    assert "Which label" in page and page.count('name="label" value="praise"') == 1


@pytest.mark.django_db
def test_it_counts_the_texts_that_the_data_had_labelled(half, editor, as_):
    client = as_(editor)
    client.post(address("label_names", half), {"names": ""})
    page = client.get(address("labelling", half)).content.decode()
    assert "0 of 12 labelled" in page and "This is enough for a first model." in page
    assert page.count(">110</meter>") == 2
