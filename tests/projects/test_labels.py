"""Labels on the check page, through HTTP: what is offered, what a step does, and that every step can be undone."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from projects import checking, importing
from projects.labels import deciding, examining, offering
from projects.models import AuditEvent
from tests.data import shared_data
from tests.projects.checked import checked
from tests.projects.labels_of import HTMX, check, every, feelings, finished, lines, table, texts, unguarded  # noqa: F401

pytestmark = pytest.mark.django_db


def post(client, dataset, action, expect=200, **said):
    answer = client.post(f"/datasets/{dataset.pk}/labels/", {"action": action, **said}, headers=HTMX)
    assert answer.status_code == expect, answer.content.decode()[:400]
    dataset.refresh_from_db()
    return answer.content.decode()


def undo(client, dataset):
    assert client.post(f"/datasets/{dataset.pk}/undo/", headers=HTMX).status_code == 200
    dataset.refresh_from_db()


def offered(dataset):
    return offering.suggestions(dataset, examining.cells(dataset.rows_file))


def balance(dataset):
    return dict(examining.balance(dataset.rows_file, dataset.choices))


@pytest.fixture
def messy(check):  # noqa: F811
    return check(shared_data("nasty_files/labels/messy_labels.csv").read_bytes())


def test_it_offers_spellings_for_merging_with_one_click_and_undo(messy, editor, as_):
    client = as_(editor)
    page = client.get(f"/datasets/{messy.pk}/").content.decode()
    assert "These look like the same label" in page
    assert "negatvie" in page
    assert "Accept all 3 suggestions" in page
    part = post(client, messy, "accept", suggestion="all")
    assert part.lstrip().startswith('<section class="section" id="report"')
    assert "What was merged or renamed" in part
    assert set(balance(messy)) == {"negative", "neutral", "positive"}
    assert offered(messy) == []
    assert messy.report["distinct"] == 3
    assert AuditEvent.objects.filter(action="dataset.labels").exists()
    undo(client, messy)
    assert len(offered(messy)) == 3
    assert messy.report["distinct"] == 15


def test_it_merges_one_suggestion_and_leaves_another(messy, editor, as_):
    client = as_(editor)
    first, second, third = offered(messy)
    post(client, messy, "accept", suggestion=first.id)
    post(client, messy, "decline", suggestion=second.id)
    assert [one.id for one in offered(messy)] == [third.id]
    assert "Neutral" in balance(messy)
    post(client, messy, "accept", suggestion="merge-nothing", expect=422)


def test_it_works_without_scripts(messy, editor, as_):
    client = as_(editor)
    answer = client.post(f"/datasets/{messy.pk}/labels/", {"action": "accept", "suggestion": "all"})
    assert answer.status_code == 302
    assert "merged or renamed" in client.get(f"/datasets/{messy.pk}/").content.decode()


def test_it_writes_what_was_merged_and_keeps_texts_without_a_label(messy, editor, as_):
    post(as_(editor), messy, "accept", suggestion="all")
    finished(messy)
    found = every(messy)
    assert {label for one in found for label in one["labels"]} == {"negative", "neutral", "positive"}
    assert all(len(one["labels"]) == 1 and len(one["id"]) == 16 for one in found)
    apart = lines(messy, "unlabelled")
    assert len(apart) == messy.counts["unlabelled"] == 19
    assert set(apart[0]) == {"id", "row", "text"}
    told = json.loads((messy.folder / "dataset.json").read_text())
    assert told["labels"] == dict(Counter(one["labels"][0] for one in found))
    assert told["multi"] is False
    counts = messy.counts
    assert counts["kept"] + counts["dropped"] + counts["unlabelled"] == 900
    assert len({one["id"] for one in [*found, *apart]}) == len(found) + len(apart)


def test_it_renames_leaves_out_and_brings_back(check, editor, as_):  # noqa: F811
    client = as_(editor)
    data = check([*texts("good", 40), *texts("bad", 40, 40), *texts("odd", 20, 80)])
    post(client, data, "rename", label="good", to="  fine  ")
    assert balance(data) == {"fine": 40, "bad": 40, "odd": 20}
    part = post(client, data, "leave_out", label="odd")
    assert "Bring back" in part
    assert balance(data) == {"fine": 40, "bad": 40}
    assert data.report["flags"]["label_left_out"] == 20
    post(client, data, "bring_back", label="odd")
    assert balance(data)["odd"] == 20
    post(client, data, "rename", label="odd", to="bad")
    assert balance(data) == {"fine": 40, "bad": 60}
    post(client, data, "rename", label="bad", to=" ", expect=422)
    post(client, data, "rename", label="nobody", to="x", expect=422)
    undo(client, data)
    assert balance(data)["odd"] == 20


def test_it_shows_rare_labels_until_somebody_decides(check, editor, as_):  # noqa: F811
    client = as_(editor)
    data = check([*texts("calm", 60), *texts("angry", 60, 60), *texts("sad", 3, 120), *texts("glad", 2, 130)])
    assert "Rare labels" in client.get(f"/datasets/{data.pk}/").content.decode()
    post(client, data, "keep", label="sad")
    part = post(client, data, "rename", label="glad", to="calm")
    assert "Rare labels" not in part
    assert balance(data) == {"calm": 62, "angry": 60, "sad": 3}


@pytest.mark.parametrize("spelled", [list("12345"), ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"], ["★", "★★", "★★★", "★★★★", "★★★★★"]])  # fmt: skip
def test_it_offers_classes_for_stars(check, editor, as_, spelled):  # noqa: F811
    data = check([row for n, stars in enumerate(spelled) for row in texts(stars, 10, 10 * n)])
    (one,) = offered(data)
    assert one.kind == "stars"
    post(as_(editor), data, "accept", suggestion=one.id)
    assert balance(data) == {"negative": 20, "neutral": 10, "positive": 20}


def test_it_offers_names_for_0_and_1_of_feelings(check, editor, as_):  # noqa: F811
    data = check([*texts("0", 20), *texts("1", 30, 20)])
    (one,) = offered(data)
    assert one.kind == "numbers"
    post(as_(editor), data, "accept", suggestion=one.id)
    assert balance(data) == {"negative": 20, "positive": 30}


def test_it_merges_ten_ways_to_say_yes(check, editor, as_):  # noqa: F811
    spelled = ["Yes", "yes ", "YES", "TRUE", "true", "1", "y", "Y", "Yes.", "t"]
    rows = [row for n, yes in enumerate(spelled) for row in texts(yes, 4, 4 * n)]
    data = check([*rows, *texts("No", 20, 50), *texts("0", 5, 80), *texts("FALSE", 5, 90)])
    post(as_(editor), data, "accept", suggestion="all")
    assert sorted(balance(data).values()) == [30, 40]


def test_it_takes_several_labels_apart(check, editor, as_):  # noqa: F811
    rows = [*texts("speed", 20), *texts("price; speed", 10, 20), *texts("taste;price", 10, 30), *texts("taste", 20, 40)]
    data = check(rows)
    (one,) = offered(data)
    assert (one.kind, one.sign) == ("split", ";")
    post(as_(editor), data, "accept", suggestion=one.id)
    assert balance(data) == {"speed": 30, "price": 20, "taste": 30}
    finished(data)
    assert any(one["labels"] == ["price", "speed"] for one in every(data))
    assert json.loads((data.folder / "dataset.json").read_text())["multi"] is True


def test_it_settles_contradictions(check, editor, as_):  # noqa: F811
    client = as_(editor)
    rows = [*texts("calm", 60), *texts("angry", 60, 60), ("Well, what do you think?", "calm")]
    rows += [
        ("Well, what do you think?", "angry"),
        ("well what do you think", "angry"),
        ("It is", "calm"),
        ("It is", "angry"),
    ]
    data = check(rows)
    assert "Same text, different labels" in client.get(f"/datasets/{data.pk}/").content.decode()
    assert data.report["flags"]["contradicting"] == 5
    kept = sum(balance(data).values())
    post(client, data, "contradictions", choice="majority")
    assert kept - sum(balance(data).values()) == 3
    post(client, data, "contradictions", choice="drop")
    assert sum(balance(data).values()) == 120
    undo(client, data)
    assert deciding.contradiction_choice(data.choices) == "majority"
    finished(data)
    assert [one["labels"] for one in every(data) if "what do you think" in one["text"]] == [["angry"]]
    assert not [one for one in every(data) if one["text"] == "It is"]


def test_it_counts_the_rows_of_a_file_once_until_it_changes(check, editor, as_):  # noqa: F811
    dataset = check(table([("Good", "pos"), ("Very good", "pos"), ("Bad", "neg"), ("Good", "pos")] * 10))
    for once in (examining._cells, examining._kept):
        once.cache_clear()
    client = as_(editor)
    for _visit in range(3):
        assert client.get(f"/datasets/{dataset.pk}/").status_code == 200
    assert [examining._cells.cache_info().misses, examining._kept.cache_info().misses] == [1, 1]
    before = balance(dataset)
    said = {"flag": "duplicate", "choice": "keep"}
    assert client.post(f"/datasets/{dataset.pk}/choice/", said, headers=HTMX).status_code == 200
    dataset.refresh_from_db()
    assert balance(dataset) != before
    post(client, dataset, "rename", label="neg", to="negative")
    assert set(balance(dataset)) == {"pos", "negative"}


def test_it_lets_only_editors_decide(messy, viewer, stranger, as_):
    post(as_(viewer), messy, "accept", suggestion="all", expect=403)
    post(as_(stranger), messy, "accept", suggestion="all", expect=404)
    page = as_(viewer).get(f"/datasets/{messy.pk}/").content.decode()
    assert "These look like the same label" in page
    assert "Accept" not in page


def test_it_shows_the_balance_of_data_that_is_ready(check, editor, as_):  # noqa: F811
    data = finished(check([*texts("calm", 60), *texts("angry", 40, 60)]))
    page = as_(editor).get(f"/datasets/{data.pk}/").content.decode()
    assert "2 labels" in page
    assert page.index(">calm<") < page.index(">angry<")
    assert "The same text is never in the training and in the final test" in page


def several_columns(header, rows, label):
    return table([(text, *label(n)) for n, (text, _label) in enumerate(texts("", rows))], header=("text", *header))


def test_it_takes_yes_and_no_columns_as_labels(check, editor, as_):  # noqa: F811
    client = as_(editor)
    data = check(several_columns(("rude", "late", "cold"), 60, lambda n: (n % 2, int(n % 3 == 0), int(n % 5 == 0))))
    (one,) = offered(data)
    assert (one.kind, [name for name, _many, _new in one.changes]) == ("columns", ["rude", "late", "cold"])
    assert "Several columns look like labels" in client.get(f"/datasets/{data.pk}/").content.decode()
    post(client, data, "accept", suggestion=one.id)
    assert data.state == "uploaded"
    importing.read(data)
    assert balance(data) == {"rude": 30, "late": 20, "cold": 12, "none of these": 16}
    page = client.get(f"/datasets/{data.pk}/").content.decode()
    assert "Labels come from these columns" in page
    finished(data)
    assert sorted(next(one for one in every(data) if " number 15 " in one["text"])["labels"]) == [
        "cold",
        "late",
        "rude",
    ]


def test_it_takes_numbered_columns_as_labels_and_back(check, editor, as_):  # noqa: F811
    client = as_(editor)
    data = check(
        several_columns(("label 1", "label 2"), 60, lambda n: ("abc"[n % 3], "abc"[n % 3 - 1] if n % 2 else ""))
    )
    (one,) = offered(data)
    post(client, data, "accept", suggestion=one.id)
    importing.read(data)
    assert sum(balance(data).values()) == 90
    assert client.post(f"/datasets/{data.pk}/undo/", headers=HTMX)["HX-Redirect"]
    data.refresh_from_db()
    importing.read(data)
    assert sum(balance(data).values()) == 60


def test_it_forgets_decisions_about_another_column(check, owner):  # noqa: F811
    # A column of one value is no label, so it has two.
    rows = [(text, "bad" if n % 3 else "good", "x" if n % 2 else "y") for n, (text, _label) in enumerate(texts("", 40))]
    data = check(table(rows, header=("text", "label", "topic")))
    deciding.decide(data, owner, "rename", deciding.Wish("good", "fine"))
    checking.map_columns(data, owner, {"text": "text", "label": "topic"})
    importing.read(data)
    assert (data.choices, balance(data)) == ({}, {"x": 20, "y": 20})


def test_nothing_is_counted_before_it_is_known_which_column_is_the_label(check, editor, as_, tmp_path):  # noqa: F811
    said = "Message,Received week,Handled by shift\n" + "".join(
        f"Where is my parcel number {n} today?,W{n % 12},{('early', 'late')[n % 2]}\n" for n in range(90)
    )
    dataset = check(said.encode())
    page = as_(editor).get(f"/datasets/{dataset.pk}/").content.decode()
    assert "No label column is chosen" in page
    assert re.search(r'90</span>\s*<span\s+class="stat-label">texts without a label', page)
    assert "Only 0" not in page
    assert "rows kept" not in page
    file = tmp_path / "said.csv"
    file.write_text(said)
    found = checked("intent_routing", file)
    assert found["refused"]
    assert not any("Only 0" in one for one in found["warnings"])
