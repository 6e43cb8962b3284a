"""How far its certainty can be trusted: the reliability diagram, and how many texts it may answer alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

SIDE = 300.0
WIDE, HIGH = 340.0, 220.0
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
    line: str
    floor: int  # per cent at the bottom of the drawing
    mark: float
    height: float
    table: list[tuple[str, str, str]]


def percent(value: float | None) -> str:
    return "–" if value is None else _("%(n)s %%") % {"n": number_format(round(value * 100))}


def calibration(report: dict[str, Any]) -> Calibration | None:
    bins = [one for one in report.get("reliability") or [] if one["count"]]
    if not bins:
        return None
    places = [(one["confidence"] * SIDE, (1 - one["accuracy"]) * SIDE) for one in bins]
    most = max(one["count"] for one in bins)
    return Calibration(
        sentence=_says(max(bins, key=lambda one: one["count"])),
        judgement=_judged(report, bins),
        line=" ".join(f"{x:.1f},{y:.1f}" for x, y in places),
        dots=[
            (round(x, 1), round(y, 1), round(3 + 6 * (one["count"] / most) ** 0.5, 1))
            for (x, y), one in zip(places, bins, strict=True)
        ],
        table=[
            (
                f"{percent(one['low'])} – {percent(one['high'])}",
                percent(one["confidence"]),
                percent(one["accuracy"]),
                str(number_format(one["count"])),
            )
            for one in bins
        ],
    )


def _says(one: dict[str, Any]) -> str:
    return _("When it says %(said)s, it is right in %(right)s of 100 cases.") % {
        "said": percent(one["confidence"]),
        "right": number_format(round(one["accuracy"] * 100)),
    }


def _judged(report: dict[str, Any], bins: list[dict[str, Any]]) -> str:
    error = report.get("ece")
    if not error:
        return ""
    facts = {"n": number_format(round(error["mean"] * 100, 1), 1)}
    if error["mean"] <= CALIBRATED:
        return _("Over all texts its certainty is off by %(n)s points: you can take it as it is.") % facts
    total = sum(one["count"] for one in bins)
    over = sum(one["count"] * (one["confidence"] - one["accuracy"]) for one in bins) / total
    if over > 0:
        return (
            _("Over all texts its certainty is off by %(n)s points: it is often more sure than it should be.") % facts
        )
    return _("Over all texts its certainty is off by %(n)s points: it is often less sure than it could be.") % facts


def coverage(report: dict[str, Any]) -> Coverage | None:
    points = [one for one in report.get("coverage") or [] if one["accuracy"] is not None and one["coverage"] > 0]
    unsure = report.get("unsure")
    if len(points) < 2 or not unsure:
        return None
    floor = min(int(min(one["accuracy"] for one in points) * 10) / 10, 0.9)

    def down(accuracy: float) -> float:
        return HIGH * (1 - (accuracy - floor) / (1 - floor))

    return Coverage(
        sentence=_alone(unsure),
        line=" ".join(f"{one['coverage'] * WIDE:.1f},{down(one['accuracy']):.1f}" for one in points),
        floor=round(floor * 100),
        mark=round(unsure["coverage"] * WIDE, 1),
        height=round(down(max(unsure["accuracy"] or floor, floor)), 1),
        table=[(percent(one["threshold"]), percent(one["coverage"]), percent(one["accuracy"])) for one in points],
    )


def _alone(unsure: dict[str, Any]) -> str:
    facts = {
        "threshold": percent(unsure["threshold"]),
        "share": percent(unsure["coverage"]),
        "right": percent(unsure["accuracy"]),
    }
    if unsure["coverage"] >= 1:
        return _("It is sure enough of every text, and right on %(right)s of them.") % facts
    return (
        _(
            "From %(threshold)s on it counts as sure: that is so for %(share)s of the texts, and it is right on "
            "%(right)s of those. The rest goes to a person."
        )
        % facts
    )
