"""The report of a chat model: the verdict in words, the comparison, the evidence. Reads report.json's shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.usecases import UseCase
from training.comparisons import Bar, Comparison, bar
from training.ml.chat.judging import Verdict as Judgement
from training.ml.chat.judging import judge, quality
from training.ml.chat.report import CurvePoint, Report, Scored, Tested
from training.ml.scores import FEWEST_PAIRS
from training.ml.stored import Stored
from training.sureness import Certainty, Threshold
from training.verdicts import Caution, Verdict

SYSTEMS: tuple[str, ...] = ("tuned", "retrieval", "base")
METRICS = ("token_f1", "similarity", "foreign", "perplexity")
CONTRACT = {"token_f1": "token_f1", "similarity": "similarity", "perplexity": "perplexity", "foreign": "foreign_facts"}
"""Metric of the report → its fixed name on the command line."""
LOWER_IS_BETTER = ("foreign", "perplexity")
FEW = 40
SHOWN = 10


@dataclass(frozen=True)
class Answer:
    """An answer with what is foreign in it marked: pieces of text, true where it is foreign."""

    pieces: list[tuple[str, bool]]
    foreign: list[str]


@dataclass(frozen=True)
class Evidence:
    """One held-out question with the answers to it."""

    question: str
    reference: str
    ours: Answer
    base: Answer
    retrieval: Answer
    quality: str
    verbatim: bool
    unsure: bool


@dataclass(frozen=True)
class Curve:
    """When the bot is unsure: two lines over the similarity of the nearest known question, ready to draw."""

    threshold: str
    share: str
    why: str
    above: str
    below: str
    mark: float
    ends: tuple[str, str]  # of the axis; empty where the mark's own figure stands
    points: list[dict[str, str]] = field(default_factory=list)


def titles() -> dict[str, str]:
    return {
        "tuned": _("Your assistant"),
        "retrieval": _("Nearest known answer"),
        "base": _("Model before training"),
    }


def answers() -> dict[str, str]:
    return {
        "tuned": _("The trained model, with your known answers"),
        "retrieval": _("Only your known answers, word for word"),
        "base": _("The untouched base model"),
    }


def metric_title(case: UseCase, metric: str) -> str:
    name = "foreign_facts" if metric == "foreign" else metric
    return str(case.metrics.get(name, name))


# The verdict -----------------------------------------------------------------------------------------------


def verdict(report: Report) -> Verdict | None:
    """In words, and only what the figures allow."""
    if not report.rows:
        return None
    found, rows = _judged(report), len(report.rows)
    right = (found.right or {})["tuned"]
    sentences = [
        *_beside(found),
        _care(rows),
        _written(found, rows),
        _figures(report),
        _foreign(report),
        _advice(found),
    ]
    return Verdict(
        kind=_kind(found, rows),
        headline=ngettext(
            "It answered %(right)s of %(n)s question rightly that it had never seen.",
            "It answered %(right)s of %(n)s questions rightly that it had never seen.",
            rows,
        )
        % {"right": number_format(right), "n": number_format(rows)},
        sentences=[sentence for sentence in sentences if sentence],
        recommend=found.recommend,
        figure=right,
        of=rows,
        figure_label=ngettext(
            "question it had never seen was answered rightly", "questions it had never seen were answered rightly", rows
        ),
        badge=_badge(found),
        train_again=found.reason == "mostly_wrong" and found.recommend == "tuned",
        few=rows < FEW,
    )


def _judged(report: Report) -> Judgement:
    """What is in the report, or what its rows say where it was made before such things were counted."""
    return report.verdict if report.verdict.right else judge(report.differences, report.rows)


def _kind(found: Judgement, rows: int) -> str:
    if found.reason == "few_written":
        return "even" if 2 * (found.right or {})["retrieval"] >= rows else "bad"
    if found.reason == "same":
        return "even"
    if found.reason in ("better", "same_with_fewer_foreign_facts"):
        return "good" if found.against_base == "better" else "even"
    return "bad"


def _badge(found: Judgement) -> str:
    return {
        "few_written": _("Looking up does the same"),
        "base_better": _("Not ready"),
        "written_like_base": _("Not ready"),
        "nothing_shown": _("Not ready"),
        "mostly_wrong": _("Not ready"),
    }.get(found.reason, "")


def _beside(found: Judgement) -> list[str]:
    """Beside the look-up, and beside the model before training."""
    retrieval = {
        "better": _("That is better than looking up the nearest known answer."),
        "same": _("Looking up the nearest known answer cannot be told apart from it."),
        "worse": _("Looking up the nearest known answer is better than the trained model."),
        "unknown": _("These are too few questions to compare it with looking up the nearest known answer."),
    }[found.against_retrieval]
    base = {
        "better": _("It answers clearly better than the model before training."),
        "same": _("It cannot be told apart from the model before training."),
        "worse": _("The model before training answers better: this training did harm."),
        "unknown": _("Nor can it be compared with the model before training."),
    }[found.against_base]
    return [retrieval, base]


def _written(found: Judgement, rows: int) -> str:
    """Who answers: the model, or the known answers."""
    written = found.written or 0
    if not written:
        return _("The model wrote none of the answers: all are known answers.")
    if written == rows:
        return ""
    return ngettext(
        "%(n)s answer of %(rows)s was written by the model; the rest are known answers.",
        "%(n)s answers of %(rows)s were written by the model; the rest are known answers.",
        written,
    ) % {"n": number_format(written), "rows": number_format(rows)}


def _figures(report: Report) -> str:
    means = {system: number_format(round(report.scores[system]["token_f1"].mean * 100)) for system in SYSTEMS}
    return _(
        "On %(rows)s questions it had never seen, its answers agree with your team's in %(tuned)s of 100 words; "
        "the nearest known answer in %(retrieval)s, the model before training in %(base)s."
    ) % {"rows": number_format(len(report.rows)), **means}


def _foreign(report: Report) -> str:
    rows, against = report.rows, report.verdict.foreign_against_retrieval
    ours, theirs = (sum(bool(row.scored(system).foreign) for row in rows) for system in ("tuned", "retrieval"))
    if not ours and not theirs:
        return _("None of the answers holds a number, name or link that belongs to another case.")
    facts = {"ours": number_format(ours), "theirs": number_format(theirs), "rows": number_format(len(rows))}
    if against == "fewer":
        return (
            _("Facts from another case stand in %(ours)s of its %(rows)s answers, in %(theirs)s looked-up ones.")
            % facts
        )
    if against == "more":
        return (
            _(
                "Take care: facts from another case stand in %(ours)s of its %(rows)s answers, in %(theirs)s looked-up ones."
            )
            % facts
        )
    return (
        _(
            "Facts from another case stand in %(ours)s of its %(rows)s answers and in %(theirs)s looked-up ones: no clear difference."
        )
        % facts
    )


def _care(rows: int) -> str:
    if rows >= FEW:
        return ""
    return ngettext(
        "Only %(n)s question could be kept apart for this, so take the figures as a hint.",
        "Only %(n)s questions could be kept apart for this, so take the figures as a hint.",
        rows,
    ) % {"n": number_format(rows)}


def _advice(found: Judgement) -> str:
    return {
        "better": _("Ready to publish."),
        "same_with_fewer_foreign_facts": _(
            "Ready to publish: it gives fewer facts of other cases than looking up does."
        ),
        "same": _(
            "You can publish either: both answer equally well. The assistant also finds words for questions that no known "
            "answer fits."
        ),
        "few_written": _("Looking up alone does the same and costs nothing, so we recommend to publish that."),
        "retrieval_better": _(
            "We recommend to publish the look-up of known answers, or to add more data and train again."
        ),
        "base_better": _("We recommend not to publish this version. Check the data and train again."),
        "written_like_base": _(
            "Not ready to publish: what the model writes itself is no better than before training. Add examples and train "
            "again; until then the look-up of known answers is safer."
        ),
        "nothing_shown": _(
            "Not ready to publish: nothing shows that the training helped. Add examples and train again; until then "
            "publish the look-up of known answers."
        ),
        "mostly_wrong": _(
            "Not ready to publish: more than half of its answers are wrong. Add rows for the questions below that it got "
            "wrong, then train again."
        ),
    }[found.reason]


def read(stored: Stored) -> Report:
    """A report from what was stored of it."""
    return Report.from_json(stored)


def context(case: UseCase, report: Report) -> dict[str, object]:
    """All that the page shows under the verdict."""
    best, worst = best_and_worst(report)
    return {
        "comparisons": comparisons(case, report),
        "best": best,
        "worst": worst,
        "foreign": with_foreign(report),
        "curve": curve(report),
    }


def facts(report: Report) -> list[tuple[str, str]]:
    """How it answers, for those who want to know."""
    return [(_("Known answers given word for word"), _percent(report.handed_over))]


def columns() -> list[str]:
    """What a list of versions shows of each."""
    return [_("Words as your team says them"), _("Likeness of meaning"), _("Answers with facts of another case")]


def figures(report: Report) -> list[str]:
    """The figures under these columns."""
    scores = report.scores["tuned"]
    return [figure(name, scores[name].mean) if name in scores else "–" for name in METRICS[:3]]


def brief(report: Report) -> str:
    """One figure in words, where there is room for one."""
    return _("%(words)s of 100 words as your team says them") % {"words": figures(report)[0]}


def tested(report: Report) -> str:
    """How many it was measured on."""
    count = len(report.rows)
    return ngettext("%(n)s question", "%(n)s questions", count) % {"n": number_format(count)}


def measured_on(report: Report) -> str:
    """What it was measured on, in a sentence."""
    count = len(report.rows)
    return ngettext(
        "Measured on %(n)s question it had not seen.", "Measured on %(n)s questions it had not seen.", count
    ) % {"n": number_format(count)}


def beside(ours: float, theirs: float, rows: int, number: int) -> str:
    """What this version and version NUMBER came to on the same questions, in a sentence."""
    facts = {"ours": number_format(round(100 * ours)), "theirs": number_format(round(100 * theirs)), "n": number}
    return (
        _("On the same questions version %(n)s agrees with your team in %(theirs)s of 100 words, this one in %(ours)s.")
        % facts
    )


def unfit(report: Report) -> dict[str, str]:
    """The untouched base always, and the trained model where it is not ready."""
    found = {"base": _("It has never seen your data, so it makes its answers up.")}
    rows = len(report.rows)
    right = (_judged(report).right or {}) if rows else {}
    if right:
        found["base"] += " " + ngettext(
            "It answered %(right)s of %(n)s question rightly.",
            "It answered %(right)s of %(n)s questions rightly.",
            rows,
        ) % {"right": number_format(right["base"]), "n": number_format(rows)}
    harm = caution(report)
    return found | {"tuned": harm.why} if harm else found


def caution(report: Report) -> Caution | None:
    """Says it when the trained model lost to something simpler: then publishing it needs a deliberate click."""
    found = _judged(report) if report.rows else report.verdict  # which is left where the rows are gone
    if found.against_base == "worse":
        return Caution.untrained_is_better(
            _("On the questions it had never seen, the trained model answered worse than the untouched base model.")
        )
    if found.against_retrieval == "worse":
        return Caution.simpler_is_better(
            _(
                "On the questions it had never seen, the trained model answered worse than simply giving the nearest "
                "known answer."
            )
        )
    why = {
        "written_like_base": _("What the trained model writes itself is no better than before training."),
        "nothing_shown": _("Nothing shows that the training helped."),
        "mostly_wrong": _("More than half of the trained model's answers are wrong."),
    }.get(found.reason, "")
    return Caution.not_ready(why) if why else None


# The comparison --------------------------------------------------------------------------------------------


def comparisons(case: UseCase, report: Report) -> list[Comparison]:
    return [_comparison(case, report, metric) for metric in METRICS if metric in report.scores["tuned"]]


def _comparison(case: UseCase, report: Report, metric: str) -> Comparison:
    scores = {s: report.scores[s][metric] for s in SYSTEMS if metric in report.scores.get(s, {})}
    widest = max([*(max(found.mean, found.high) for found in scores.values()), 1e-9])
    top = widest if metric == "perplexity" else max(widest, 0.01) if metric == "foreign" else 1.0
    bars: list[Bar] = [
        bar(system, titles()[system], found, top, lambda value: figure(metric, value), metric == "foreign")
        for system, found in scores.items()
    ]
    return Comparison(metric, metric_title(case, metric), metric in LOWER_IS_BETTER, bars, _difference(report, metric))


def figure(metric: str, value: float) -> str:
    """Agreement and likeness out of 100, shares in per cent, perplexity as it is."""
    if metric == "perplexity":
        return str(number_format(round(value, 1), 1))
    if metric == "foreign":
        return _("%(n)s %%") % {"n": number_format(round(value * 100, 1), 1)}
    return str(number_format(round(value * 100, 1), 1))


def _difference(report: Report, metric: str) -> str:
    """Against the look-up, with what the interval allows to say."""
    found = report.differences["tuned_minus_retrieval"].get(metric)
    if not found:
        return ""
    if found.low <= 0 <= found.high:
        return _("Your assistant and the nearest known answer cannot be told apart here.")
    better = (found.low > 0) != (metric in LOWER_IS_BETTER)
    gap = {"n": figure(metric, abs(found.mean))}
    if better:
        return _("Your assistant is better than the nearest known answer by %(n)s.") % gap
    return _("The nearest known answer is better than your assistant by %(n)s.") % gap


# The evidence ----------------------------------------------------------------------------------------------


def best_and_worst(report: Report) -> tuple[list[Evidence], list[Evidence]]:
    ranked = sorted(report.rows, key=lambda row: quality(row.tuned), reverse=True)
    half = min(SHOWN, (len(ranked) + 1) // 2)
    worst = ranked[len(ranked) - min(SHOWN, len(ranked) - half) :] if len(ranked) > half else []
    return [evidence(row) for row in ranked[:half]], [evidence(row) for row in reversed(worst)]


def with_foreign(report: Report) -> list[Evidence]:
    """Rows in which our answer holds a fact of another case; the most such facts first."""
    found = [row for row in report.rows if row.tuned.foreign]
    return [evidence(row) for row in sorted(found, key=lambda row: -len(row.tuned.foreign))[:SHOWN]]


def evidence(row: Tested) -> Evidence:
    return Evidence(
        question=row.question,
        reference=row.reference,
        ours=_answer(row.tuned),
        base=_answer(row.base),
        retrieval=_answer(row.retrieval),
        quality=str(number_format(round(quality(row.tuned) * 100))),
        verbatim=row.kind == "hand_over",
        unsure=row.unsure,
    )


def _answer(scored: Scored) -> Answer:
    return Answer(list(_marked(scored.answer, scored.foreign)), scored.foreign)


def _marked(text: str, facts: Sequence[str]) -> Iterable[tuple[str, bool]]:
    """The text in pieces, the foreign facts apart."""
    words = sorted((re.escape(fact) for fact in facts if fact), key=len, reverse=True)
    if not words:
        return [(text, False)]
    pieces = re.split(f"({'|'.join(words)})", text, flags=re.IGNORECASE)
    return [(piece, i % 2 == 1) for i, piece in enumerate(pieces) if piece]


# When it is unsure -----------------------------------------------------------------------------------------

WIDE, HIGH = 640.0, 220.0
NARROW = 48.0


def curve(report: Report) -> Curve | None:
    points, threshold = report.unsure.curve, report.unsure.threshold
    if len(points) < 2 or threshold is None:
        return None
    mark = _across(points, threshold)
    first, last = (_percent(points[place].similarity) for place in (0, -1))
    return Curve(
        threshold=_percent(threshold),
        share=_percent(_counted(report, threshold) / max(1, len(report.rows))),
        why=_why(report, report.unsure.reason, threshold),
        above=_line(points, [point.quality_above for point in points]),
        below=_line(points, [point.quality_below for point in points]),
        mark=round(mark, 1),
        ends=(first if mark > NARROW else "", last if mark < WIDE - NARROW else ""),
        points=[
            {
                "at": _percent(point.similarity),
                "share": _percent(point.share_below),
                "below": _percent(point.quality_below),
                "above": _percent(point.quality_above),
            }
            for point in points
        ],
    )


def recalled(right: int, rows: int) -> str:
    """What it answers to questions whose answers people had corrected, in a sentence."""
    return ngettext(
        "Of %(rows)s question that your team corrected, it gives the corrected answer to %(right)s.",
        "Of %(rows)s questions that your team corrected, it gives the corrected answer to %(right)s.",
        rows,
    ) % {"rows": number_format(rows), "right": number_format(right)}


def certainty(report: Report, answers_with: str = "") -> Certainty:
    """What it comes to at each likeness to a known question, for whoever sets the threshold."""
    points = [Threshold(p.similarity, p.share_below, p.quality_below, p.quality_above) for p in report.unsure.curve]
    return Certainty(report.unsure.threshold, points)


def _counted(report: Report, threshold: float) -> int:
    return sum(row.nearest < threshold for row in report.rows)


def _why(report: Report, reason: str, threshold: float) -> str:
    """What the line was drawn for; older reports call answers worse on rows too few to know."""
    below = _counted(report, threshold)
    if reason == "unlike_everyday":
        return _("Nearly all everyday questions that have nothing to do with your data lie below this line.")
    if reason == "answers_below_are_worse" and below >= FEWEST_PAIRS:
        return _("Below this line its answers were clearly worse.")
    if reason not in ("answers_below_are_worse", "too_few_to_tell"):
        return _("No likeness was found below which its answers are clearly worse, so a careful value was taken.")
    return ngettext(
        "Whether its answers are worse below this line is not known: only %(n)s of %(rows)s test questions lay there.",
        "Whether its answers are worse below this line is not known: only %(n)s of %(rows)s test questions lay there.",
        below,
    ) % {"n": number_format(below), "rows": number_format(len(report.rows))}


def _across(points: Sequence[CurvePoint], similarity: float) -> float:
    first, last = points[0].similarity, points[-1].similarity
    return min(max((similarity - first) / (last - first), 0.0), 1.0) * WIDE


def _line(points: Sequence[CurvePoint], heights: Sequence[float | None]) -> str:
    """The points of an SVG polyline; quality 0 is at the bottom, 1 at the top."""
    there = [(point.similarity, height) for point, height in zip(points, heights, strict=True) if height is not None]
    return " ".join(f"{_across(points, at):.1f},{HIGH * (1 - max(height, 0)):.1f}" for at, height in there)


def _percent(value: float | None) -> str:
    return "–" if value is None else _("%(n)s %%") % {"n": number_format(round(value * 100))}
