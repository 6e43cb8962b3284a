"""The report of a classifier: what it says, the rows behind it, labels put right in place."""

from __future__ import annotations

import json
import random
import re

import pytest
from django.urls import reverse

from tests.training.conftest import verdict_of
from training import reports
from training.models import Evaluation, ModelVersion, TrainingRun

LABELS = ["angry", "happy", "平静"]


def interval(mean, width=0.03, rows=200):
    return {"mean": mean, "low": round(mean - width, 4), "high": round(mean + width, 4), "rows": rows}


def rows_of(count, labels, right=0.85, multi=False):
    draw = random.Random(3)
    found = []
    for n in range(count):
        truth = [labels[n % len(labels)]]
        said = truth if draw.random() < right else [labels[(n + 1) % len(labels)]]
        if multi and n % 3 == 0:
            truth = sorted({*truth, labels[(n + 1) % len(labels)]})
        sure = round(draw.uniform(0.4, 1), 4)
        found.append(
            {
                "id": f"{n:016x}",
                "row": n + 2,
                "text": f"<i>Text</i> {n} 你好",
                "truth": truth,
                "predicted": said,
                "confidence": sure,
                "top": [[said[0], sure], [labels[0], 0.1], [labels[1], 0.05]],
                "systems": {"tfidf": said, "embedding": said, "base": said},
            }
        )
    return found


def matrix(found, labels):
    table = [[0] * len(labels) for _ in labels]
    for row in found:
        table[labels.index(row["truth"][0])][labels.index(row["predicted"][0])] += 1
    return table


def report(tuned=0.87, best=0.79, base=0.4, labels=LABELS, rows=120, multi=False, macro=None, idle=False, **more):
    """report.json as training.ml.classify.evaluate writes it, with the levels given."""
    levels = {"tuned": tuned, "tfidf": best, "embedding": best - 0.05, "base": base, "majority": 0.35}
    gap, macro_gap = tuned - best, (tuned - best) if macro is None else macro
    word = {True: "better", False: "same"}[max(gap, macro_gap) > 0.03]
    word = "worse" if min(gap, macro_gap) < -0.03 else word
    recommend = "tfidf" if word == "worse" or (word == "same" and gap <= 0) else "tuned"
    texts = rows_of(rows, labels, tuned, multi)
    found = {
        "family": "classify",
        "labels": labels,
        "multi": multi,
        "scores": {name: {m: interval(v, rows=rows) for m in ("accuracy", "macro_f1")} for name, v in levels.items()},
        "differences": {
            "tuned_minus_best": {"accuracy": interval(gap, rows=rows), "macro_f1": interval(macro_gap, rows=rows)},
            "tuned_minus_base": {m: interval(tuned - base, rows=rows) for m in ("accuracy", "macro_f1")},
        },
        "verdict": {
            "recommend": recommend,
            "best_simple": "tfidf",
            "against_best": word,
            "against_base": "better",
            "reason": word,
            **({"against_majority": "same"} if idle else {}),
        },
        "rows": texts,
        "per_class": [
            {"label": name, "precision": 0.8, "recall": 0.7, "f1": 0.75, "support": 40 if n else 3}
            for n, name in enumerate(labels)
        ],
        "reliability": [
            {"low": 0.8, "high": 0.9, "count": 20, "confidence": 0.85, "accuracy": 0.8},
            {"low": 0.9, "high": 1.0, "count": 100, "confidence": 0.9, "accuracy": 0.88},
        ],
        "ece": {"mean": 0.021, "low": 0.01, "high": 0.04, "rows": rows},
        "coverage": [
            {"threshold": 0.0, "coverage": 1.0, "accuracy": 0.87},
            {"threshold": 0.6, "coverage": 0.83, "accuracy": 0.97},
            {"threshold": 0.95, "coverage": 0.0, "accuracy": None},
        ],
        "unsure": {"threshold": 0.6, "coverage": 0.83, "accuracy": 0.97},
        "blend": {"tuned": 0.7, "tfidf": 0.3},
        "explanations": {"deleted_top": 0.6, "deleted_random": 0.1, "rows": 60, "words": 3},
        "out_of_scope": None,
        "held_out": rows,
    }
    if not multi:
        found["confusion"] = matrix(texts, labels)
    return {**found, **more}


