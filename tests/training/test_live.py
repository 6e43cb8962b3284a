"""A new version beside the one that is live: on the same rows, in pairs, and in words on every page where one decides."""

from __future__ import annotations

import json
import re

import pytest
from django.urls import reverse
from django.utils import translation

from endpoints.models import Deployment, Endpoint
from projects.models import Project
from tests import tiny
from tests.training.conftest import QUICK, ready_dataset, report
from tests.training.test_report_classify import report as classifier
from tests.training.test_tasks import one_thread  # noqa: F401
from training import live, runs, tasks
from training.models import Evaluation, ModelVersion, TrainingRun

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def version(dataset, number, found):
    """A finished version with a report of these figures."""
    run = TrainingRun.objects.create(
        project=dataset.project, dataset=dataset, base_model="smollm2-135m-instruct", state="succeeded", preset="quick"
    )
    made = ModelVersion.objects.create(project=dataset.project, run=run, number=number, manifest={"examples": 24})
    Evaluation.objects.create(model=made, report=found)
    return made


def go_live(model, answers_with="tuned", slug="shop"):
    endpoint, _new = Endpoint.objects.get_or_create(
        slug=slug, defaults={"project": model.project, "name": "Shop", "published": True}
    )
    endpoint.deployments.filter(ended__isnull=True).update(ended="2026-01-01T00:00Z")
    return Deployment.objects.create(endpoint=endpoint, model=model, answers_with=answers_with)


def pages(client, model):
    endpoint = Endpoint.objects.get()
    names = [
        ("training:report", model.pk), ("training:models", model.project_id), ("endpoints:publish", model.pk),
        ("endpoints:tryout", model.pk), ("endpoints:versions", endpoint.pk),
    ]  # fmt: skip
    return {name: client.get(reverse(name, args=[pk])).content.decode() for name, pk in names}


@pytest.mark.parametrize(
    ("first", "second", "said", "other"),
    [(0.47, 0.42, "worse than", "Leave version 1 live"), (0.57, 0.62, "better than", "Let it take the place of"),
     (0.42, 0.47, "better than", "Not ready to publish"), (0.62, 0.62, "level with", "version 1 can stay live")],
)  # fmt: skip
def test_it_says_on_every_page_how_it_stands_beside_the_live_version(dataset, owner, as_, first, second, said, other):
    go_live(version(dataset, 1, report(tuned=first, retrieval=0.42, base=0.1)))
    new = version(dataset, 2, report(tuned=second, retrieval=0.42, base=0.1))
    found = pages(as_(owner), new)
    for name, text in found.items():
        assert f"It is {said} version 1, which is live." in text, name
        assert "You can publish either" not in text, name
    assert other in found["training:report"]
    assert "60 test rows that neither version had learned" in found["training:report"]
    figures = f"version 1 agrees with your team in {round(first * 100)} of 100 words, this one in {round(second * 100)}"
    for name in ("training:report", "endpoints:publish", "endpoints:versions", "training:models"):
        assert figures in found[name], name


def test_it_says_so_in_chinese(dataset, owner, as_):
    go_live(version(dataset, 1, report(tuned=0.8, retrieval=0.3, base=0.1)))
    new = version(dataset, 2, report(tuned=0.5, retrieval=0.3, base=0.1))
    with translation.override("zh-hans"):
        standing = live.standing(new)
        text = standing.sentence + standing.advice + standing.badge
    assert not any("a" <= letter <= "z" for letter in text.lower()), text


def test_it_marks_the_live_version_and_the_better_one(dataset, owner, as_):
    first = version(dataset, 1, report(tuned=0.5, retrieval=0.3, base=0.1))
    go_live(first)
    version(dataset, 2, report(tuned=0.8, retrieval=0.3, base=0.1))
    for text in pages(as_(owner), first).values():
        assert "It is worse than" not in text
    text = pages(as_(owner), first)
    assert text["training:models"].count("Better than the live one") == 1
    assert len(re.findall(r">\s*Better than the live one\s*<", text["endpoints:versions"])) == 1
    assert "Version 2 (Better than the live one)" in text["endpoints:versions"]
    assert "Version 1 (Live)" in text["endpoints:versions"]


def test_it_compares_only_what_both_had_not_learned(dataset, owner):
    old = report(tuned=0.5, retrieval=0.3, base=0.1, rows=40)
    go_live(version(dataset, 1, old))
    new = report(tuned=0.8, retrieval=0.3, base=0.1, rows=60)
    for row in new["rows"][40:]:
        row["id"] = f"other{row['row']}"
    standing = live.standing(version(dataset, 2, new))
    assert "Compared on 40 test rows" in standing.sentence
    assert "20 others are left out, because version 1 knows them" in standing.sentence


def test_it_does_not_know_without_rows_that_are_new_to_both(dataset, owner):
    go_live(version(dataset, 1, report(rows=5)))
    assert live.standing(version(dataset, 2, report(rows=5))).word == "unknown"


def test_it_stands_beside_the_way_that_is_live(dataset):
    go_live(version(dataset, 1, report(tuned=0.8, retrieval=0.3, base=0.1)), "retrieval")
    assert live.standing(version(dataset, 2, report(tuned=0.5, retrieval=0.3, base=0.1))).word == "better"


def test_it_compares_nothing_when_nothing_is_live(dataset):
    first = version(dataset, 1, report())
    deployment = go_live(first)
    deployment.ended = deployment.started
    deployment.save()
    assert live.of(dataset.project) is None
    assert live.standing(version(dataset, 2, report())) is None


