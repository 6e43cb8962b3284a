"""The report of a chat model: the verdict in words, the comparison, the evidence. Reads report.json's shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.usecases import UseCase
from training.reports.comparing import Bar, Comparison, bar
from training.reports.verdict import Verdict

SYSTEMS = ("tuned", "retrieval", "base")
METRICS = ("token_f1", "similarity", "foreign", "perplexity")
CONTRACT = {"token_f1": "token_f1", "similarity": "similarity", "perplexity": "perplexity", "foreign": "foreign_facts"}
"""Metric of the report → its fixed name on the command line."""
LOWER_IS_BETTER = ("foreign", "perplexity")
FEW = 40
SHOWN = 10
Row = dict[str, Any]


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
    clear: bool
    above: str
    below: str
    mark: float
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


def verdict(report: dict[str, Any]) -> Verdict | None:
    """In words, and only what the figures allow."""
    if not report.get("rows"):
        return None
    found, rows = report["verdict"], report["rows"]
    recommend = found["recommend"]
    wins, label = _wins(rows, recommend)
    sentences = [_headlines(found)[1], _figures(report), _foreign(report), _care(len(rows)), _advice(found)]
    return Verdict(
        kind=_kind(found),
        headline=_headlines(found)[0],
        sentences=[sentence for sentence in sentences if sentence],
        recommend=recommend,
        figure=wins,
        of=len(rows),
        figure_label=label,
    )


def _kind(found: dict[str, str]) -> str:
    if found["recommend"] != "tuned":
        return "bad"
    if found["against_base"] != "better" or found["reason"] == "same":
        return "even"
    return "good"


def _headlines(found: dict[str, str]) -> tuple[str, str]:
    """The headline about the look-up, and a sentence about the model before training."""
    base = {
        "better": _("It also answers clearly better than the model before training."),
        "same": _("It cannot be told apart from the model before training."),
        "worse": _("The model before training answers better: this training did harm."),
    }[found["against_base"]]
    headline = {
        "better": _("Your assistant answers better than looking up the nearest known answer."),
        "same": _("Your assistant and looking up the nearest known answer cannot be told apart."),
        "worse": _("Looking up the nearest known answer is better than the trained model."),
    }[found["against_retrieval"]]
    if found["against_retrieval"] != "better" and found["against_base"] == "better":
        base = _("It answers clearly better than the model before training.")
    return headline, base


def _wins(rows: Sequence[Row], recommend: str) -> tuple[int, str]:
    """On how many questions the recommended way was better than the one it is measured against."""
    other = "base" if recommend == "tuned" else "tuned"
    wins = sum(quality(row[recommend]) > quality(row[other]) for row in rows)
    label = {
        "tuned": _("questions answered better than before training"),
        "retrieval": _("questions answered better by the look-up"),
        "base": _("questions answered better before training"),
    }[recommend]
    return wins, label


def _figures(report: dict[str, Any]) -> str:
    scores = report["scores"]
    means = {system: number_format(round(scores[system]["token_f1"]["mean"] * 100)) for system in SYSTEMS}
    return _(
        "On %(rows)s questions it had never seen, its answers agree with your team's in %(tuned)s of 100 words; "
        "the nearest known answer in %(retrieval)s, the model before training in %(base)s."
    ) % {"rows": number_format(len(report["rows"])), **means}


def _foreign(report: dict[str, Any]) -> str:
    rows = report["rows"]
    ours, theirs = (sum(bool(row[system]["foreign"]) for row in rows) for system in ("tuned", "retrieval"))
    if not ours and not theirs:
        return _("None of the answers holds a number, name or link that belongs to another case.")
    facts = {"ours": number_format(ours), "theirs": number_format(theirs), "rows": number_format(len(rows))}
    if report["verdict"]["foreign_against_retrieval"] == "fewer":
        return (
            _("Facts from another case stand in %(ours)s of its %(rows)s answers, in %(theirs)s looked-up ones.")
            % facts
        )
    if report["verdict"]["foreign_against_retrieval"] == "more":
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


def _advice(found: dict[str, str]) -> str:
    if found["recommend"] == "retrieval":
        return _("We recommend to publish the look-up of known answers, or to add more data and train again.")
    if found["recommend"] == "base":
        return _("We recommend not to publish this version. Check the data and train again.")
    if found["reason"] == "same":
        return _("Either is fine to publish. The assistant also finds words for questions that no known answer fits.")
    return _("Ready to publish.")


def quality(scored: dict[str, Any]) -> float:
    """The mean of words and meaning, as the training measures it."""
    return (float(scored["token_f1"]) + float(scored["similarity"])) / 2


def context(case: UseCase, report: dict[str, Any]) -> dict[str, Any]:
    """All that the page shows under the verdict."""
    best, worst = best_and_worst(report)
    return {
        "comparisons": comparisons(case, report),
        "best": best,
        "worst": worst,
        "foreign": with_foreign(report),
        "curve": curve(report),
    }


def facts(report: dict[str, Any]) -> list[tuple[str, str]]:
    """How it answers, for those who want to know."""
    return [(_("Known answers given word for word"), _percent(float(report.get("handed_over", 0))))]


def columns() -> list[str]:
    """What a list of versions shows of each."""
    return [_("Words as your team says them"), _("Likeness of meaning"), _("Answers with facts of another case")]


def figures(report: dict[str, Any]) -> list[str]:
    """The figures under these columns."""
    scores = report["scores"]["tuned"]
    return [figure(name, scores[name]["mean"]) if name in scores else "–" for name in METRICS[:3]]


def brief(report: dict[str, Any]) -> str:
    """One figure in words, where there is room for one."""
    return _("%(words)s of 100 words as your team says them") % {"words": figures(report)[0]}


def caution(report: dict[str, Any]) -> str:
    """Says it when the trained model lost to something simpler: then publishing it needs a deliberate click."""
    found = report.get("verdict") or {}
    if found.get("against_base") == "worse":
        return _("On the questions it had never seen, the trained model answered worse than the untouched base model.")
    if found.get("against_retrieval") == "worse":
        return _(
            "On the questions it had never seen, the trained model answered worse than simply giving the nearest "
            "known answer."
        )
    return ""


# The comparison --------------------------------------------------------------------------------------------


def comparisons(case: UseCase, report: dict[str, Any]) -> list[Comparison]:
    return [_comparison(case, report, metric) for metric in METRICS if metric in report["scores"]["tuned"]]


def _comparison(case: UseCase, report: dict[str, Any], metric: str) -> Comparison:
    scores = {s: report["scores"][s][metric] for s in SYSTEMS if metric in report["scores"].get(s, {})}
    widest = max([*(max(found["mean"], found["high"]) for found in scores.values()), 1e-9])
    top = widest if metric == "perplexity" else max(widest, 0.01) if metric == "foreign" else 1.0
    bars: list[Bar] = [
        bar(system, titles()[system], found, top, lambda value: figure(metric, value))
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


def _difference(report: dict[str, Any], metric: str) -> str:
    """Against the look-up, with what the interval allows to say."""
    found = report["differences"]["tuned_minus_retrieval"].get(metric)
    if not found:
        return ""
    if found["low"] <= 0 <= found["high"]:
        return _("Your assistant and the nearest known answer cannot be told apart here.")
    better = (found["low"] > 0) != (metric in LOWER_IS_BETTER)
    gap = {"n": figure(metric, abs(found["mean"]))}
    if better:
        return _("Your assistant is better than the nearest known answer by %(n)s.") % gap
    return _("The nearest known answer is better than your assistant by %(n)s.") % gap


# The evidence ----------------------------------------------------------------------------------------------


def best_and_worst(report: dict[str, Any]) -> tuple[list[Evidence], list[Evidence]]:
    ranked = sorted(report["rows"], key=lambda row: quality(row["tuned"]), reverse=True)
    half = min(SHOWN, (len(ranked) + 1) // 2)
    worst = ranked[len(ranked) - min(SHOWN, len(ranked) - half) :] if len(ranked) > half else []
    return [evidence(row) for row in ranked[:half]], [evidence(row) for row in reversed(worst)]


def with_foreign(report: dict[str, Any]) -> list[Evidence]:
    """Rows in which our answer holds a fact of another case; the most such facts first."""
    found = [row for row in report["rows"] if row["tuned"]["foreign"]]
    return [evidence(row) for row in sorted(found, key=lambda row: -len(row["tuned"]["foreign"]))[:SHOWN]]


def evidence(row: Row) -> Evidence:
    return Evidence(
        question=row["question"],
        reference=row["reference"],
        ours=_answer(row["tuned"]),
        base=_answer(row["base"]),
        retrieval=_answer(row["retrieval"]),
        quality=str(number_format(round(quality(row["tuned"]) * 100))),
        verbatim=row["kind"] == "hand_over",
        unsure=bool(row["unsure"]),
    )


def _answer(scored: dict[str, Any]) -> Answer:
    return Answer(list(_marked(scored["answer"], scored["foreign"])), scored["foreign"])


def _marked(text: str, facts: Sequence[str]) -> Iterable[tuple[str, bool]]:
    """The text in pieces, the foreign facts apart."""
    words = sorted((re.escape(fact) for fact in facts if fact), key=len, reverse=True)
    if not words:
        return [(text, False)]
    pieces = re.split(f"({'|'.join(words)})", text, flags=re.IGNORECASE)
    return [(piece, i % 2 == 1) for i, piece in enumerate(pieces) if piece]


# When it is unsure -----------------------------------------------------------------------------------------

WIDE, HIGH = 640.0, 220.0


def curve(report: dict[str, Any]) -> Curve | None:
    unsure = report.get("unsure") or {}
    points = unsure.get("curve") or []
    if len(points) < 2:
        return None
    threshold = float(unsure["threshold"])
    share = _share_below(points, threshold)
    return Curve(
        threshold=_percent(threshold),
        share=_percent(share),
        clear=unsure["reason"] == "answers_below_are_worse",
        above=_line(points, "quality_above"),
        below=_line(points, "quality_below"),
        mark=round(_across(points, threshold), 1),
        points=[
            {
                "at": _percent(point["similarity"]),
                "share": _percent(point["share_below"]),
                "below": _percent(point["quality_below"]),
                "above": _percent(point["quality_above"]),
            }
            for point in points
        ],
    )


def _share_below(points: Sequence[dict[str, Any]], threshold: float) -> float:
    nearest = min(points, key=lambda point: abs(point["similarity"] - threshold))
    return float(nearest["share_below"])


def _across(points: Sequence[dict[str, Any]], similarity: float) -> float:
    first, last = float(points[0]["similarity"]), float(points[-1]["similarity"])
    return min(max((similarity - first) / (last - first), 0.0), 1.0) * WIDE


def _line(points: Sequence[dict[str, Any]], name: str) -> str:
    """The points of an SVG polyline; quality 0 is at the bottom, 1 at the top."""
    there = [point for point in points if point[name] is not None]
    return " ".join(f"{_across(points, p['similarity']):.1f},{HIGH * (1 - max(p[name], 0)):.1f}" for p in there)


def _percent(value: float | None) -> str:
    return "–" if value is None else _("%(n)s %%") % {"n": number_format(round(value * 100))}
