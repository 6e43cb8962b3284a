"""Score a file: brought, chosen, labelled by a worker, stopped, killed and taken over, fetched, deleted."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import sqlite3
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from endpoints import publishing, scoring, scoring_work, serving, sweeping, tasks
from endpoints.models import LabelCount, Scoring
from endpoints.scoring_store import answers
from projects import uploading
from projects.errors import UserError
from projects.models import Dataset, Upload
from tests.endpoints.labels import *  # noqa: F403  (fixtures)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
ROWS = [
    ["1", "It came late and the driver was rude.", "Berlin"],
    ["2", "I love it", "=HYPERLINK(1)"],
    ["3", "A parcel.", "Rome"],
    ["4", "I love it", "+49 30"],
    ["5", "", "Paris"],
]


class Killed(BaseException):
    """As abrupt as a signal."""


def table(rows=ROWS, header=("id", "review", "city")):
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode()


@pytest.fixture
def told(monkeypatch):
    """Files handed to the worker, which is not running here."""
    found = []
    monkeypatch.setattr(tasks.score_file, "delay", found.append)
    return found


@pytest.fixture
def taken(classifier, owner, told):
    return scoring.take(classifier, owner, "reviews.csv", [table()])


def done(row, column="review", reasons=True):
    scoring.start(row, column, reasons)
    tasks.score_file(row.pk)
    row.refresh_from_db()
    assert row.state == "done", row.error
    with row.result.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def stopped_after_one(row, monkeypatch):
    """Begins, and a person stops it while the engine has the first request."""
    ask = scoring_work.Work.asked

    def stopping(self, texts):
        scoring.cancel(self.scoring)
        self.last = 0
        return ask(self, texts)

    scoring.start(row, "review", True)
    with monkeypatch.context() as patch:
        patch.setattr(scoring_work.Work, "asked", stopping)
        tasks.score_file(row.pk)
    row.refresh_from_db()
    assert row.state == "cancelled"


def test_it_guesses_the_column_with_the_texts(taken):
    assert (taken.column, taken.rows, taken.state, taken.reasons) == ("review", 5, "choosing", True)


def test_it_gives_the_file_back_with_four_columns_more(taken, peer):
    rows = done(taken)
    assert rows[0] == ["id", "review", "city", "Label", "Confidence", "For a person", "Reason"]
    assert rows[1][3:] == ["negative", "0.96", "", "Decided by the words late, rude"]
    assert rows[2][3:] == ["positive", "0.80", "", "Decided by the word love"]
    assert rows[3][3:] == ["", "", "Not sure: neutral (41 %), negative (35 %)", ""]
    assert rows[5][3:] == ["", "", "No text", ""]
    assert [row[2] for row in rows[1:5]] == ["Berlin", "'=HYPERLINK(1)", "Rome", "'+49 30"]
    assert sorted(peer.texts) == sorted({row[1] for row in ROWS if row[1]})  # the same text is scored once
    assert taken.counts == {"label:negative": 1, "label:positive": 2, "unsure": 1, "empty": 1}
    assert (taken.rows, taken.texts, taken.done) == (5, 3, 3)
    counts = {row.label: row.count for row in LabelCount.objects.all()}
    assert counts == {"": 4, "negative": 1, "positive": 2, "neutral": 1}


def test_every_row_of_the_file_is_counted_once(classifier, owner, as_, told):
    """Labelled, for a person, or without a text: what stands on the page, in its bars and in the file is one truth."""
    texts = ["It came late", "I love it", "A parcel.", "THE WEATHER", "", "It was late"]
    row = scoring.take(classifier, owner, "mails.csv", [table([[n, text, "x"] for n, text in enumerate(texts)])])
    rows = done(row)
    assert rows[4][3:] == ["", "", "Looks like none of the labels. Nearest: neutral (41 %), negative (35 %)", ""]
    assert row.counts == {"label:negative": 2, "label:positive": 1, "unsure": 1, "outside": 1, "empty": 1}
    assert sum(row.counts.values()) == row.rows == len(texts)
    page = " ".join(as_(owner).get(f"/scorings/{row.pk}/").content.decode().split())
    assert "rows labelled, of 6" in page and ">3</span>" in page
    assert "rows for a person, without a label" in page
    assert "For a person: looks like none of the labels" in page
    bars = re.findall(r'class="numeric">(\d+)<', page)
    assert sum(map(int, bars)) == row.rows


def test_it_shows_the_text_and_what_was_said_of_it_and_few_other_columns(classifier, owner, as_, told):
    header = ("id", "sent", "by", "city", "review", "channel", "note")
    row = scoring.take(classifier, owner, "wide.csv", [table([[1, 2, 3, 4, "It came late", 6, 7]] * 3, header)])
    assert len(done(row)[0]) == 11
    page = as_(owner).get(f"/scorings/{row.pk}/").content.decode()
    shown = re.findall(r'<th scope="col">([^<]+)</th>', page)
    assert shown == ["id", "sent", "review", "Label", "Confidence", "For a person", "Reason"]
    assert "all 11 columns" in page


@pytest.mark.parametrize("said", ["urgent", "neutral"])
def test_what_triage_calls_a_person_for_is_labelled_and_says_so(said):
    from endpoints.families.classify import labelling
    from training.ml.classify.answers import Answer

    under = labelling.Terms(0.3, "risk_triage", (said,))
    found = labelling.judge("text", Answer(said, 0.95, {said: 0.95}, [said]), under)
    assert bool(labelling.for_person(found)) is (said == "urgent")


def test_it_gives_a_workbook_back_too(taken):
    from python_calamine import CalamineWorkbook

    rows = done(taken)
    found = CalamineWorkbook.from_path(taken.workbook).get_sheet_by_index(0).to_python()
    assert [[str(cell) for cell in row] for row in found] == [
        [cell.removeprefix("'") for cell in row] for row in rows
    ]  # a workbook says itself what is text


def test_it_writes_what_xml_does_not_know(tmp_path):
    from python_calamine import CalamineWorkbook

    from endpoints import workbook

    with workbook.written(tmp_path / "x.xlsx") as sheet:
        sheet.add(["a & <b>", "\x00\x1b\ud800 \n tab\t", 0.5, None, "x" * 40_000])
    found = CalamineWorkbook.from_path(tmp_path / "x.xlsx").get_sheet_by_index(0).to_python()
    assert found[0][0] == "a & <b>"
    assert found[0][2] == 0.5
    assert len(found[0][4]) == 32_767


def test_it_does_not_look_for_reasons_where_none_are_wanted(taken, peer):
    rows = done(taken, reasons=False)
    assert [row[6] for row in rows[1:4]] == ["", "", ""]
    assert rows[3][5].startswith("Not sure")
    assert not any(asked["explain"] for asked in peer.asked)


def test_it_tells_its_columns_from_the_files_own(classifier, owner, told):
    row = scoring.take(classifier, owner, "x.csv", [table([["late", "old"]], ("review", "label"))])
    assert done(row)[0] == ["review", "label", "Label (Atelier)", "Confidence", "For a person", "Reason"]


def test_it_reads_workbooks_and_json_too(classifier, owner, told):
    row = scoring.take(classifier, owner, "x.jsonl", [b'{"text": "It was late", "n": 1}\n' * 40])
    rows = done(row, row.column)
    assert len(rows) == 41
    assert {tuple(one[2:4]) for one in rows[1:]} == {("negative", "0.80")}


def test_it_goes_on_where_a_killed_worker_was(taken, peer, monkeypatch):
    scoring.start(taken, "review", True)
    monkeypatch.setattr(scoring_work, "FEW", 1)
    ask, asked = scoring_work.Work.asked, []

    def dying(self, texts):
        if len(asked) == 2:
            raise Killed
        asked.append(texts)
        return ask(self, texts)

    monkeypatch.setattr(scoring_work.Work, "asked", dying)
    with pytest.raises(Killed):
        tasks.score_file(taken.pk)
    monkeypatch.setattr(scoring_work.Work, "asked", ask)
    taken.refresh_from_db()
    assert (taken.state, taken.done) == ("running", 2) or taken.state == "running"
    Scoring.objects.filter(pk=taken.pk).update(heartbeat=timezone.now() - timedelta(minutes=1))
    sweeping.sweep()
    peer.texts.clear()
    tasks.score_file(taken.pk)
    taken.refresh_from_db()
    assert taken.state == "done"
    assert len(peer.texts) == 1  # only what had no label yet


def test_it_gives_signs_of_life_while_the_engine_works(taken, monkeypatch):
    beats = []
    beat = Scoring.beat
    monkeypatch.setattr(
        Scoring, "beat", lambda self, worker, **fields: beats.append(fields) or beat(self, worker, **fields)
    )
    monkeypatch.setattr(scoring_work, "SIGN_OF_LIFE", 0.05)
    classify = serving.classify

    async def slow(*asked, **more):
        before = len(beats)
        while len(beats) < before + 3:  # as long as it takes
            await asyncio.sleep(0.02)
        return await classify(*asked, **more)

    monkeypatch.setattr(serving, "classify", slow)
    assert len(done(taken)) == 6
    assert beats.count({}) >= 3


def test_it_stops_while_the_engine_works(taken, monkeypatch):
    monkeypatch.setattr(scoring_work, "SIGN_OF_LIFE", 0.05)

    async def endless(*_asked, **_more):
        await sync_to_async(scoring.cancel)(taken)
        await asyncio.sleep(600)

    monkeypatch.setattr(serving, "classify", endless)
    scoring.start(taken, "review", True)
    tasks.score_file(taken.pk)
    taken.refresh_from_db()
    assert taken.state == "cancelled"


def test_it_is_not_given_up_while_it_moves_on(taken):
    scoring.start(taken, "review", True)
    Scoring.objects.filter(pk=taken.pk).update(attempts=5)
    tasks.score_file(taken.pk)
    taken.refresh_from_db()
    assert (taken.state, taken.attempts) == ("done", 1)


def test_it_is_given_up_where_it_breaks_off_again_and_again(taken, monkeypatch):
    def dying(_self, _db):
        raise Killed

    scoring.start(taken, "review", True)
    monkeypatch.setattr(scoring_work.Work, "write", dying)
    for _ in range(scoring_work.ATTEMPTS):
        with pytest.raises(Killed):
            tasks.score_file(taken.pk)
        Scoring.objects.filter(pk=taken.pk).update(heartbeat=timezone.now() - timedelta(minutes=1))
    tasks.score_file(taken.pk)
    taken.refresh_from_db()
    assert taken.state == "failed"
    assert "broken off" in taken.error["what"]


def test_it_asks_for_fewer_texts_where_the_engine_takes_too_long(taken, peer, monkeypatch):
    monkeypatch.setattr(scoring_work, "TOO_LONG", 0.0)
    monkeypatch.setattr(scoring_work.time, "sleep", lambda _seconds: None)
    classify, sizes = serving.classify, []

    async def slow(model, texts, **more):
        sizes.append(len(texts))
        if len(texts) > 1:
            raise serving.EngineDown("no answer in time")
        return await classify(model, texts, **more)

    monkeypatch.setattr(serving, "classify", slow)
    assert len(done(taken)) == 6
    assert sizes == [3, 1, 1, 1]
    assert len(peer.texts) == 3


def test_it_mixes_no_two_versions_in_a_file(taken, classifier, owner, peer, monkeypatch):
    monkeypatch.setattr(scoring_work, "FEW", 1)
    stopped_after_one(taken, monkeypatch)
    assert len(peer.asked) == len(peer.texts) == 1
    publishing.deploy(classifier, classifier.deployment.model, owner, "tfidf")
    peer.texts.clear()
    done(Scoring.objects.get(pk=taken.pk))
    assert len(peer.texts) == 3  # the one from before too
    assert {asked["answers_with"] for asked in peer.asked[1:]} == {"tfidf"}


def test_it_begins_anew_while_a_stopped_worker_still_holds_its_answers(taken, peer):
    scoring.start(taken, "review", True)
    taken.refresh_from_db()
    taken.folder.mkdir(parents=True)
    with answers(taken.answers_file) as held:
        held.execute("BEGIN IMMEDIATE")
        scoring.cancel(taken)
        rows = done(Scoring.objects.get(pk=taken.pk), "city", reasons=False)
    assert rows[1][3:6] == ["", "", "Not sure: neutral (41 %), negative (35 %)"]
    assert sorted(peer.texts) == sorted(row[2] for row in ROWS)


def test_it_goes_on_where_a_stopped_worker_found_the_texts_too(taken, monkeypatch):
    texts = scoring_work.Work.texts

    def late(self):
        with answers(self.scoring.answers_file) as other:
            other.execute("INSERT OR IGNORE INTO meta VALUES ('gathered', '1')")
            other.commit()
        return texts(self)

    monkeypatch.setattr(scoring_work.Work, "texts", late)
    assert len(done(taken)) == 6


def test_a_stopped_worker_leaves_no_result(taken, monkeypatch):
    rows = scoring_work.Work.table

    def stopping(self, *given):
        yield from rows(self, *given)
        scoring.cancel(self.scoring)

    scoring.start(taken, "review", True)
    monkeypatch.setattr(scoring_work.Work, "table", stopping)
    tasks.score_file(taken.pk)
    assert not taken.result.exists()
    assert not taken.workbook.exists()


def test_it_shows_a_result_with_a_very_long_cell(taken, owner, as_, classifier):
    row = scoring.take(classifier, owner, "long.csv", [table([["1", "late", "x" * 150_000]])])
    scoring.start(row, "review", True)
    tasks.score_file(row.pk)
    csv.field_size_limit(131_072)  # what a fresh web process begins with
    response = as_(owner).get(f"/scorings/{row.pk}/")
    assert response.status_code == 200
    assert "How the result begins" in response.content.decode()


def test_it_keeps_no_file_that_nothing_came_of(classifier, owner, taken):
    lost = uploading.store(classifier.project, owner, "lost.csv", [table()])
    items = uploading.store(classifier.project, owner, "items.csv", [table()])
    Dataset.objects.create(project=classifier.project, name="log", items=items)
    Upload.objects.update(created=timezone.now() - timedelta(days=2))
    sweeping.sweep()
    assert not lost.path.exists()
    assert set(Upload.objects.all()) == {taken.upload, items}
    assert taken.upload.path.exists()
    assert items.path.exists()


def test_it_is_told_again_when_its_message_is_lost(taken, told):
    scoring.start(taken, "review", True)
    assert told == [taken.pk]
    Scoring.objects.filter(pk=taken.pk).update(created=timezone.now() - timedelta(minutes=1))
    sweeping.sweep()
    sweeping.sweep()
    assert told == [taken.pk, taken.pk]  # once a message, not with every sweep


def test_two_workers_never_score_the_same_file(taken):
    scoring.start(taken, "review", True)
    assert taken.claim("one")
    assert not scoring_work.work(Scoring.objects.get(pk=taken.pk), "two")


def test_it_stops_when_a_person_says_so_and_goes_on_later(taken, peer, monkeypatch):
    monkeypatch.setattr(scoring_work, "FEW", 1)
    stopped_after_one(taken, monkeypatch)
    assert len(peer.texts) == 1
    done(taken)
    assert len(peer.texts) == 3


def test_it_waits_for_a_busy_engine_and_says_when_it_stays_away(taken, peer, monkeypatch):
    monkeypatch.setattr(scoring_work.time, "sleep", lambda _seconds: setattr(peer, "mood", ""))
    peer.mood = "busy"
    done(taken)
    other = scoring.take(taken.endpoint, taken.created_by, "b.csv", [table([["9", "Another late one", "x"]])])
    monkeypatch.setattr(scoring_work.time, "sleep", lambda _seconds: None)
    peer.mood = "down"
    scoring.start(other, "review", True)
    tasks.score_file(other.pk)
    other.refresh_from_db()
    assert other.state == "failed"
    assert "cannot be reached" in other.error["what"]


def test_it_labels_with_the_version_that_was_published_when_it_began(taken, reviews, owner):
    scoring.start(taken, "review", True)
    publishing.deploy(taken.endpoint, make_classifier(reviews, 2), owner)  # noqa: F405
    tasks.score_file(taken.pk)
    taken.refresh_from_db()
    assert taken.deployment.model.number == 1


def test_it_refuses_what_is_no_table(classifier, owner):
    with pytest.raises(UserError):
        scoring.take(classifier, owner, "x.pdf", [b"%PDF-1.7 nothing"])
    assert not Scoring.objects.exists()


def test_it_deletes_files_after_thirty_days(taken):
    done(taken)
    folder, upload = taken.folder, taken.upload.path
    assert folder.exists()
    sweeping.sweep()
    assert folder.exists()
    Scoring.objects.filter(pk=taken.pk).update(created=timezone.now() - timedelta(days=31))
    sweeping.sweep()
    assert not folder.exists()
    assert not upload.exists()
    assert not Scoring.objects.exists()


def test_it_scores_from_the_page(classifier, owner, as_, told):
    browser = as_(owner)
    file = SimpleUploadedFile("reviews.csv", table())
    response = browser.post(f"/endpoints/{classifier.pk}/score/", {"file": file}, follow=True)
    page = response.content.decode()
    row = Scoring.objects.get()
    assert 'value="review" checked' in page
    assert "Label 5 rows" in page
    page = browser.post(
        f"/scorings/{row.pk}/start/", {"column": "review", "reasons": "1"}, follow=True
    ).content.decode()
    assert "Waiting for its turn" in page
    tasks.score_file(row.pk)
    page = browser.get(f"/scorings/{row.pk}/").content.decode()
    assert "rows labelled" in page
    response = browser.get(f"/scorings/{row.pk}/download/")
    assert b"".join(response).startswith(b"\xef\xbb\xbfid,review,city,Label,Confidence,For a person,Reason")
    assert "reviews-mood.csv" in response["Content-Disposition"]
    assert "reviews.csv" in browser.get(f"/endpoints/{classifier.pk}/score/").content.decode()
    browser.post(f"/scorings/{row.pk}/delete/")
    assert not Scoring.objects.exists()


def test_it_shows_how_far_it_is(taken, as_, owner):
    scoring.start(taken, "review", True)
    Scoring.objects.update(state="running", heartbeat=timezone.now(), texts=4, done=1, worker="w")
    part = as_(owner).get(f"/scorings/{taken.pk}/?part=progress", headers={"HX-Request": "true"})
    assert "1 of 4 different texts" in part.content.decode()
    Scoring.objects.update(state="done")
    part = as_(owner).get(f"/scorings/{taken.pk}/?part=progress", headers={"HX-Request": "true"})
    assert part["HX-Refresh"] == "true"


def test_it_hides_files_from_others(taken, stranger, viewer, as_):
    assert as_(stranger).get(f"/scorings/{taken.pk}/").status_code == 404
    assert as_(viewer).get(f"/scorings/{taken.pk}/").status_code == 200
    assert as_(viewer).post(f"/scorings/{taken.pk}/start/").status_code == 403


def test_it_scores_no_files_with_an_assistant(endpoint, owner, as_):
    assert as_(owner).get(f"/endpoints/{endpoint.pk}/score/").status_code == 404


@pytest.mark.slow
def test_it_takes_a_hundred_thousand_rows(classifier, owner, told, peer):
    lines = "".join(f"{i},It was late {i % 60_000} times\n" for i in range(100_000))
    row = scoring.take(classifier, owner, "big.csv", [b"id,review\n", lines.encode()])
    assert row.reasons is False
    rows = done(row, reasons=False)
    assert len(rows) == 100_001
    assert row.texts == 60_000
    with sqlite3.connect(row.answers_file) as db:
        assert db.execute("SELECT count(*) FROM texts WHERE answer IS NULL").fetchone() == (0,)


def test_it_reads_the_columns_together_that_it_has_learned_together(classifier, owner, told, peer, as_):
    learned = classifier.deployment.model.run.dataset
    learned.mapping = {"text": ["title", "review"], "label": "mood"}
    learned.save(update_fields=["mapping"])
    rows = [[f"About {n}", f"It came late, the {n}th time."] for n in range(3)]
    row = scoring.take(classifier, owner, "reviews.csv", [table(rows, ("title", "review"))])
    assert row.columns == ["title", "review"]
    page = as_(owner).get(f"/scorings/{row.pk}/")
    if page.status_code == 200:
        assert "title + review" in page.content.decode()
    done(row)
    with sqlite3.connect(row.answers_file) as db:
        texts = {text for (text,) in db.execute("SELECT text FROM texts")}
    assert texts == {f"About {n}\n\nIt came late, the {n}th time." for n in range(3)}
    alone = scoring.take(classifier, owner, "reviews.csv", [table(rows, ("title", "review"))])
    scoring.start(alone, "review", False, together=False)
    alone.refresh_from_db()
    assert alone.columns == ["review"]
