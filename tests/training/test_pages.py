"""The pages of training through HTTP, as each of the cast sees them."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.training.conftest import report
from training import archive
from training.models import Evaluation, RunLog, StepMetric, TrainingRun, Worker

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def address(name, row):
    return reverse(f"training:{name}", args=[row.pk])


# Choose


def test_it_offers_three_ways_with_a_time_and_reasons(dataset, owner, as_):
    page = as_(owner).get(address("new", dataset)).content.decode()
    assert page.count('name="preset"') == 3
    assert "minute" in page
    assert "known answer" in page
    assert "Start training" in page


def test_it_says_when_nobody_would_do_the_work(dataset, owner, as_):
    assert "The program that trains is not running" in as_(owner).get(address("new", dataset)).content.decode()


def test_it_starts_a_run(dataset, editor, as_, django_capture_on_commit_callbacks, sent):
    with django_capture_on_commit_callbacks(execute=True):
        reply = as_(editor).post(address("new", dataset), {"preset": "quick", "learning_rate": "0.001"})
    run = TrainingRun.objects.get()
    assert reply["Location"] == address("run", run)
    assert run.config["learning_rate"] == 0.001
    assert run.config["system_prompt"].startswith("You are")
    assert sent == [(run.pk, "train")]
    assert run.project.team.events.filter(action="run.started").exists()


def test_it_marks_a_setting_that_cannot_be(dataset, editor, as_):
    reply = as_(editor).post(address("new", dataset), {"preset": "quick", "learning_rate": "7"})
    assert reply.status_code == 422
    assert not TrainingRun.objects.exists()
    assert '<details class="drawer" open>' in reply.content.decode()


def test_it_refuses_data_that_is_not_ready(dataset, owner, as_):
    dataset.state = "checking"
    dataset.save()
    reply = as_(owner).get(address("new", dataset))
    assert reply.status_code == 409
    assert "Finish the check" in reply.content.decode()


def test_it_lets_a_viewer_look_but_not_start(dataset, viewer, as_):
    client = as_(viewer)
    page = client.get(address("new", dataset))
    assert page.status_code == 200
    assert b"Start training" not in page.content
    assert client.post(address("new", dataset), {"preset": "quick"}).status_code == 403


def test_it_hides_everything_from_a_stranger(model, stranger, as_):
    client = as_(stranger)
    places = [address("new", model.run.dataset), address("report", model), address("download", model)]
    places += [address(name, model.run) for name in ("run", "run_state", "points")]
    places += [address(name, model.project) for name in ("models", "project_panel")]
    assert {client.get(place).status_code for place in places} == {404}
    assert client.post(address("cancel", model.run)).status_code == 404


# Watch


def test_it_shows_how_far_a_run_is_and_asks_again(run, owner, as_):
    TrainingRun.objects.filter(pk=run.pk).update(
        state="running", phase="training", progress=0.42, seconds_left=200, worker="w"
    )
    RunLog.objects.create(run=run, code="phase", facts={"name": "reading"})
    page = as_(owner).get(address("run", run)).content.decode()
    assert 'value="0.42"' in page
    assert "about 3 minutes left" in page
    assert "Reading your examples." in page
    assert "every 2s" in page
    assert "You can leave this page" in page
    assert "Cancel this training?" in page


def test_it_stops_asking_when_the_run_is_over(model, owner, as_):
    part = as_(owner).get(address("run_state", model.run)).content.decode()
    assert "hx-trigger" not in part
    assert address("report", model) in part
    assert "<html" not in part


def test_it_tells_the_place_in_the_queue(run, dataset, owner, as_):
    from training import runs

    Worker.objects.create(name="w", queues=["train"], seen=run.created)
    second = runs.start(dataset, "quick", {}, owner)
    assert runs.ahead(second) == 1
    assert "1 training comes before yours" in as_(owner).get(address("run", second)).content.decode()


def test_it_words_a_failure_with_its_remedy(run, owner, as_):
    error = {"code": "not_a_number", "facts": {"step": 40}, "ref": "abcd1234"}
    TrainingRun.objects.filter(pk=run.pk).update(state="failed", error=error)
    page = as_(owner).get(address("run", run)).content.decode()
    assert "step 40" in page
    assert "Try again with smaller steps" in page
    assert "abcd1234" in page
    rate = run.config["learning_rate"]
    as_(owner).post(address("again", run))
    run.refresh_from_db()
    assert (run.state, run.config["learning_rate"]) == ("queued", rate / 4)


def test_it_cancels_a_waiting_run_at_once(run, editor, as_):
    page = as_(editor).post(address("cancel", run), follow=True).content.decode()
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert "Go on where it stopped" in page
    assert "It was cancelled." in page


def test_it_asks_a_running_one_to_stop(run, editor, as_):
    run.claim("w")
    as_(editor).post(address("cancel", run))
    run.refresh_from_db()
    assert (run.state, run.cancel_requested) == ("running", True)
    assert not run.beat("w")
    page = as_(editor).get(address("run", run)).content.decode()
    assert "It stops after the step it is at" in page
    assert "The training goes on" not in page


def test_it_does_not_say_that_nothing_was_trained_below_a_cancelled_one(run, editor, as_):
    as_(editor).post(address("cancel", run))
    panel = as_(editor).get(reverse("training:project_panel", args=[run.project_id])).content.decode()
    assert "The last training was cancelled." in panel
    assert "Nothing has been trained yet" not in panel


def test_it_gives_the_curve_as_points(run, viewer, as_):
    for step in (1, 2):
        StepMetric.objects.create(run=run, step=step, loss=3 / step, validation_loss=2.0 if step == 2 else None)
    points = as_(viewer).get(address("points", run)).json()
    assert points == {"train": [[1, 3.0], [2, 1.5]], "validation": [[2, 2.0]], "done": False}


def test_it_thins_long_curves(run, viewer, as_):
    StepMetric.objects.bulk_create(StepMetric(run=run, step=n, loss=1.0) for n in range(3000))
    assert len(as_(viewer).get(address("points", run)).json()["train"]) == 600


# Read

VERDICTS = [
    ({}, "good", "questions rightly that it had never seen", "better than looking up"),
    ({"retrieval": 0.6}, "even", "cannot be told apart", "You can publish either"),
    ({"retrieval": 0.8}, "bad", "Looking up the nearest known answer is better", "Publish the simpler way"),
    ({"retrieval": 0.55, "base": 0.9}, "bad", "this training did harm", "Train again"),
    ({"retrieval": 0.6, "foreign": (0.0, 0.5)}, "good", "cannot be told apart", "Facts from another case stand in 0"),
]


@pytest.mark.parametrize(("levels", "kind", "words", "more"), VERDICTS)
def test_it_says_the_verdict_first_and_true(levels, kind, words, more, model, owner, as_):
    Evaluation.objects.filter(model=model).update(report=report(**levels))
    page = as_(owner).get(address("report", model)).content.decode()
    assert f'class="verdict {kind}"' in page
    assert words in page
    assert more in page
    assert page.index("verdict-text") < page.index("whisker")


def test_it_shows_the_evidence_and_marks_foreign_facts(model, owner, as_):
    Evaluation.objects.filter(model=model).update(report=report(foreign=(0.9, 0.1)))
    page = as_(owner).get(address("report", model)).content.decode()
    assert "<mark>91</mark>" in page
    assert "8 more of the worst answers" in page
    assert "&lt;b&gt;Question&lt;/b&gt;" in page  # what people and models write is text, never markup
    assert "polyline" in page
    assert reverse("endpoints:tryout", args=[model.pk]) in page


def test_it_has_one_primary_action(model, owner, as_):
    assert as_(owner).get(address("report", model)).content.decode().count("button primary") == 1


def test_it_takes_few_rows_with_care(model, owner, as_):
    Evaluation.objects.filter(model=model).update(report=report(rows=12))
    assert "take the figures as a hint" in as_(owner).get(address("report", model)).content.decode()


def test_it_says_when_a_version_was_not_measured(model, viewer, as_):
    Evaluation.objects.filter(model=model).delete()
    assert "has not been measured yet" in as_(viewer).get(address("report", model)).content.decode()


def test_it_compares_versions(model, viewer, as_):
    page = as_(viewer).get(address("models", model.project)).content.decode()
    assert "Version 1" in page
    assert "Ready to publish" in page


@pytest.mark.parametrize("leads_to", ["secret", "folder"])
def test_it_sends_nothing_that_a_link_leads_to(model, owner, as_, tmp_path, leads_to):
    secret = tmp_path / "folder" / "secret"
    secret.parent.mkdir()
    secret.write_text("the key of the studio")
    model.folder.mkdir(parents=True)
    (model.folder / "manifest.json").write_text("{}")
    (model.folder / "adapter").symlink_to(secret if leads_to == "secret" else secret.parent)
    reply = as_(owner).get(address("download", model))
    assert reply.status_code == 409
    assert "missing or damaged" in reply.content.decode()
    # Nor where the link comes between the look and the reading.
    sent = zipfile.ZipFile(io.BytesIO(b"".join(archive.pieces(model.folder, "kettle"))))
    assert sent.namelist() == ["kettle/manifest.json"]


def test_it_sends_the_model_as_a_zip(model, owner, as_):
    model.folder.mkdir(parents=True)
    (model.folder / "manifest.json").write_text("{}")
    (model.folder / "adapter_model.safetensors").write_bytes(b"x" * 3_000_000)
    reply = as_(owner).get(address("download", model))
    sent = zipfile.ZipFile(io.BytesIO(b"".join(reply)))
    assert sent.testzip() is None
    assert len(sent.read("kettle-support-1/adapter_model.safetensors")) == 3_000_000
    assert model.project.team.events.filter(action="model.downloaded").exists()


def test_it_says_when_the_files_are_elsewhere(model, owner, as_):
    reply = as_(owner).get(address("download", model))
    assert reply.status_code == 404
    assert "not on this machine" in reply.content.decode()


def test_it_sends_the_report_as_json(model, viewer, as_):
    assert len(json.loads(as_(viewer).get(address("report_json", model)).content)["rows"]) == 60


def test_it_fills_the_project_page(model, run, owner, as_):
    panel = as_(owner).get(address("project_panel", model.project)).content.decode()
    assert "waits for its turn" in panel
    assert "every 5s" in panel
    assert "Version 1" in panel


def test_it_has_no_inline_styles_or_scripts(model, run, owner, as_):
    client = as_(owner)
    for place in (address("new", run.dataset), address("run", run), address("report", model)):
        page = client.get(place).content.decode()
        assert not re.search(r'\sstyle="|<style|<script(?![^>]*src)', page), place


def test_it_offers_no_training_that_would_be_refused(project, dataset, owner, as_):
    panel = reverse("training:project_panel", args=[project.pk])
    assert address("new", dataset) in as_(owner).get(panel).content.decode()
    dataset.counts = {"unlabelled": 40}
    dataset.save()
    for place in (panel, reverse("training:models", args=[project.pk])):
        assert address("new", dataset) not in as_(owner).get(place).content.decode()


def test_it_says_what_is_missing_where_all_texts_have_one_label(team, owner, viewer, as_):
    from projects.models import Dataset, Project

    project = Project.objects.create(team=team, name="Mood", use_case="sentiment", created_by=owner)
    counts = {"kept": 30, "rows": 40, "unlabelled": 10, "label_count": 1, "train": 24, "validation": 3, "test": 3}
    data = Dataset.objects.create(project=project, name="one.csv", state="ready", counts=counts)
    train = reverse("training:new", args=[data.pk])
    for page in (reverse("projects:dataset", args=[data.pk]), reverse("projects:project", args=[project.pk])):
        text = as_(owner).get(page).content.decode()
        assert f'href="{train}"' not in text, page
        assert "All texts of this data have the same label" in text, page
    text = as_(owner).get(reverse("projects:dataset", args=[data.pk])).content.decode()
    assert "Label some texts differently first, or add data with other labels." in text
    assert (
        f'href="{train}"' not in as_(owner).get(reverse("training:project_panel", args=[project.pk])).content.decode()
    )
    assert as_(owner).post(train, {"preset": "quick"}).status_code == 409


def test_it_says_that_a_training_takes_longer_than_expected(run, editor, as_):
    run.claim("w")
    client = as_(editor)
    assert "longer than expected" not in client.get(address("run", run)).content.decode()
    type(run).objects.filter(pk=run.pk).update(started=timezone.now() - timedelta(minutes=20), estimate=60)
    assert (
        "It has run for about 20 minutes. That is longer than expected"
        in client.get(address("run", run)).content.decode()
    )


def test_it_says_of_one_that_stops_only_that_it_stops(run, editor, as_):
    run.claim("w")
    client = as_(editor)
    assert "The training goes on" in client.get(address("run", run)).content.decode()
    client.post(address("cancel", run))
    page = client.get(address("run", run)).content.decode()
    assert "Stopping" in page and "is kept, so you can go on later" in page
    assert "The training goes on" not in page and "left</" not in page


def test_it_does_not_say_that_nothing_was_trained_beside_one_that_was_stopped(run, editor, as_):
    client = as_(editor)
    client.post(address("cancel", run))
    panel = client.get(f"/projects/{run.project_id}/training/panel/").content.decode()
    assert "The last training was cancelled." in panel and "Nothing has been trained yet" not in panel