@pytest.fixture
def dataset(team, owner):
    from projects.models import Dataset, Project

    project = Project.objects.create(team=team, name="Mood", use_case="sentiment", created_by=owner)
    found = Dataset.objects.create(
        project=project,
        created_by=owner,
        name="mood.csv",
        state="ready",
        counts={"kept": 120},
        mapping={"text": "text", "label": "label"},
    )
    found.folder.mkdir(parents=True)
    lines = [{"id": r["id"], "row": r["row"], "text": r["text"], "labels": r["truth"]} for r in rows_of(120, LABELS)]
    parts = {"train": lines[:60], "validation": lines[60:70], "test": lines[70:]}
    for name, part in parts.items():
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in part)
        (found.folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    facts = {"family": "classify", "labels": dict.fromkeys(LABELS, 40), "multi": False}
    (found.folder / "dataset.json").write_text(json.dumps(facts))
    return found


@pytest.fixture
def model(dataset):
    done = TrainingRun.objects.create(
        project=dataset.project, dataset=dataset, base_model="all-minilm-l6-v2", state="succeeded", preset="quick"
    )
    version = ModelVersion.objects.create(project=dataset.project, run=done, number=1, manifest={"examples": 60})
    Evaluation.objects.create(model=version, report=report())
    return version


def address(name, model):
    return reverse(f"training:{name}", args=[model.pk])


def page_of(model, client, found=None):
    if found is not None:
        Evaluation.objects.filter(model=model).update(report=found)
    reply = client.get(address("report", model))
    assert reply.status_code == 200
    return reply.content.decode()


# The verdict

SAID = [
    ({}, "good", "Right on 87 of 100 texts it had never seen. The best simple method (Words and letters) gets 79."),
    ({"best": 0.86}, "even", "On 120 texts that is no clear difference. Before training the model got 40."),
    ({"best": 0.88}, "even", "A simpler method does as well: right on 88 of 100"),
    ({"best": 0.95}, "bad", "A simpler method is better: right on 95 of 100"),
    ({"best": 0.86, "macro": 0.1}, "good", "on the rare labels your model is clearly better"),
    ({"rows": 40}, "good", "Right on 35 of 40 texts"),
    ({"rows": 40}, "good", "Only 40 texts could be kept apart"),
]


@pytest.mark.parametrize(("levels", "kind", "words"), SAID)
def test_it_says_only_what_the_intervals_allow(levels, kind, words):
    found = verdict_of(report(**levels))
    assert found.kind == kind
    assert words in found.text


def test_it_recommends_the_cheaper_way_on_a_tie():
    found = verdict_of(report(best=0.88))
    assert found.recommend == "tfidf"
    assert "faster and costs less" in found.text


def test_it_never_rounds_to_all():
    found = verdict_of(report(tuned=0.998))
    assert (found.figure, found.of) == (99, 100)


def test_it_cautions_where_training_did_harm():
    lost = report(best=0.95)
    assert "simpler method" in reports.of("classify").caution(reports.read(lost)).why
    assert not reports.of("classify").caution(reports.read(report()))


def test_it_has_words_for_every_reason_of_the_presets():
    from training import wording
    from training.ml.classify import presets as classify
    from training.ml.config import DataFacts, HardwareFacts

    machine = HardwareFacts(device="cpu", cores=2, bf16=False)
    for rows in (200, 200_000):
        data = DataFacts(rows=rows, question_characters=80, held_out=100, wide_characters=0.0, labels=3)
        for name in ("quick", "balanced", "thorough"):
            _config, reasons = classify.preset(name, data, machine)
            assert all(wording.reason(one.code, one.facts) for one in reasons), reasons


def test_it_says_what_the_answer_is_mixed_from():
    from training import wording

    assert "80 % trained model" in wording.log_line("blend", {"lora": 0.8, "tfidf": 0.2, "embedding": 0.0})
    assert "best alone" in wording.log_line("blend", {"lora": 1.0})
    assert "without it" in wording.log_line("blend", {"tfidf": 1.0})


# The page


@pytest.mark.django_db
def test_it_shows_the_verdict_and_then_the_evidence(model, owner, as_):
    page = page_of(model, as_(owner))
    assert page.index("verdict-text") < page.index("whisker") < page.index('id="mistakes"')
    assert page.count("button primary") == 1
    assert "When it says 90 %, it is right in 88 of 100 cases." in page
    assert "83 % of the texts, and it is right on 97 % of those. The rest goes to a person." in page
    assert "the label changes in 36 of 60 texts" in page
    assert "平静" in page
    assert "&lt;i&gt;Text&lt;/i&gt;" in page
    assert not re.search(r'\sstyle="|<style|<script(?![^>]*src)', page)


@pytest.mark.django_db
def test_it_puts_the_most_confident_mistakes_first(model, owner, as_):
    found = reports.of("classify").context(model.project.case, reports.read(report()))["mistakes"]
    assert found
    assert all(not one.right for one in found)
    sure = [int(one.sure.split()[0]) for one in found]
    assert sure == sorted(sure, reverse=True)


@pytest.mark.django_db
def test_it_folds_the_matrix_of_many_labels(model, owner, as_):
    names = [f"label {n}" for n in range(150)]
    page = page_of(model, as_(owner), report(labels=names, rows=900))
    assert "the 20 labels of 150 with most mistakes" in page
    assert page.count('<th scope="col"><span>') == 20
    assert "138 more labels" in page


@pytest.mark.django_db
def test_it_shows_several_labels_a_text(model, owner, as_):
    page = page_of(model, as_(owner), report(multi=True))
    assert 'type="checkbox" name="label"' in page
    assert 'class="table table-tight matrix"' not in page


@pytest.mark.django_db
def test_it_says_how_many_texts_that_belong_nowhere_it_notices(model, owner, as_):
    systems = {"tuned": {"recall": 0.6, "in_scope_accuracy": 0.9}, "tfidf": {"recall": 0.2, "in_scope_accuracy": None}}
    page = page_of(model, as_(owner), report(out_of_scope={"label": "oos", "rows": 30, "systems": systems}))
    assert "It notices 60 % of the texts that belong nowhere" in page


@pytest.mark.django_db
def test_it_opens_the_rows_behind_a_cell(model, viewer, as_):
    client = as_(viewer)
    wanted = {"truth": "angry", "predicted": "happy"}
    page = client.get(address("rows", model), wanted).content.decode()
    part = client.get(address("rows", model), wanted, headers={"HX-Request": "true"}).content.decode()
    many = report()["confusion"][0][1]
    assert many
    assert page.count('class="text-row"') == part.count('class="text-row"') == many
    assert "<html" in page
    assert "<html" not in part
    assert "Relabel</button>" not in page  # a viewer looks only


@pytest.mark.django_db
def test_it_opens_no_rows_of_other_reports(model, owner, as_):
    Evaluation.objects.filter(model=model).update(report={"rows": [1], "family": "chat"})
    assert as_(owner).get(address("rows", model)).status_code == 404


# Labels put right


def wrong_row(model):
    return next(row for row in report()["rows"][70:] if row["truth"] != row["predicted"])


@pytest.mark.django_db
def test_it_puts_a_label_right_and_back(model, editor, as_):
    client, row = as_(editor), wrong_row(model)
    wish = {"example": row["id"], "label": row["predicted"][0]}
    part = client.post(address("relabel", model), wish, headers={"HX-Request": "true"}).content.decode()
    assert 'hx-swap-oob="true"' in part
    assert "1 row relabelled. Train again with it?" in part
    assert 'name="undo"' in part
    assert model.run.dataset.relabels.get().labels == row["predicted"]
    assert client.post(address("relabel", model), {"example": row["id"], "undo": "1"}).status_code == 302
    assert not model.run.dataset.relabels.exists()


@pytest.mark.django_db
def test_it_refuses_a_viewers_label_and_an_unknown_text(model, viewer, editor, as_):
    row = wrong_row(model)
    wish = {"example": row["id"], "label": "happy"}
    assert as_(viewer).post(address("relabel", model), wish).status_code == 403
    assert as_(editor).post(address("relabel", model), {**wish, "example": "f" * 16}).status_code == 404
    assert not model.run.dataset.relabels.exists()


@pytest.mark.django_db
def test_it_makes_data_of_the_labels_put_right(model, editor, as_):
    row = wrong_row(model)
    client = as_(editor)
    client.post(address("relabel", model), {"example": row["id"], "label": row["predicted"][0]})
    reply = client.post(address("relabelled", model))
    made = model.project.datasets.exclude(pk=model.run.dataset_id).get()
    assert reply["Location"] == reverse("training:follow", args=[made.pk])
    lines = [json.loads(line) for line in made.upload.path.read_text(encoding="utf-8").splitlines()]
    assert {line["text"]: line["label"] for line in lines}[row["text"]] == row["predicted"][0]
    assert len(lines) == 120


@pytest.mark.django_db
def test_it_lists_versions_with_their_figures(model, viewer, as_):
    page = as_(viewer).get(reverse("training:models", args=[model.project_id])).content.decode()
    assert "87.0" in page
    assert "Ready to publish" in page


def test_it_claims_no_certainty_that_a_few_right_answers_cannot_give():
    from training.families.classify.report.certainty import calibration

    right = [{"low": 0.9, "high": 1.0, "count": 20, "confidence": 0.99, "accuracy": 1.0}]
    stored = {"family": "classify", "reliability": right, "ece": {"mean": 0.0, "low": 0.0, "high": 0.0, "rows": 20}}
    found = calibration(reports.read(stored))
    few = "20 texts with so few mistakes are too little to tell how far its certainty can be trusted."
    assert (found.sentence, found.judgement) == (few, ""), "nor does it say how often it is right when it is so sure"


WORDS = [
    ((0.05, 0.0, 20), "in 1 of 20 texts; without as many words taken by chance, in 0. That is too little to tell"),
    ((0.0, 0.0, 20), "That is too little to tell"),
    ((0.6, 0.1, 60), "in 36 of 60 texts; without as many words taken by chance, in 6. So the highlighted words are"),
    ((0.7, 0.4, 60), "So the highlighted words tell something, but not all."),
    ((0.02, 0.02, 60), "So do not rely on the highlighted words"),
]


@pytest.mark.parametrize(("figures", "said"), WORDS)
def test_it_concludes_of_the_words_only_what_so_many_texts_bear(figures, said):
    from training.families.classify.report.more import explained

    top, chance, rows = figures
    found = report(explanations={"deleted_top": top, "deleted_random": chance, "rows": rows, "words": 3})
    assert said in explained(reports.read(found))


REFUSED = [
    ({"threshold": 0.0, "coverage": 0.95, "accuracy": 0.9}, {"rows": 6, "right": 5}, "It gives a label to 95 % of the"),
    ({"threshold": 0.0, "coverage": 1.0, "accuracy": 0.9}, {"rows": 0, "right": 0}, "It is sure enough of every text"),
]


@pytest.mark.parametrize(("unsure", "refused", "said"), REFUSED)
def test_it_says_how_many_texts_go_to_a_person_as_they_are_served(unsure, refused, said):
    from training.families.classify.report.certainty import certainty, coverage

    points = [unsure, {"threshold": 0.6, "coverage": 0.83, "accuracy": 0.97}]
    stored = reports.read(report(unsure=unsure, refused=refused, coverage=points))
    found = coverage(stored)
    assert said in found.sentence
    assert bool(found.refused) is bool(refused["rows"])
    assert found.refused in ("", "6 of 120 texts look like none of the labels to it, so that they go to a person "
                             "whatever the threshold; for 5 of these the label would have been right.")  # fmt: skip
    assert certainty(stored).points[0].share_below == pytest.approx(1 - unsure["coverage"])


def test_it_shows_the_figures_of_the_way_that_answers():
    from training.families.classify.report.certainty import certainty

    own = {"coverage": [{"threshold": 0.0, "coverage": 0.5, "accuracy": 1.0}], "unsure": None, "refused": None}
    stored = reports.read(report(certain={"tfidf": own}))
    assert certainty(stored, "tfidf").points[0].share_below == 0.5
    assert certainty(stored, "tuned").points[0].share_below == 0.0


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_it_leaves_room_for_doubt_where_all_was_right(metric):
    from projects import usecases
    from training.families.classify.report.comparing import comparisons

    found = report()
    found["scores"]["tuned"][metric] = {"mean": 1.0, "low": 1.0, "high": 1.0, "rows": 20}
    shown = next(one for one in comparisons(usecases.get("sentiment"), reports.read(found)) if one.metric == metric)
    assert shown.bars[0].interval == "83.9 – 100.0"
