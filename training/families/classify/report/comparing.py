"""All ways to label beside one another: names, figures with their intervals, and what the difference allows to say."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from projects.usecases import UseCase
from training.comparisons import Comparison, bar
from training.ml.classify.report import Report

SYSTEMS: tuple[str, ...] = ("tuned", "untrained", "tfidf", "embedding", "second", "base", "majority")
METRICS = ("accuracy", "macro_f1")


def titles() -> dict[str, str]:
    return {
        "tuned": _("Your model"),
        "tfidf": _("Words and letters"),
        "untrained": _("Words and untrained meanings together"),
        "embedding": _("Untrained meaning"),
        "second": _("Untrained meaning, second model"),
        "base": _("Model before training"),
        "majority": _("Always the commonest label"),
    }


def answers() -> dict[str, str]:
    return {
        "tuned": _("The trained model"),
        "tfidf": _("Only words and letters, counted: simpler and faster"),
        "untrained": _("Words and meanings together, without any training"),
        "embedding": _("Only the meaning, as the untrained model sees it"),
        "second": _("Only the meaning, as a second untrained model sees it"),
        "base": _("The untouched base model, which knows only the names of the labels"),
    }


def of_100(value: float) -> str:
    return str(number_format(round(value * 100, 1), 1))


def comparisons(case: UseCase, report: Report) -> list[Comparison]:
    return [_comparison(case, report, metric) for metric in METRICS if metric in report.scores["tuned"]]


def _comparison(case: UseCase, report: Report, metric: str) -> Comparison:
    scores = {name: report.scores[name][metric] for name in SYSTEMS if metric in report.scores.get(name, {})}
    bars = [bar(system, titles()[system], found, 1.0, of_100, metric == "accuracy") for system, found in scores.items()]
    return Comparison(metric, str(case.metrics.get(metric, metric)), False, bars, _difference(report, metric))


def _difference(report: Report, metric: str) -> str:
    """Against the best simple method, with what the interval allows to say."""
    found = report.differences["tuned_minus_best"].get(metric)
    if not found:
        return ""
    facts = {"name": titles()[report.verdict.best_simple], "n": of_100(abs(found.mean))}
    if found.low > 0:
        return _("Your model is better than the best simple method (%(name)s) by %(n)s.") % facts
    if found.high < 0:
        return _("The best simple method (%(name)s) is better than your model by %(n)s.") % facts
    return _("Your model and the best simple method (%(name)s) cannot be told apart here.") % facts
