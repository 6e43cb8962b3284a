"""Which labels a published classifier gives over time, and whether texts still look like those it learned from."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from endpoints import publishing
from endpoints.models import Endpoint
from endpoints.scored import LabelCount
from endpoints.trend_drawing import SHOWN, WORTH, Bucket, bars, lines, names, of_100, table
from projects import moments
from training.sureness import Certainty

DAYS = 28
WEEKS = 26
LATELY = 7
ENOUGH = 50
"""Texts below which a share says little and nothing is said about it."""
SOME, MUCH = 0.1, 0.25
"""Population stability index from which a shift is worth a word, and from which it is large; the usual cuts."""
CLEAR = 2.58
"""Standard errors that a difference has to be from nothing: about 99 of 100 by chance stay below."""


def buckets(endpoint: Endpoint, today: date | None = None) -> list[Bucket]:
    """The last four weeks by day, or half a year by week once there is more than four weeks to show."""
    today = today or timezone.now().date()
    rows = list(LabelCount.objects.filter(endpoint=endpoint, day__gt=today - timedelta(weeks=WEEKS), day__lte=today))
    if not rows:
        return []
    by_week = min(row.day for row in rows) <= today - timedelta(days=DAYS)
    step = 7 if by_week else 1
    count = WEEKS if by_week else DAYS
    found = [Bucket(today - timedelta(days=step * (count - place) - 1)) for place in range(count)]
    for row in rows:
        place = count - 1 - (today - row.day).days // step
        if place >= 0:
            _add(found[place], row)
    first = next((place for place, one in enumerate(found) if one.texts), None)
    if first is None:
        return []
    return found[min(first, count - 8) :]


def _add(bucket: Bucket, row: LabelCount) -> None:
    if row.label:
        bucket.labels[row.label] += row.count
        return
    bucket.texts += row.count
    bucket.unsure += row.unsure
    bucket.outside += row.outside


def lately(endpoint: Endpoint, today: date | None = None) -> Bucket:
    """The last seven days as one."""
    today = today or timezone.now().date()
    found = Bucket(today - timedelta(days=LATELY - 1))
    for row in LabelCount.objects.filter(endpoint=endpoint, day__gte=found.first, day__lte=today):
        _add(found, row)
    return found


def trained_on(endpoint: Endpoint) -> tuple[dict[str, float], int]:
    """Label → share of the training texts that had it, and how many texts those were."""
    deployment = endpoint.deployments.select_related("model__run__dataset").first()
    if deployment is None:
        return {}, 0
    dataset = deployment.model.run.dataset
    try:
        about = json.loads((dataset.folder / "dataset.json").read_text(encoding="utf-8"))
        labels = {str(name): int(rows) for name, rows in about["labels"].items()}
    except (OSError, ValueError, KeyError, AttributeError):
        return {}, 0
    kept = dataset.amounts.kept if about.get("multi") else 0
    total = kept or sum(labels.values())
    return ({name: rows / total for name, rows in labels.items()}, total) if total else ({}, 0)


# Drift -----------------------------------------------------------------------------------------------------------
def stability(now: Mapping[str, int], then: Mapping[str, float], texts_then: int) -> float:
    """Population stability index of the label shares, less what chance alone makes of so many texts.

    Sum of (now - then) * ln(now / then) over the labels. Between two samples of the same kind it is on average
    (labels - 1) * (1/n + 1/m), since n times it is nearly chi-square distributed.
    """
    names = sorted({*now, *then})
    total, whole = sum(now.values()), sum(then.values())
    if total == 0 or whole == 0 or len(names) < 2:
        return 0.0
    found = 0.0
    for name in names:
        a = (now.get(name, 0) + 0.5) / (total + 0.5 * len(names))
        e = (then.get(name, 0.0) / whole * texts_then + 0.5) / (texts_then + 0.5 * len(names))
        found += (a - e) * math.log(a / e)
    return max(0.0, found - (len(names) - 1) * (1 / total + 1 / max(1, texts_then)))


def differences(now: Bucket, then: Mapping[str, float], texts_then: int) -> list[tuple[str, float, float]]:
    """(label, share now, share in the training data) where they clearly differ, the largest difference first."""
    found = []
    for name in {*now.labels, *then}:
        a, e = now.share(name) or 0.0, then.get(name, 0.0)
        both = (a * now.texts + e * texts_then) / max(1, now.texts + texts_then)
        error = math.sqrt(max(both * (1 - both), 1e-9) * (1 / max(1, now.texts) + 1 / max(1, texts_then)))
        if abs(a - e) >= WORTH and abs(a - e) >= CLEAR * error:
            found.append((name, a, e))
    return sorted(found, key=lambda one: -abs(one[1] - one[2]))


@dataclass(frozen=True)
class Drift:
    """The last seven days against the training data, in words."""

    kind: str  # "", good, even or bad: how the page shows it
    title: str
    sentences: list[str]


def drift(endpoint: Endpoint, today: date | None = None) -> Drift:
    now = lately(endpoint, today)
    then, texts_then = trained_on(endpoint)
    if now.texts < ENOUGH or not then:
        text = _("From %(enough)s texts in seven days on, this compares them with the training data.")
        have = ngettext("So far there is %(count)s.", "So far there are %(count)s.", now.texts) % {"count": now.texts}
        return Drift("", _("Too few texts of the last seven days to compare"), [text % {"enough": ENOUGH}, have])
    index, moved = stability(now.labels, then, texts_then), differences(now, then, texts_then)
    said = [
        _("In the last seven days %(now)s of 100 texts were “%(label)s”; in the training data %(then)s of 100.")
        % {"label": label, "now": of_100(a), "then": of_100(e)}
        for label, a, e in moved[:3]
    ]
    said += _doubts(endpoint, now)
    if index >= MUCH:
        todo = _("Look at some of these texts. If they are of a new kind, label them and train again.")
        return Drift("bad", _("The labels have shifted a lot since the training"), [*said, todo])
    if index >= SOME or moved:
        return Drift("even", _("The labels have shifted somewhat since the training"), said)
    same = _("The labels come about as often as they did in the training data.")
    return Drift("good", _("No shift"), [same, *said])


def _doubts(endpoint: Endpoint, now: Bucket) -> list[str]:
    """How often it is not sure, beside what the report led one to expect."""
    share = now.unsure / now.texts
    said = [_("It was not sure about %(now)s of 100 texts.") % {"now": of_100(share)}]
    last = endpoint.deployments.select_related("model__run").first()
    certainty = publishing.certainty(last.model, last.answers_with) if last else Certainty()
    coverage = certainty.coverage
    if coverage is not None and abs(endpoint.threshold - (certainty.recommended or 0)) < 0.005:
        said = [
            _("It was not sure about %(now)s of 100 texts; in the report it was %(then)s of 100.")
            % {"now": of_100(share), "then": of_100(1 - coverage)}
        ]
    if now.outside >= 0.01 * now.texts:
        outside = _("%(now)s of 100 texts looked like none of its labels.")
        said.append(outside % {"now": of_100(now.outside / now.texts)})
    return said


# The page --------------------------------------------------------------------------------------------------------
def context(endpoint: Endpoint, today: date | None = None) -> dict[str, object]:
    """All that the page shows; without buckets there was nothing yet."""
    found = buckets(endpoint, today)
    if not found:
        return {"buckets": []}
    then, _texts = trained_on(endpoint)
    return {
        "buckets": found,
        "by_week": len(found) > 1 and (found[1].first - found[0].first).days == 7,
        "bars": bars(found),
        "top": max(one.texts for one in found),
        "lines": lines(found, then),
        "rows": table(found),
        "names": names(found)[:SHOWN],
        "drift": drift(endpoint, today),
        "total": sum(one.texts for one in found),
        "first": moments.day(found[0].first),
        "last": moments.day(found[-1].first),
    }
