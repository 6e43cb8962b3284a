"""The report of a classifier: the verdict in words, the comparison, where it errs, how far its certainty holds."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.enumerating import listed
from projects.usecases import UseCase
from training.families.classify.report.certainty import calibration, certainty, coverage
from training.families.classify.report.comparing import METRICS, SYSTEMS, answers, comparisons, of_100, titles
from training.families.classify.report.confusing import confusion, per_class
from training.families.classify.report.mistakes import behind, confident_mistakes, row_of
from training.families.classify.report.more import beyond, explained
from training.families.classify.report.words import beside, caution, recalled, unfit, verdict
from training.ml.classify.report import Report
from training.ml.stored import Stored

__all__ = [
    "CONTRACT",
    "SYSTEMS",
    "answers",
    "behind",
    "beside",
    "brief",
    "caution",
    "certainty",
    "columns",
    "context",
    "facts",
    "figures",
    "measured_on",
    "read",
    "recalled",
    "row_of",
    "tested",
    "titles",
    "unfit",
    "verdict",
]
CONTRACT = {"accuracy": "accuracy", "macro_f1": "macro_f1"}
"""Metric of the report → its fixed name on the command line."""


def read(stored: Stored) -> Report:
    """A report from what was stored of it."""
    return Report.from_json(stored)


def context(case: UseCase, report: Report) -> dict[str, object]:
    """All that the page shows under the verdict."""
    return {
        "comparisons": comparisons(case, report),
        "classes": per_class(report),
        "confusion": confusion(report),
        "calibration": calibration(report),
        "coverage": coverage(report),
        "explained": explained(report),
        "beyond": beyond(report),
        "mistakes": confident_mistakes(report),
        "labels": report.labels,
        "multi": report.multi,
        "tested": report.tested,
    }


def facts(report: Report) -> list[tuple[str, str]]:
    """How it answers, for those who want to know."""
    names = {**titles(), "lora": _("Trained model")}
    shares = [(names.get(name, name), float(share)) for name, share in report.blend.items() if share]
    mixed = listed(_("%(name)s %(n)s %%") % {"name": name, "n": round(share * 100)} for name, share in shares)
    return [
        (_("Labels"), str(number_format(len(report.labels)))),
        (_("The answer is mixed from"), mixed if len(shares) > 1 else ""),
    ]


def columns() -> list[str]:
    """What a list of versions shows of each."""
    return [_("Right of 100"), _("On all labels alike, of 100"), _("Off in its certainty by")]


def figures(report: Report) -> list[str]:
    """The figures under these columns."""
    scores = report.scores["tuned"]
    found = [of_100(scores[name].mean) if name in scores else "–" for name in METRICS]
    return [*found, of_100(report.ece.mean) if report.ece else "–"]


def brief(report: Report) -> str:
    """One figure in words, where there is room for one."""
    return _("right on %(n)s of 100 texts") % {"n": figures(report)[0]}


def tested(report: Report) -> str:
    """How much it was measured on."""
    return ngettext("%(n)s text", "%(n)s texts", report.tested) % {"n": number_format(report.tested)}


def measured_on(report: Report) -> str:
    """What it was measured on, in a sentence."""
    return ngettext(
        "Measured on %(n)s text it had not seen.", "Measured on %(n)s texts it had not seen.", report.tested
    ) % {"n": number_format(report.tested)}
