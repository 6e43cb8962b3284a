"""The team's own numbers and addresses: kept unless somebody says otherwise, value by value; customers' are masked."""

from __future__ import annotations

import json

import pytest

from projects import datasets, importing, remaking, uploading
from tests.projects.test_importing import faq, table, unguarded  # noqa: F401  (fixtures)

pytestmark = pytest.mark.django_db
OURS = [
    ("How do I reach you?", "Call us on +49 30 1234567."),
    ("Who keeps my data?", "Write to privacy@kettle-shop.io."),
    ("Do you have work for me?", "Send it to jobs@kettle-shop.io or privacy@kettle-shop.io."),
]
THEIRS = [
    ("My number is 0176/12345678, call me. And is +49 30 1234567 yours?", "We do. Ours it is."),
    ("Is ann@mail-of-ann.io written down?", "Yes, we write to ann@mail-of-ann.io."),
]


@pytest.fixture
def checked(project, owner, unguarded):  # noqa: F811
    rows = [(f"How much is kettle number {n}?", f"Kettle {n} costs {n * 3} euros.") for n in range(40)]
    text = table(*OURS, *THEIRS, *rows, header=("question", "answer"))
    dataset = datasets.create_dataset(project, uploading.store(project, owner, "faq.csv", [text]), owner)
    importing.read(dataset)
    return dataset


@pytest.fixture
def page(checked, owner, as_):
    client = as_(owner)

    def press(**data):
        if data:
            client.post(f"/datasets/{checked.pk}/choice/", data)
        return client.get(f"/datasets/{checked.pk}/")

    return press


def learned(dataset):
    dataset.refresh_from_db()
    assert importing.finish(dataset)
    return dict(datasets.examples(dataset.folder))


def shown(response):
    return {one.shown: one.choice for one, _kind in response.context["contacts"]}


def test_it_leaves_what_is_the_teams_in_its_answers_and_masks_what_customers_brought(checked, page):
    assert shown(page()) == {
        "ann@mail-of-ann.io": "mask",
        "privacy@kettle-shop.io": "keep",
        "+49 30 1234567": "keep",
        "jobs@kettle-shop.io": "keep",
    }
    assert checked.report["flags"]["personal"] == 2
    found = learned(checked)
    assert found[OURS[0][0]] == OURS[0][1]
    assert found[OURS[2][0]] == OURS[2][1]
    assert found["My number is [phone], call me. And is +49 30 1234567 yours?"] == "We do. Ours it is."
    assert found["Is [e-mail] written down?"] == "Yes, we write to [e-mail]."


def test_it_warns_where_somebody_would_read_a_mask(page):
    assert page().context["masked_answers"].startswith("1 answer would go out")
    body = page(value="privacy@kettle-shop.io", choice="mask").content.decode()
    assert "3 answers would go out with words such as [phone] in them." in body
    for value in ("ann@mail-of-ann.io", "privacy@kettle-shop.io"):
        page(value=value, choice="keep")
    assert page().context["masked_answers"] == ""


def test_it_is_chosen_value_by_value_and_taken_back(checked, page, owner, as_):
    page(value="jobs@kettle-shop.io", choice="mask")
    page(value="ann@mail-of-ann.io", choice="keep")
    page(value="4930 1234567", choice="mask")  # nobody wrote it so
    assert shown(page())["jobs@kettle-shop.io"] == "mask"
    page(value="privacy@kettle-shop.io", choice="mask")
    as_(owner).post(f"/datasets/{checked.pk}/undo/")
    assert shown(page())["privacy@kettle-shop.io"] == "keep"
    found = learned(checked)
    assert found[OURS[2][0]] == "Send it to [e-mail] or privacy@kettle-shop.io."
    assert found["Is ann@mail-of-ann.io written down?"] == "Yes, we write to ann@mail-of-ann.io."
    assert found[OURS[0][0]] == OURS[0][1]


def test_all_at_once_is_one_press(checked, page):
    page(value="*", choice="mask")
    assert set(shown(page()).values()) == {"mask"}
    found = learned(checked)
    assert found[OURS[0][0]] == "Call us on [phone]."


def test_a_value_that_is_masked_stays_so_where_personal_data_is_kept(checked, page):
    page(flag="personal", choice="keep")
    page(value="jobs@kettle-shop.io", choice="mask")
    found = learned(checked)
    assert THEIRS[0][0] in found
    assert found[OURS[2][0]] == "Send it to [e-mail] or privacy@kettle-shop.io."


def test_it_refuses_a_value_that_is_in_no_answer_and_a_choice_that_is_none(checked, owner, as_):
    for data in ({"value": "x@y.io", "choice": "mask"}, {"value": "jobs@kettle-shop.io", "choice": "drop"}):
        assert as_(owner).post(f"/datasets/{checked.pk}/choice/", data).status_code == 422


def test_a_viewer_chooses_nothing(checked, viewer, as_):
    data = {"value": "*", "choice": "mask"}
    assert as_(viewer).post(f"/datasets/{checked.pk}/choice/", data).status_code == 403
    assert "Mask all" not in as_(viewer).get(f"/datasets/{checked.pk}/").content.decode()


def test_it_sees_masks_that_were_in_the_file_already(project, owner, unguarded, as_):  # noqa: F811
    text = faq() + b'\n"shop","How do I reach you?","Call us on [phone]."\n'
    dataset = datasets.create_dataset(project, uploading.store(project, owner, "faq.csv", [text]), owner)
    importing.read(dataset)
    body = as_(owner).get(f"/datasets/{dataset.pk}/").content.decode()
    assert "hold a word such as [phone] in the place of something hidden: 1." in body


def test_what_a_person_corrected_is_not_masked_again(checked, page, project, owner):
    page(value="*", choice="mask")
    learned(checked)
    pairs = [("How do I reach you?", "Call +49 30 1234567."), ("my mail is bob@mail.io, is it?", "bob@mail.io it is.")]
    fresh = remaking.dataset_from_corrections(project, pairs, owner)
    importing.read(fresh)
    fresh.refresh_from_db()
    assert fresh.state == "ready", fresh.error
    lines = [json.loads(line)["messages"] for line in (fresh.folder / "train.jsonl").open(encoding="utf-8")]
    found = {question["content"]: answer["content"] for question, answer in lines}
    assert found["How do I reach you?"] == "Call +49 30 1234567."
    assert found["my mail is bob@mail.io, is it?"] == "bob@mail.io it is."