def test_it_compares_classifiers_text_by_text(dataset):
    Project.objects.filter(pk=dataset.project_id).update(use_case="sentiment")
    dataset.refresh_from_db()
    go_live(version(dataset, 1, classifier(tuned=0.95)))
    found = live.standing(version(dataset, 2, classifier(tuned=0.6)))
    assert found.word == "worse"
    assert "of 120, this one to" in found.sentence


def learned(found, right, live_right, live, rows=2):
    """A report of a version that was trained with corrections."""
    return found | {"corrected": {"rows": rows, "right": right, "live": live.pk, "live_right": live_right}}


def test_it_takes_into_account_which_version_knows_the_corrections(dataset, owner, as_):
    """Level on the test rows, and only the new version knows what people corrected: that speaks for it."""
    figures = report(tuned=0.62, retrieval=0.42, base=0.1)
    first = version(dataset, 1, figures)
    go_live(first)
    found = pages(as_(owner), version(dataset, 2, learned(figures, 2, 0, first)))
    for name in ("training:report", "endpoints:versions"):
        assert "It is level with version 1, which is live." in found[name], name
    text = found["training:report"]
    assert "Of 2 questions that your team corrected, it gives the corrected answer to 2." in text
    assert "Of these corrections version 1 by itself gives 0." in text
    assert "knows more of your corrections: let it take its place" in text
    assert "can stay live" not in text


@pytest.mark.parametrize(("right", "live_right", "said"), [(1, 1, "can stay live"), (0, 2, "can stay live")])
def test_it_is_no_reason_to_change_where_the_live_one_knows_as_many(dataset, owner, as_, right, live_right, said):
    figures = report(tuned=0.62, retrieval=0.42, base=0.1)
    first = version(dataset, 1, figures)
    go_live(first)
    new = version(dataset, 2, learned(figures, right, live_right, first))
    assert said in as_(owner).get(reverse("training:report", args=[new.pk])).content.decode()


def test_it_says_what_became_of_corrected_texts_where_nothing_is_live(dataset, owner, as_):
    Project.objects.filter(pk=dataset.project_id).update(use_case="sentiment")
    dataset.refresh_from_db()
    new = version(dataset, 1, classifier() | {"corrected": {"rows": 1, "right": 1}})
    text = as_(owner).get(reverse("training:report", args=[new.pk])).content.decode()
    assert "Of 1 text that your team corrected, it gives the right label to 1." in text


def new_rows(dataset, pairs):
    """Test rows that no other data has; the number of a row is that of its words."""
    tiny.write_part(dataset.folder / "new.jsonl", pairs)
    (dataset.folder / "new.jsonl").rename(dataset.folder / "test.jsonl")


@pytest.mark.slow
def test_it_asks_the_live_version_what_it_has_never_met(dataset, owner, tiny_bases, as_):
    first = runs.start(dataset, "quick", QUICK | {"evaluation_rows": 6}, owner)
    tasks.work(first)
    go_live(first.model)
    grown = ready_dataset(dataset.project, owner)
    pairs = [(f"May I pay for chair {n} in parts?", f"Chair {n} may be paid in three parts.") for n in range(12)]
    known = [json.loads(line) for line in (grown.folder / "test.jsonl").read_text().splitlines()]
    new_rows(grown, pairs)
    with (grown.folder / "test.jsonl").open("a") as file:
        file.writelines(json.dumps(line | {"id": "old" + line["id"]}) + "\n" for line in known[:3])
    second = runs.start(grown, "quick", QUICK | {"evaluation_rows": 15}, owner)
    tasks.work(second)
    second.refresh_from_db()
    assert second.state == "succeeded", second.error
    found = second.model.evaluation.report
    assert found["live"]["model"] == first.model.pk
    assert len(found["live"]["answers"]) == 12, "what it learned since its report is no test of it"
    standing = live.standing(second.model)
    assert "Compared on 12 test rows" in standing.sentence
    assert "3 others are left out" in standing.sentence
    text = as_(owner).get(reverse("training:run", args=[second.pk])).content.decode()
    assert "Version 1, which is live, answers 12 of the test rows too" in text


@pytest.mark.slow
def test_it_ends_a_training_though_the_live_version_is_gone(dataset, owner, tiny_bases):
    import shutil

    first = runs.start(dataset, "quick", QUICK, owner)
    tasks.work(first)
    go_live(first.model)
    shutil.rmtree(first.model.folder)
    grown = ready_dataset(dataset.project, owner)
    new_rows(grown, [(f"Is shade {n} in?", f"Shade {n} is in.") for n in range(8)])
    second = runs.start(grown, "quick", QUICK, owner)
    tasks.work(second)
    second.refresh_from_db()
    assert second.state == "succeeded", second.error


@pytest.mark.slow
def test_it_asks_both_versions_what_people_had_corrected(dataset, owner, tiny_bases):
    from projects import privacy, quality

    first = runs.start(dataset, "quick", QUICK, owner)
    tasks.work(first)
    go_live(first.model)
    grown = ready_dataset(dataset.project, owner)
    pairs = [(f"Is the chair of {wood} back?", f"The chair of {wood} is back in May.") for wood in ("oak", "ash")]
    tiny.write_part(grown.folder / "corrected.jsonl", pairs)
    with (grown.folder / "train.jsonl").open("a") as file:
        file.write((grown.folder / "corrected.jsonl").read_text())
    grown.pinned = [quality.key(privacy.mask(question)) for question, _answer in pairs]
    grown.save()
    second = runs.start(grown, "quick", QUICK, owner)
    tasks.work(second)
    second.refresh_from_db()
    assert second.state == "succeeded", second.error
    found = second.model.evaluation.report["corrected"]
    assert found == {"rows": 2, "right": 2, "live": first.model.pk, "live_right": 0}
