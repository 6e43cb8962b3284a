"""Staged score files and the verdict that each allows, as one reads it on the report."""

from __future__ import annotations

import json

import pytest
from django.utils import translation

from tests.training.conftest import verdict_of
from tests.training.test_report_classify import report as classifier
from training.ml.chat.judging import judge
from training.ml.chat.report import Report, Scored, Tested, Unsure, compare, summarise
from training.ml.scores import Interval, paired, share, wilson, word


def scored(level: float, up: int) -> Scored:
    """Quality about a level, by turns above and below it."""
    value = min(1.0, max(0.0, level + (0.06 if up % 2 else -0.06)))
    return Scored("It costs 12.", round(value, 4), round(value, 4), [], [])


def chat(rows, tuned, retrieval, base, known=0, handed=None, perplexity=(9.0, 14.0), unsure=0):
    """report.json of a chat model: of so many rows KNOWN were answered by a known answer, of quality HANDED."""
    found = []
    for n in range(rows):
        over = n < known
        nearest = scored(retrieval if not over or handed is None else handed, n // 2)
        found.append(
            Tested(
                id=f"{n:016x}", row=n, question=f"Question {n}?", reference="It costs 12.",
                kind="hand_over" if over else "generate", nearest=0.5, unsure=n >= rows - unsure, sources=[],
                tuned=nearest if over else scored(tuned, n), base=scored(base, n // 4), retrieval=nearest,
            )
        )  # fmt: skip
    differences = {f"tuned_minus_{other}": compare(found, other, 0) for other in ("base", "retrieval")}
    scores = summarise(found, 0)
    for system, value in zip(("tuned", "base"), perplexity, strict=True):
        scores[system]["perplexity"] = Interval(value, value, value, 1)
    unsure_at = Unsure(0.0, "below_nearly_all_questions")
    made = Report(scores, differences, judge(differences, found), unsure_at, found, rows, known / rows, 1.0, {})
    return made.to_json()


def shop(against, people=200, hits=40):
    recommend = "tuned" if against == "better" else "ease"
    verdict = {
        "recommend": recommend, "best_simple": "ease", "against_best": against, "hits_of_100": hits,
        "popularity_hits_of_100": 20, "reason": against,
    }  # fmt: skip
    return {"family": "recommend", "scores": {"tuned": {}}, "people": people, "verdict": verdict}


CASES = [
    # what was measured                                               publish      kind    what is said
    (chat(100, .75, .5, .25), "tuned", "good", "It answered 100 of 100 questions rightly"),
    (chat(100, .75, .75, .25), "tuned", "even", "You can publish either"),
    (chat(100, .6, .8, .25), "retrieval", "bad", "Looking up the nearest known answer is better"),
    (chat(100, .6, .55, .9), "base", "bad", "this training did harm"),
    (chat(20, .6, .6, .6), "retrieval", "bad", "Not ready to publish: nothing shows that the training helped"),
    (chat(100, .6, .6, .6), "retrieval", "bad", "nothing shows that the training helped"),
    (chat(100, .3, .3, .3), "retrieval", "bad", "no better than before training"),
    (chat(100, .3, .15, .3), "base", "bad", "no better than before training"),
    (chat(100, .35, .35, .1), "retrieval", "bad", "more than half of its answers are wrong"),
    (chat(100, .35, .2, .1), "tuned", "bad", "more than half of its answers are wrong"),
    (chat(100, .35, .35, .02, perplexity=(900.0, 6770.0)), "retrieval", "bad", "Not ready to publish"),
    (chat(40, .1, .7, .05, known=40, perplexity=(900.0, 6770.0)), "retrieval", "even", "wrote none of the answers"),
    (chat(40, .7, .7, .2, known=39), "retrieval", "even", "1 answer of 40 was written by the model"),
    (chat(40, .7, .3, .2, known=38), "retrieval", "bad", "2 answers of 40 were written by the model"),
    (chat(200, .9, .3, .2, known=185, handed=.7), "tuned", "good", "15 answers of 200 were written by the model"),
    (chat(4, .9, .3, .1), "retrieval", "bad", "too few questions to compare it"),
    (chat(12, .8, .4, .2), "tuned", "good", "Only 12 questions could be kept apart"),
    (classifier(tuned=.9, best=.8), "tuned", "good", "Ready to publish"),
    (classifier(best=.88), "tfidf", "even", "faster and costs less"),
    (classifier(best=.95), "tfidf", "bad", "A simpler method is better"),
    (classifier(tuned=.35, best=.3, base=.2), "tuned", "bad", "no better than always saying the commonest label"),
    (classifier(tuned=.9, best=.8, idle=True), "tuned", "bad", "no better than always saying the commonest label"),
    (shop("better"), "tuned", "good", "Ready to publish"),
    (shop("same"), "ease", "even", "cannot be told apart"),
    (shop("worse"), "ease", "bad", "A simple method puts the right things higher up"),
]  # fmt: skip


@pytest.mark.parametrize(("found", "publish", "kind", "words"), CASES, ids=lambda value: str(value)[:40])
def test_it_decides_by_what_the_rows_bear_out(found, publish, kind, words, tmp_path):
    (tmp_path / "report.json").write_text(json.dumps(found), encoding="utf-8")
    with translation.override("en"):
        verdict = verdict_of(json.loads((tmp_path / "report.json").read_text(encoding="utf-8")))
    assert words in verdict.text
    assert (verdict.recommend, verdict.kind) == (publish, kind)
    assert "Ready to publish" not in verdict.text or verdict.kind == "good"


def test_it_offers_more_data_where_the_figures_are_a_hint_or_the_advice_is_to_add_some(model, owner, viewer, as_):
    def shown(user, found):
        model.evaluation.report = found
        model.evaluation.save()
        return (
            as_(user).get(f"/models/{model.pk}/").content.decode().split('class="verdict ', 1)[1].split("</section>")[0]
        )

    more = f'href="/projects/{model.project_id}/data/"'
    assert more in shown(owner, chat(12, 0.8, 0.4, 0.2))  # only 12 questions
    assert more in shown(owner, chat(100, 0.6, 0.6, 0.6))  # not ready
    assert more not in shown(owner, chat(100, 0.75, 0.5, 0.25))
    assert more not in shown(viewer, chat(12, 0.8, 0.4, 0.2))


def test_it_judges_reports_that_were_made_before_anew():
    found = chat(20, 0.6, 0.6, 0.6)
    found["verdict"] = {
        "against_base": "same", "against_retrieval": "same", "foreign_against_retrieval": "same",
        "recommend": "tuned", "reason": "same",
    }  # fmt: skip
    assert verdict_of(found).kind == "bad"


def test_it_is_never_certain_of_a_share():
    assert share([1] * 30).low == pytest.approx(0.886, abs=0.001) and share([1] * 30).high == 1
    assert wilson(0.0, 20) == (0.0, pytest.approx(0.161, abs=0.001))


@pytest.mark.parametrize(
    ("differences", "told"),
    [([0.4] * 5, "unknown"), ([0.4, 0.3, 0.5, 0.4, 0.6, 0.4], "better"), ([0.9, -0.1, 0.1, -0.2, 0.3, 0], "same"),
     ([-0.2 - n % 3 / 10 for n in range(40)], "worse"), ([], "unknown")],
)  # fmt: skip
def test_it_tells_a_difference_only_from_rows_enough(differences, told):
    assert word(paired(differences)) == told


@pytest.mark.parametrize(
    ("rows", "below", "reason"), [(20, 2, "too_few_to_tell"), (200, 30, "answers_below_are_worse")]
)
def test_it_calls_answers_worse_below_a_line_only_where_it_knows(rows, below, reason):
    import numpy as np

    from training.ml.chat.choosing import curve, recommended_unsure

    similar = np.array([0.3] * below + [0.7] * (rows - below))
    right = np.array([0.1 + n % 2 / 10 for n in range(below)] + [0.7 + n % 2 / 10 for n in range(rows - below)])
    assert recommended_unsure(curve(similar, right))[1] == reason
