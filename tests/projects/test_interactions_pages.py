"""The check of a log of who took what when, and the table of items beside it, through HTTP."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from projects import importing
from projects.models import Dataset, Upload
from tests.projects.test_interactions import INVOICES, beside, bring, done, lines
from tests.projects.test_interactions import in_process as in_process
from tests.projects.test_interactions import shop as shop

pytestmark = pytest.mark.django_db
State = Dataset.State
HTMX = {"HX-Request": "true"}
TABLE = "sku,title,about\nA100,Kettle <script>alert(1)</script>,Boils.\nA900,Teapot,Holds six cups.\n"
EVENTS = "user,item,event,time\n" + "\n".join(
    f"u{n % 9},i{n % 7},{('view', 'view', 'cart', 'purchase', 'refund')[n % 5]},{1_700_000_000 + 3600 * n}"
    for n in range(60)
)


@pytest.fixture
def checked(shop, owner):
    return bring(shop, owner, INVOICES)


def page(client, dataset, part=""):
    answer = client.get(f"/datasets/{dataset.pk}/{part}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_says_what_was_understood_of_a_log(checked, editor, as_):
    text = page(as_(editor), checked)
    for words in (
        "3 people took 3 different items, 5 times in all, from April 3, 2024 to April 18, 2024.", "Time: Day first",
        "Some dates can only be read in this way.", "Returns and cancellations", "Guests", "Not a product", "Red kettle",
        "There is too little to learn from", "Choose the table of items",
    ):  # fmt: skip
        assert words in text, words
    assert text.count('class="button primary"') == 1
    assert "<rect" in text


def test_it_counts_again_with_each_choice_and_takes_it_back(checked, editor, as_):
    client = as_(editor)
    url = f"/datasets/{checked.pk}"
    text = client.post(f"{url}/choice/", {"flag": "not_product", "choice": "keep"}, headers=HTMX).content.decode()
    assert text.strip().startswith('<div class="stack stack-l" id="report"')
    assert "4 different items, 6 times" in text
    text = client.post(f"{url}/undo/", headers=HTMX).content.decode()
    assert "3 different items, 5 times" in text


def test_it_looks_again_when_the_dates_are_read_in_another_way(checked, editor, as_):
    client = as_(editor)
    answer = client.post(f"/datasets/{checked.pk}/choice/", {"flag": "dates", "choice": "mdy"})
    assert answer.url == f"/datasets/{checked.pk}/"
    checked.refresh_from_db()
    assert checked.state == State.UPLOADED
    importing.read(checked)
    assert checked.report["flags"]["no_time"] == 8
    answer = client.post(f"/datasets/{checked.pk}/undo/", headers=HTMX)
    assert answer["HX-Redirect"] == f"/datasets/{checked.pk}/"
    checked.refresh_from_db()
    importing.read(checked)
    assert checked.report["flags"]["no_time"] == 1


def test_it_weighs_kinds_of_events(shop, owner, as_):
    dataset = bring(shop, owner, EVENTS)
    kinds = dataset.report["understood"]["kinds"]
    assert {kind: about["weight"] for kind, about in kinds.items()} == {
        "view": 0.3, "cart": 0.7, "purchase": 1.0, "refund": 0.0,
    }  # fmt: skip
    client = as_(owner)
    assert "“view”: Looked at" in page(client, dataset)
    client.post(f"/datasets/{dataset.pk}/choice/", {"flag": "kind:view", "choice": "0"})
    dataset.refresh_from_db()
    importing.read(dataset)
    assert dataset.report["flags"]["kind_out"] == 24
    done(dataset)
    assert {line["weight"] for line in lines(dataset)} <= {0.7, 1.0}
    assert json.loads((dataset.folder / "dataset.json").read_text())["weights"]["view"] == 0


def test_it_moves_the_mark_from_which_a_rating_is_liked(shop, owner, as_):
    rows = "\n".join(f"u{n % 12};m{n % 8};{n % 5 + 1};{1_500_000_000 + n}" for n in range(100))
    dataset = bring(shop, owner, f"userId;movieId;rating;timestamp\n{rows}\n")
    assert dataset.report["flags"]["not_liked"] == 60
    client = as_(owner)
    assert "Ratings: 4 of 5 and more was liked" in page(client, dataset)
    client.post(f"/datasets/{dataset.pk}/choice/", {"flag": "liked", "choice": "3"})
    dataset.refresh_from_db()
    importing.read(dataset)
    assert dataset.report["flags"]["not_liked"] == 40
    for flag, choice in (("liked", "9"), ("kind:x", "1"), ("dates", "dmy")):
        assert client.post(f"/datasets/{dataset.pk}/choice/", {"flag": flag, "choice": choice}).status_code == 422


def test_it_opens_the_rows_behind_a_count_of_a_log(checked, editor, as_):
    text = page(as_(editor), checked, "rows/returned/")
    assert "Hand grinder" in text
    assert "Given back later" in text


def test_it_takes_the_table_of_items_as_a_plain_form(checked, editor, as_):
    client = as_(editor)
    file = SimpleUploadedFile("items.csv", TABLE.encode())
    assert client.post(f"/datasets/{checked.pk}/items/", {"file": file}).url == f"/datasets/{checked.pk}/"
    checked.refresh_from_db()
    importing.read(checked)
    text = page(client, checked)
    assert "<script>alert" not in text
    assert "Teapot" in text
    assert "of 3 items in the log are in it" in text
    client.post(f"/datasets/{checked.pk}/items/mapping/", {"item": "sku", "title": "about"})
    checked.refresh_from_db()
    assert checked.items_mapping["title"] == "about"
    assert client.post(f"/datasets/{checked.pk}/items/mapping/", {"title": "about"}).status_code == 422
    path = checked.items.path
    client.post(f"/datasets/{checked.pk}/items/remove/")
    checked.refresh_from_db()
    assert (checked.items, checked.items_mapping) == (None, {})
    assert "Choose the table of items" in page(client, checked)
    assert path


def test_it_takes_the_table_of_items_in_pieces(checked, editor, as_):
    client = as_(editor)
    body = json.dumps({"name": "items.csv", "size": len(TABLE.encode())})
    begun = client.post(f"/datasets/{checked.pk}/items/uploads/", body, content_type="application/json").json()
    half = len(TABLE) // 2
    for start, piece in ((0, TABLE[:half]), (half, TABLE[half:])):
        put = {"content_type": "application/octet-stream", "headers": {"Upload-Offset": str(start)}}
        answer = client.put(begun["put_url"], piece, **put).json()
    assert answer["next"] == f"/datasets/{checked.pk}/"
    assert client.get(begun["put_url"]).json()["next"] == f"/datasets/{checked.pk}/"
    assert Dataset.objects.count() == 1
    checked.refresh_from_db()
    importing.read(checked)
    assert checked.items_mapping["item"] == "sku"


def test_it_says_what_is_wrong_with_a_table(checked, editor, as_):
    client = as_(editor)
    client.post(f"/datasets/{checked.pk}/items/", {"file": SimpleUploadedFile("items.pdf", b"%PDF-1.4")})
    checked.refresh_from_db()
    importing.read(checked)
    assert "This is a PDF document, not a table." in page(client, checked)


def test_it_adds_a_table_to_ready_data_as_new_data(shop, owner, as_):
    dataset = done(bring(shop, owner, EVENTS))
    client = as_(owner)
    assert "Choose the table of items" in page(client, dataset)
    table = SimpleUploadedFile("items.csv", b"item,title\n" + b"\n".join(b"i%d,Thing %d" % (n, n) for n in range(8)))
    client.post(f"/datasets/{dataset.pk}/items/", {"file": table})
    fresh = Dataset.objects.exclude(pk=dataset.pk).get()
    importing.read(fresh)
    assert fresh.items_mapping["item"] == "item"
    assert done(fresh).counts["items"] == 8
    dataset.refresh_from_db()
    assert (dataset.state, dataset.items) == (State.READY, None)


@pytest.mark.parametrize("slug", ["recommendation", "content_picks", "travel_ideas"])
def test_it_takes_the_sample_with_its_items(shop, owner, as_, slug):
    shop.use_case = slug
    shop.save()
    client = as_(owner)
    client.post(f"/projects/{shop.pk}/data/sample/")
    dataset = Dataset.objects.get()
    importing.read(dataset)
    assert dataset.state == State.CHECKING, dataset.error
    assert dataset.items_reading["fit"]["known"] == dataset.items_reading["fit"]["taken"]
    text = page(client, dataset)
    assert "There is too little" not in text
    assert client.post(f"/datasets/{dataset.pk}/use/").status_code == 302
    dataset.refresh_from_db()
    done(dataset)
    assert dataset.counts["people"] > 150
    assert dataset.counts["items"] >= 60
    text = page(client, dataset)
    assert "items can be recommended." in text
    items = lines(dataset, "items.jsonl")
    assert all(item["title"] != item["item"] and item["text"] and item["category"] for item in items)


def test_it_shows_a_viewer_no_buttons_and_a_stranger_nothing(checked, viewer, stranger, as_):
    main = page(as_(viewer), checked).split("<main")[1].split("</main>")[0]
    assert "<button" not in main
    client = as_(stranger)
    for part in ("items/", "items/uploads/", "items/mapping/", "items/remove/"):
        assert client.post(f"/datasets/{checked.pk}/{part}").status_code == 404
        assert as_(viewer).post(f"/datasets/{checked.pk}/{part}").status_code == 403


def test_it_refuses_a_table_for_other_families(project, owner, as_):
    dataset = Dataset.objects.create(project=project, name="faq.csv", state=State.CHECKING)
    assert as_(owner).post(f"/datasets/{dataset.pk}/items/").status_code == 404


def test_it_refuses_to_learn_from_too_little(checked, owner, as_):
    answer = as_(owner).post(f"/datasets/{checked.pk}/use/")
    assert answer.status_code == 422
    assert "There is too little to learn from" in answer.content.decode()


def test_it_forgets_everything_with_the_data(shop, owner, as_, django_capture_on_commit_callbacks):
    from projects.models import Upload

    dataset = beside(bring(shop, owner, INVOICES), owner, TABLE)
    paths = [dataset.upload.path, dataset.items.path]
    with django_capture_on_commit_callbacks(execute=True):
        as_(owner).post(f"/datasets/{dataset.pk}/delete/")
    assert not Upload.objects.exists()
    assert not any(path.exists() for path in paths)


def test_it_keeps_no_file_of_a_table_that_it_refuses(checked, editor, as_, settings):
    Dataset.objects.filter(pk=checked.pk).update(state=State.IMPORTING)
    before = Upload.objects.count()
    as_(editor).post(f"/datasets/{checked.pk}/items/", {"file": SimpleUploadedFile("items.csv", TABLE.encode())})
    assert Upload.objects.count() == before
    assert len(list((Path(settings.DATA_ROOT) / "uploads").iterdir())) == before
