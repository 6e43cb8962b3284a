"""Files with labels as they come: misspelt, lopsided, half empty, contradicting, in lists, and of many kinds."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from projects import checking, datasets, importing, reading, uploading
from projects.errors import UserError
from projects.labels import deciding, examining, names, offering, suggesting
from projects.labels.names import LIST, Decisions
from projects.models import Dataset
from tests.data import shared_data
from tests.projects.checked import checked

pytestmark = pytest.mark.django_db
State = Dataset.State


@pytest.fixture
def bring(team, owner, monkeypatch):
    """A file as a dataset that waits for the check."""
    from projects.models import Project

    monkeypatch.setattr(reading, "read_guarded", reading.read)

    def bring(path, use_case="sentiment"):
        project = Project.objects.create(team=team, name="Labels", use_case=use_case, created_by=owner)
        upload = uploading.store_file(project, owner, path.name, path)
        dataset = datasets.create_dataset(project, upload, owner)
        importing.read(dataset)
        assert dataset.state == State.CHECKING, dataset.error
        return dataset

    return bring


@pytest.fixture
def table(tmp_path):
    """A CSV file of texts and labels."""

    def table(pairs, header=("text", "label")):
        out = io.StringIO(newline="")
        csv.writer(out).writerows([header, *pairs])
        path = tmp_path / "rows.csv"
        path.write_text(out.getvalue(), encoding="utf-8")
        return path

    return table


def use(dataset, owner):
    checking.accept(dataset, owner)
    importing.finish(dataset)
    assert dataset.state == State.READY, dataset.error
    return {
        side: [json.loads(line) for line in (dataset.folder / f"{side}.jsonl").open(encoding="utf-8")]
        for side in ("train", "validation", "test", "unlabelled")
    }


def offered(dataset):
    feelings = dataset.project.case.slug == "sentiment"
    return suggesting.suggest(examining.cells(dataset.rows_file), Decisions.of(dataset.choices), feelings)


@pytest.mark.parametrize(
    ("name", "case", "columns"),
    [
        ("airline_tweets/airline_tweets.csv", "sentiment", ("text", "airline_sentiment")),
        ("financial_phrasebank/all-data.csv", "sentiment", ("content", "result")),
        ("waimai_10k/waimai_10k.csv", "sentiment", ("review", "label")),
        ("online_shopping_9_cats/online_shopping_9_cats.csv", "sentiment", ("review", "label")),
        ("sst2/dev.tsv", "sentiment", ("column 1", "column 2")),
        ("banking77/test.csv", "intent_routing", ("text", "category")),
        ("clinc150/val.csv", "intent_routing", ("text", "intent")),
        ("intent_insurance_zh/valid.csv", "intent_routing", ("question_zh", "domain")),
    ],
)
def test_it_finds_the_columns_and_writes_every_row_once(bring, owner, name, case, columns):
    dataset = bring(shared_data(name), case)
    assert (dataset.mapping["text"], dataset.mapping["label"]) == columns
    sides = use(dataset, owner)
    ids = [one["id"] for lines in sides.values() for one in lines]
    assert len(ids) == len(set(ids))
    told = json.loads((dataset.folder / "dataset.json").read_text(encoding="utf-8"))
    assert told["multi"] is False
    assert sum(told["labels"].values()) == dataset.counts["kept"]
    assert {one["labels"][0] for one in sides["train"]} == set(told["labels"])
    texts = [{one["text"] for one in sides[side]} for side in ("train", "validation", "test")]
    assert not texts[0] & texts[1] and not texts[0] & texts[2] and not texts[1] & texts[2]


def test_it_offers_to_make_three_labels_of_fifteen_spellings(bring):
    dataset = bring(shared_data("nasty_files/labels/messy_labels.csv"))
    assert dataset.report["flags"]["unlabelled"] == 19
    changes = {old: new for one in offered(dataset) for old, _many, new in one.changes}
    assert set(changes.values()) == {"negative", "neutral", "positive"}
    assert len(changes) == dataset.report["distinct"] == 15


def test_it_keeps_a_rare_label_in_the_training_and_the_test(bring, owner):
    dataset = bring(shared_data("nasty_files/labels/extreme_imbalance.csv"))
    assert [code for code, _facts in dataset.report["warnings"]] == ["one_label_rules"]
    sides = use(dataset, owner)
    for side in ("train", "test"):
        assert {one["labels"][0] for one in sides[side]} == {"negative", "neutral", "positive"}


def test_it_counts_what_has_no_text_and_keeps_what_has_no_label_for_later(bring, owner):
    dataset = bring(shared_data("nasty_files/labels/half_empty_text.csv"))
    assert (dataset.report["flags"]["empty"], dataset.report["flags"]["unlabelled"]) == (200, 50)
    sides = use(dataset, owner)
    assert (dataset.counts["kept"], dataset.counts["unlabelled"]) == (150, 50)
    assert len(sides["unlabelled"]) == 50
    assert set(sides["unlabelled"][0]) == {"id", "row", "text"}


def test_it_never_puts_a_contradicted_text_on_two_sides(bring, owner):
    dataset = bring(shared_data("nasty_files/labels/contradicting_duplicates.csv"))
    assert examining.contradictions(dataset.rows_file)["texts"] == 300
    checking.choose(dataset, owner, "contradicting", "keep")
    checking.choose(dataset, owner, "outvoted", "keep")
    sides = use(dataset, owner)
    texts = [{one["text"] for one in sides[side]} for side in ("train", "validation", "test")]
    assert not texts[0] & texts[1] and not texts[0] & texts[2] and not texts[1] & texts[2]


@pytest.mark.parametrize(
    ("name", "said"), [("label_is_an_id", "looks like an id"), ("one_class_only", "the same label")]
)
def test_it_refuses_labels_that_teach_nothing_and_says_what_to_do(bring, owner, name, said):
    dataset = bring(shared_data(f"nasty_files/labels/{name}.csv"))
    with pytest.raises(UserError, match=said) as refused:
        checking.accept(dataset, owner)
    assert refused.value.safe and refused.value.todo
    dataset.refresh_from_db()
    assert dataset.state == State.CHECKING


def test_it_warns_of_three_rows(bring, owner):
    dataset = bring(shared_data("nasty_files/labels/three_rows.csv"))
    assert dict(map(tuple, dataset.report["warnings"]))["few_kept"] == {"count": 3}


@pytest.mark.parametrize(
    "cells",
    [
        ["late; rude", "late", "rude", "late;cold", "cold"],
        ["late|rude", "late", "rude", "late|cold", "cold"],
        ["late, rude", "late", "rude", "cold, late", "cold"],
        ['["late", "rude"]', '["late"]', '["rude"]', '["cold", "late"]', '["cold"]'],
        ["['late', 'rude']", "['late']", "['rude']", "['cold', 'late']", "['cold']"],
    ],
)
def test_it_offers_to_take_cells_apart_and_writes_several_labels(bring, table, owner, cells):
    pairs = [(f"The soup of table {n} was a story of its own.", cells[n % len(cells)]) for n in range(60)]
    dataset = bring(table(pairs), "intent_routing")
    (one,) = offered(dataset)
    assert one.kind == "split"
    dataset.choices = Decisions(split=one.sign).within({})
    dataset.save()
    sides = use(dataset, owner)
    told = json.loads((dataset.folder / "dataset.json").read_text(encoding="utf-8"))
    assert told["multi"] is True
    assert set(told["labels"]) == {"late", "rude", "cold"}
    assert {tuple(sorted(one["labels"])) for one in sides["train"]} >= {("late", "rude"), ("late",)}


def test_it_does_not_take_one_label_with_a_comma_apart(bring, table):
    cells = ["Cards, payments", "Loans, mortgages", "Other"]
    pairs = [(f"I have question {n} about my money.", cells[n % 3]) for n in range(60)]
    assert offered(bring(table(pairs), "intent_routing")) == []


def test_it_reads_lists_in_cells():
    assert names.parts('["a b", "\\u597d"]', LIST) == ["a b", "好"]
    assert names.parts("['a', \"it's\"]", LIST) == ["a", "it's"]
    assert names.parts("[a, b]", LIST) == ["a", "b"]
    assert names.parts("[]", LIST) == []
    assert names.parts("[" * 400, LIST) == ["[" * 400]


def test_it_tells_c_from_c_sharp_but_not_from_a_full_stop():
    assert names.fold("C#") != names.fold("C") != names.fold("C++")
    assert names.fold("Billing.") == names.fold(" billing") == names.fold("ＢＩＬＬＩＮＧ")


def test_it_leaves_other_columns_alone_when_all_suggestions_are_accepted(bring, table, owner, as_):
    rows = [(f"The soup of table {n} came with a story.", n % 2, n % 3 == 0) for n in range(60)]
    dataset = bring(table(rows, header=("text", "label", "verified")))
    assert {one.kind for one in offering.suggestions(dataset, examining.cells(dataset.rows_file))} == {
        "columns",
        "numbers",
    }
    page = as_(owner).get(f"/datasets/{dataset.pk}/").content.decode()
    assert "Accept all" not in page
    deciding.decide(dataset, owner, "accept", deciding.Wish(suggestion="all"))
    assert examining.balance(dataset.rows_file, dataset.choices) == {"negative": 30, "positive": 30}


def test_it_names_a_group_after_the_spelling_without_a_full_stop(bring, table):
    pairs = [(f"第{n}次来这家店，味道很好。", ("好评。", "好评", "差评")[n % 3]) for n in range(60)]
    (one,) = offered(bring(table(pairs)))
    assert {new for _old, _many, new in one.changes} == {"好评"}


def test_it_does_not_ask_about_each_id_as_if_it_were_a_rare_label(bring, owner, as_):
    dataset = bring(shared_data("nasty_files/labels/label_is_an_id.csv"))
    page = as_(owner).get(f"/datasets/{dataset.pk}/").content.decode()
    assert "looks like an id" in page
    assert "Rare labels" not in page


def test_it_calls_rows_that_wait_for_a_label_kept_apart(bring, owner, as_, table):
    dataset = bring(table([*((f"The kettle number {n} leaks", "bad") for n in range(30)), ("It sings nicely", "")]))
    text = as_(owner).get(f"/datasets/{dataset.pk}/rows/unlabelled/").content.decode()
    assert "1 row. Choice now:" in text and '<span class="badge">Keep apart</span>' in text
    assert "Leave out" not in text


def test_it_names_every_language_that_it_counted(bring, owner, as_, table):
    texts = [("The parcel is late and I want it now", "送货太慢了，等了一个星期")[n % 2] + f" {n}" for n in range(40)]
    dataset = bring(table([(text, "bad") for text in texts]))
    page = as_(owner).get(f"/datasets/{dataset.pk}/").content.decode()
    facts = dict(re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page, re.S))
    assert "The texts are in several languages: English, Simplified Chinese." in page
    assert (facts["Languages"], "Language" in facts) == ("English, Simplified Chinese", False)
    # The menu of the site's own languages is not the list of those.
    menu = re.findall(r'<button name="language"[^>]*>(.*?)</button>', page)
    assert menu == ["English", "简体中文"]


TOOLS = {
    "an object": lambda name: {"choices": [name]},
    "a list": lambda name: [name],
    "regions": lambda name: [{"choices": [name]}],
    "spans": lambda name: [{"start": 0, "end": 5, "text": "Order", "labels": [name]}],
    "named objects": lambda name: [{"id": 7, "name": name, "color": "ff0000"}],
    "a way through a tree": lambda name: [{"taxonomy": [["Shop", name]]}],
    "stars": lambda name: [{"rating": len(name)}],
}


@pytest.mark.parametrize("write", TOOLS.values(), ids=TOOLS)
def test_what_a_labelling_tool_wraps_around_labels_is_taken_off(write, tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "read_guarded", reading.read)
    names = ("late", "broken", "payment")
    file = tmp_path / "export.csv"
    with file.open("w", newline="") as out:
        table = csv.writer(out)
        table.writerow(["id", "topic", "text"])
        table.writerows((n, json.dumps(write(names[n % 3])), f"Order {n} is not what I wanted") for n in range(60))
    found = checked("intent_routing", file)
    assert any(one["id"].startswith("split-") for one in found["offers"])
    labels = checked("intent_routing", file, "--accept", "split")["labels"]
    wanted = {"stars": {"4", "6", "7"}, "a way through a tree": {f"Shop / {name}" for name in names}}
    key = next(one for one, way in TOOLS.items() if way is write)
    assert set(labels) == wanted.get(key, set(names))
