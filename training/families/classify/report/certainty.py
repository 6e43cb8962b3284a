"""How far its certainty can be trusted: the reliability diagram, and how many texts it may answer alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from training.ml.classify.report import Bin, Refused, Report, Unsure
from training.sureness import Certainty, Threshold

SIDE = 300.0
WIDE, HIGH = 340.0, 220.0
FEW = 50
"""Of fewer texts, or of none that it got wrong, nothing can be said about how far its certainty can be trusted."""
CALIBRATED = 0.05
"""Expected calibration error up to which certainty may be taken as it is."""


@dataclass(frozen=True)
class Calibration:
    sentence: str
    judgement: str
    line: str
    dots: list[tuple[float, float, float]]  # across, down, radius
    table: list[tuple[str, str, str, str]]  # says, in the mean, right, texts


@dataclass(frozen=True)
class Coverage:
    sentence: str
    refused: str  # how many it calls none of the labels, where there are some
    line: str
    floor: int  # per cent at the bottom of the drawing
    mark: float
    height: float
    table: list[tuple[str, str, str]]


def percent(value: float | None) -> str:
    return "–" if value is None else _("%(n)s %%") % {"n": number_format(round(value * 100))}


def calibration(report: Report) -> Calibration | None:
    bins = [one for one in report.reliability if one.count]
    if not bins:
        return None
    places = [(one.confidence * SIDE, (1 - one.accuracy) * SIDE) for one in bins]
    most = max(one.count for one in bins)
    return Calibration(
        sentence=_too_few(bins) or _says(max(bins, key=lambda one: one.count)),
        judgement="" if _too_few(bins) else _judged(report, bins),
        line=" ".join(f"{x:.1f},{y:.1f}" for x, y in places),
        dots=[
            (round(x, 1), round(y, 1), round(3 + 6 * (one.count / most) ** 0.5, 1))
            for (x, y), one in zip(places, bins, strict=True)
        ],
        table=[
            (
                f"{percent(one.low)} – {percent(one.high)}",
                percent(one.confidence),
                percent(one.accuracy),
                str(number_format(one.count)),
            )
            for one in bins
        ],
    )


def _says(one: Bin) -> str:
    return _("When it says %(said)s, it is right in %(right)s of 100 cases.") % {
        "said": percent(one.confidence),
        "right": number_format(round(one.accuracy * 100)),
    }


def _too_few(bins: Sequence[Bin]) -> str:
    """Says it where nothing can be said of how often it is right when it is so sure."""
    total = sum(one.count for one in bins)
    if total >= FEW and any(one.accuracy < 1 for one in bins):
        return ""
    return ngettext(
        "%(n)s text with so few mistakes is too little to tell how far its certainty can be trusted.",
        "%(n)s texts with so few mistakes are too little to tell how far its certainty can be trusted.",
        total,
    ) % {"n": number_format(total)}


def _judged(report: Report, bins: list[Bin]) -> str:
    error = report.ece
    if not error:
        return ""
    total = sum(one.count for one in bins)
    facts = {"n": number_format(round(error.mean * 100, 1), 1)}
    if error.mean <= CALIBRATED:
        return _("Over all texts its certainty is off by %(n)s points: you can take it as it is.") % facts
    over = sum(one.count * (one.confidence - one.accuracy) for one in bins) / total
    if over > 0:
        return (
            _("Over all texts its certainty is off by %(n)s points: it is often more sure than it should be.") % facts
        )
    return _("Over all texts its certainty is off by %(n)s points: it is often less sure than it could be.") % facts


def coverage(report: Report) -> Coverage | None:
    found = report.certain_of(report.verdict.recommend)
    points = [(one, one.accuracy) for one in found.coverage if one.accuracy is not None and one.coverage > 0]
    unsure = found.unsure
    if len(points) < 2 or not unsure or unsure.coverage is None:
        return None
    floor = min(int(min(right for _one, right in points) * 10) / 10, 0.9)

    def down(accuracy: float) -> float:
        return HIGH * (1 - (accuracy - floor) / (1 - floor))

    return Coverage(
        sentence=_alone(unsure),
        refused=_refused(report, found.refused),
        line=" ".join(f"{one.coverage * WIDE:.1f},{down(right):.1f}" for one, right in points),
        floor=round(floor * 100),
        mark=round(unsure.coverage * WIDE, 1),
        height=round(down(max(unsure.accuracy or floor, floor)), 1),
        table=[(percent(one.threshold), percent(one.coverage), percent(right)) for one, right in points],
    )


def _alone(unsure: Unsure) -> str:
    facts = {
        "threshold": percent(unsure.threshold),
        "share": percent(unsure.coverage),
        "right": percent(unsure.accuracy),
    }
    if (unsure.coverage or 0) >= 1:
        return _("It is sure enough of every text, and right on %(right)s of them.") % facts
    if not unsure.threshold:
        return (
            _(
                "It gives a label to %(share)s of the texts, and is right on %(right)s of those. The rest goes to a person."
            )
            % facts
        )
    return (
        _(
            "From %(threshold)s on it counts as sure: that is so for %(share)s of the texts, and it is right on "
            "%(right)s of those. The rest goes to a person."
        )
        % facts
    )


def _refused(report: Report, found: Refused | None) -> str:
    """Texts that a person gets whatever the threshold is, though they belong to a label."""
    if not found or not found.rows:
        return ""
    facts = {"n": number_format(found.rows), "of": number_format(report.tested), "right": number_format(found.right)}
    return (
        ngettext(
            "%(n)s of %(of)s texts looks like none of the labels to it, so that it goes to a person whatever the "
            "threshold; for %(right)s of these the label would have been right.",
            "%(n)s of %(of)s texts look like none of the labels to it, so that they go to a person whatever the "
            "threshold; for %(right)s of these the label would have been right.",
            found.rows,
        )
        % facts
    )


def certainty(report: Report, answers_with: str = "") -> Certainty:
    """How many texts each threshold leaves, and how many of those are right, for whoever sets it."""
    found = report.certain_of(answers_with or report.verdict.recommend)
    points = [Threshold(one.threshold, 1 - one.coverage, None, one.accuracy) for one in found.coverage]
    unsure = found.unsure or Unsure()
    return Certainty(unsure.threshold, points, unsure.coverage)
