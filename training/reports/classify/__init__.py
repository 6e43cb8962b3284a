"""The report of a classifier: the verdict in words, the comparison, where it errs, how far its certainty holds."""

from __future__ import annotations

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from projects.usecases import UseCase
from training.reports.classify.certainty import calibration, coverage
from training.reports.classify.comparing import METRICS, SYSTEMS, answers, comparisons, of_100, titles
from training.reports.classify.confusing import confusion, per_class
from training.reports.classify.mistakes import behind, confident_mistakes, row_of
from training.reports.classify.more import beyond, explained
from training.reports.classify.words import caution, verdict

__all__ = [
    "CONTRACT",
    "SYSTEMS",
    "answers",
    "behind",
    "brief",
    "caution",
    "columns",
    "context",
    "facts",
    "figures",
    "row_of",
    "titles",
    "verdict",
]
CONTRACT = {"accuracy": "accuracy", "macro_f1": "macro_f1"}
"""Metric of the report → its fixed name on the command line."""


def context(case: UseCase, report: dict[str, Any]) -> dict[str, Any]:
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
        "labels": report["labels"],
        "multi": bool(report.get("multi")),
        "tested": int(report.get("held_out") or len(report["rows"])),
    }


def facts(report: dict[str, Any]) -> list[tuple[str, str]]:
    """How it answers, for those who want to know."""
    names = {**titles(), "lora": _("Trained model")}
    shares = [(names.get(name, name), float(share)) for name, share in (report.get("blend") or {}).items() if share]
    mixed = ", ".join(_("%(name)s %(n)s %%") % {"name": name, "n": round(share * 100)} for name, share in shares)
    return [
        (_("Labels"), str(number_format(len(report["labels"])))),
        (_("The answer is mixed from"), mixed if len(shares) > 1 else ""),
    ]


def columns() -> list[str]:
    """What a list of versions shows of each."""
    return [_("Right of 100"), _("Macro-F1"), _("Off in its certainty by")]


def figures(report: dict[str, Any]) -> list[str]:
    """The figures under these columns."""
    scores, ece = report["scores"]["tuned"], report.get("ece")
    found = [of_100(scores[name]["mean"]) if name in scores else "–" for name in METRICS]
    return [*found, of_100(ece["mean"]) if ece else "–"]


def brief(report: dict[str, Any]) -> str:
    """One figure in words, where there is room for one."""
    return _("right on %(n)s of 100 texts") % {"n": figures(report)[0]}
