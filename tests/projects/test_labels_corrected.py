"""Labels that people correct: kept beside the data, undone, and put into the next dataset."""

from __future__ import annotations

import json

import pytest

from projects import checking, importing, remaking
from projects.errors import UserError
from projects.labels import relabelling
from projects.labels.names import Decisions
from projects.models import AuditEvent, Dataset, Relabel
from tests.projects.labels_of import check, every, feelings, finished, lines, table, texts, unguarded  # noqa: F401

pytestmark = pytest.mark.django_db
State = Dataset.State


@pytest.fixture
def ready(check):  # noqa: F811
    rows = [*texts("calm", 60), *texts("angry", 60, 60), ("Nobody said how this one sounds", "")]
    return finished(check(rows))


def made(dataset):
    importing.read(dataset)
    assert dataset.state == State.READY, dataset.error
    return dataset


def test_it_keeps_a_corrected_label_beside_the_data_and_undoes_it(ready, editor):
    one = lines(ready, "test")[0]
    relabelling.relabel(ready, one["id"], [" angry  indeed "], editor)
    for _press in range(2):
        relabelling.relabel(ready, one["id"], ["joyful"], editor)
    assert relabelling.relabelled(ready) == {one["id"]: ["joyful"]}
    assert Relabel.objects.get().user == editor
    assert lines(ready, "test")[0] == one
    assert relabelling.undo_relabel(ready, one["id"], editor)
    assert not relabelling.undo_relabel(ready, one["id"], editor)
    assert relabelling.relabelled(ready) == {}
    assert AuditEvent.objects.filter(action__startswith="dataset.relabel").count() == 3


@pytest.mark.parametrize(
    ("example", "wanted"), [("", ["calm"]), ("0" * 16, ["calm"]), (None, []), (None, ["calm", "angry"])]
)
def test_it_refuses_what_makes_no_sense(ready, editor, example, wanted):
    with pytest.raises(UserError):
        relabelling.relabel(ready, lines(ready, "train")[0]["id"] if example is None else example, wanted, editor)
    assert not Relabel.objects.exists()


def test_it_makes_a_dataset_with_the_corrected_labels(ready, editor):
    one, other = lines(ready, "train")[:2]
    apart = lines(ready, "unlabelled")[0]
    wanted = {one["id"]: ["joyful"], apart["id"]: ["calm"]}
    fresh = made(
        remaking.corrected_labels(
            ready, wanted, editor, extra=[("Hello there", ["joyful"]), (other["text"].upper(), ["joyful"])]
        )
    )
    now = {row["text"]: row["labels"] for row in every(fresh)}
    assert now[one["text"]] == now["Hello there"] == now[other["text"].upper()] == ["joyful"]
    assert now[apart["text"]] == ["calm"]
    assert other["text"] not in now
    assert len(now) == 122
    assert fresh.counts["unlabelled"] == 0
    assert [event.action for event in AuditEvent.objects.filter(facts__dataset=fresh.pk)] == ["labels.corrected"]
    # What did not change has the same id and lies on the same side.
    before = {row["id"] for row in lines(ready, "test")}
    assert before - {row["id"] for row in every(fresh)} <= {one["id"], other["id"]}
    assert len(before & {row["id"] for row in lines(fresh, "test")}) >= len(before) - 2


def test_it_leaves_texts_without_a_label_apart_again(ready, editor):
    one = lines(ready, "train")[0]
    fresh = made(remaking.corrected_labels(ready, {one["id"]: ["angry"]}, editor))
    assert [row["text"] for row in lines(fresh, "unlabelled")] == ["Nobody said how this one sounds"]


def test_it_keeps_several_labels_of_a_text(check, editor, owner):  # noqa: F811
    rows = [*texts("speed", 20), *texts("price;speed", 20, 20), *texts("a, b", 20, 40)]
    data = check(rows, choices=Decisions(split=";").within({}))
    finished(data)
    one = next(row for row in every(data) if row["labels"] == ["speed"])
    relabelling.relabel(data, one["id"], ["price", "taste"], editor)
    fresh = made(remaking.corrected_labels(data, relabelling.relabelled(data), editor))
    now = {row["text"]: row["labels"] for row in every(fresh)}
    assert now[one["text"]] == ["price", "taste"]
    assert ["a, b"] in now.values() and ["price", "speed"] in now.values()
    assert json.loads((fresh.folder / "dataset.json").read_text())["multi"] is True


def test_it_needs_something_to_put_in(ready, editor):
    with pytest.raises(UserError):
        remaking.corrected_labels(ready, {}, editor)


def test_it_takes_texts_without_any_label(check, editor, as_):  # noqa: F811
    data = check(table([(text,) for text, _label in texts("", 30)], header=("text",)))
    assert "No label column is chosen" in as_(editor).get(f"/datasets/{data.pk}/").content.decode()
    checking.accept(data, editor)
    finished(data)
    assert (data.counts["kept"], data.counts["unlabelled"]) == (0, 30)
    first = lines(data, "unlabelled")
    wanted = {row["id"]: ["calm" if place % 2 else "angry"] for place, row in enumerate(first[:20])}
    fresh = made(remaking.corrected_labels(data, wanted, editor))
    assert (fresh.counts["kept"], fresh.counts["unlabelled"]) == (20, 10)


def test_it_merges_the_test_file_as_well(check, owner):  # noqa: F811
    merged = Decisions(names={"Neg": "negative", "Pos": "positive"}).within({})
    held = check([*texts("Neg", 10), *texts("Pos", 10, 10)], name="test.csv", purpose="test")
    data = check([*texts("Neg", 40, 5), *texts("Pos", 40, 60)], tested_by=held, choices=merged)
    finished(data)
    assert {row["labels"][0] for row in every(data)} == {"negative", "positive"}
    assert len(lines(data, "test")) == 20
    tested = {row["text"] for row in lines(data, "test")}
    assert not tested & {row["text"] for row in lines(data, "train") + lines(data, "validation")}


def test_it_does_not_train_on_one_label(check, owner, editor):  # noqa: F811
    from training import runs

    data = check([*texts("calm", 30), *texts("", 30, 40)])
    checking.accept(data, owner)
    finished(data)
    assert data.counts["label_count"] == 1
    with pytest.raises(UserError, match="same label"):
        runs.check_ready(data)
    runs.check_ready(finished(check([*texts("calm", 30), *texts("angry", 30, 40)])))
