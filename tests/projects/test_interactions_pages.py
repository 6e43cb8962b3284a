"""The check of a log of who took what when, and the table of items beside it, through HTTP."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
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
        "3 people, 3 different items, 5 purchases in all, from April 3, 2024 to April 18, 2024.", "Time: Day first",
        "Some dates can only be read in this way.", "Returns and cancellations", "Guests", "Not a product", "Red kettle",
        "There is too little to learn from", "Choose the table of items",
    ):  # fmt: skip
        assert words in text, words
    assert text.count('class="button primary"') == 1
    assert "<rect" in text


@pytest.mark.parametrize(
    ("header", "row", "counted", "often"),
    [
        ("user,movie id,rating,timestamp", "u{n},m{m},{r},{t}", "60 ratings in all", "Rated most often"),
        ("user,item,event,time", "u{n},i{m},purchase,{t}", "60 purchases in all", "Bought most often"),
        ("user,video id,event,time", "u{n},i{m},video watched,{t}", "watched 60 times in all", "Watched most often"),
        ("用户,文章,行为,时间", "u{n},i{m},阅读,{t}", "read 60 times in all", "Read most often"),
        ("guest,hotel,status,date", "u{n},i{m},booking confirmed,{t}", "60 bookings in all", "Booked most often"),
        ("user,item,time", "u{n},i{m},{t}", "60 entries in all", "Most often in the log"),
        ("user,item,event,time", "u{n},i{m},{k},{t}", "60 entries in all", "Most often in the log"),
    ],
)
def test_it_calls_what_people_did_by_the_words_of_the_log(shop, owner, as_, header, row, counted, often):
    lines = [
        row.format(n=n % 9, m=n % 7, r=n % 5 + 1, k=("view", "purchase")[n % 2], t=1_700_000_000 + 86_400 * n)
        for n in range(60)
    ]
    dataset = bring(shop, owner, "\n".join([header, *lines]))
    for flag in ("not_liked", "duplicate"):
        as_(owner).post(f"/datasets/{dataset.pk}/choice/", {"flag": flag, "choice": "keep"})
    text = page(as_(owner), dataset)
    assert counted in text
    assert often in text
    assert not re.search(r"\b(taken|took)\b", re.sub(r"<[^>]*>", " ", text))


def test_it_names_the_line_that_a_row_of_a_log_repeats(shop, owner, as_):
    rows = [f"u{n % 9},i{n % 7},{1_700_000_000 + 86_400 * n}" for n in range(60)]
    dataset = bring(shop, owner, "\n".join(["user,item,time", *rows, rows[4]]))
    client = as_(owner)
    assert "Line 62 says the same as line 6." in page(client, dataset)
    assert "Says the same as line 6." in page(client, dataset, "rows/duplicate/")
    assert page(client, dataset, "all/?page=3").count("Says the same as line 6.") == 1


def test_its_picture_ends_on_the_day_on_which_the_log_ends(shop, owner, as_):
    """The last of its weeks was named by its first day, four days before the end that the sentence above it names."""
    log = ["who,what,when", *(f"p{n % 30},item{n % 7},{date(2025, 1, 1) + timedelta(days=n)}" for n in range(390))]
    text = " ".join(page(as_(owner), bring(shop, owner, "\n".join(log))).split())
    assert "from January 1, 2025 to January 25, 2026" in text
    assert "From January 1, 2025 to January 25, 2026, at most" in text


def test_it_counts_again_with_each_choice_and_takes_it_back(checked, editor, as_):
    client = as_(editor)
    url = f"/datasets/{checked.pk}"
    text = client.post(f"{url}/choice/", {"flag": "not_product", "choice": "keep"}, headers=HTMX).content.decode()
    assert text.strip().startswith('<div class="stack stack-l" id="report"')
    assert "4 different items, 6 purchases" in text
    text = client.post(f"{url}/undo/", headers=HTMX).content.decode()
    assert "3 different items, 5 purchases" in text


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


def test_it_names_what_a_word_in_the_table_means(checked, editor, as_):
    """Level: beginner says something on a card, beginner alone does not; what all have in common is left out."""
    table = (
        "sku,title,about,Price (EUR),Level,Shop\n"
        "A100,Kettle,Boils two litres of water in a minute.,20,beginner,main\n"
        "A900,Teapot,Holds six cups and keeps them warm.,30,advanced,main\n"
    )
    as_(editor).post(f"/datasets/{checked.pk}/items/", {"file": SimpleUploadedFile("items.csv", table.encode())})
    checked.refresh_from_db()
    importing.read(checked)
    text = page(as_(editor), checked)
    assert "Boils two litres of water in a minute. Level: beginner<" in text
    assert checked.items_mapping["price"] == "Price (EUR)"
    assert "Not needed." in text
    assert "No column fits" not in text


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


THIN = {
    "too_little": (
        "who,what,when\n" + "\n".join(f"p{n % 3},i{n % 4},2024-0{1 + n % 9}-01" for n in range(20)),
        "/data/",
    ),
    "few_people": (
        "who,what,when\n" + "\n".join(f"p{n % 9},i{n % 7},2024-0{1 + n % 9}-01" for n in range(90)),
        "/data/",
    ),
    "no_time": ("who,what\n" + "\n".join(f"p{n % 60},i{n % 17}" for n in range(300)), "#columns"),
    "once": (
        "who,what,when\n" + "\n".join(f"p{n % 60},i{n if n % 3 else n % 9},2024-0{1 + n % 9}-01" for n in range(300)),
        "#items",
    ),
}


def remarks(text):
    """Kind, and what stands in it, of all that the page remarks."""
    return re.findall(r'<div class="notice (warn|bad)">(.*?)</div>\s*</div>', text, re.S)


@pytest.mark.parametrize("kind", THIN)
def test_each_remark_about_thin_data_has_its_one_next_thing(kind, shop, owner, editor, viewer, as_):
    rows, leads_to = THIN[kind]
    dataset = bring(shop, owner, rows)
    text = page(as_(editor), dataset)
    assert remarks(text)
    for _kind, one in remarks(text):
        assert 'class="button small"' in one, one
    assert any(leads_to in one for _kind, one in remarks(text)), remarks(text)
    for anchor in re.findall(r'class="button small" href="#([\w-]+)"', text):
        assert f'id="{anchor}"' in text
    assert not any("<form" in one for _kind, one in remarks(page(as_(viewer), dataset)))


def test_it_calls_a_choice_the_same_wherever_it_says_it(shop, owner, editor, as_):
    dataset = bring(shop, owner, EVENTS + "\n" + EVENTS.splitlines()[4])
    assert "Merge" in page(as_(editor), dataset)
    behind = page(as_(editor), dataset, "rows/duplicate/")
    assert "Merge" in behind and "Leave out" not in behind
