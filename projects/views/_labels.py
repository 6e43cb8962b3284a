"""What the check page shows of labels: their balance, what is offered, rare ones and contradictions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects import families
from projects.labels import deciding, examining, offering, ordering, relabelling, settling, suggesting
from projects.labels.names import Decisions
from projects.labels.suggesting import Suggestion
from projects.models import Dataset

BARS = 12  # labels shown at once; the others open
MOST = 200  # labels that can be renamed on the page
HIDDEN = ("contradicting", "outvoted", "unlabelled", "label_left_out")  # flags that have a place here


def context(found: Dataset) -> dict[str, Any]:
    """What the section shows; nothing where the data has no labels."""
    if not families.of_project(found.project).labelled or not found.report:
        return {}
    decisions = Decisions.of(found.choices)
    cells = examining.cells(found.rows_file)
    if not found.mapping.get(found.project.case.roles[1].name) and not decisions.columns:
        offered = offering.suggestions(found, cells)
        return {"labels": {"none": True, "suggestions": [suggested(one) for one in offered]}}
    kept = examining.balance(found.rows_file, found.choices)
    shown = suggesting.shown_labels(cells, decisions)
    offered = offering.suggestions(found, cells)
    merging = {old for one in offered for old, _many, _new in one.changes}
    rare = [one for one in suggesting.rare(kept, decisions) if one[0] not in merging]
    # A label whose rows are all left out for other reasons is still there.
    bars = ordering.ordered({label: kept.get(label, 0) for label in shown})
    return {
        "labels": {
            "bars": bars[:BARS],
            "more": bars[BARS:MOST],
            "hidden": max(0, len(bars) - MOST),
            "most": max([1, *(many for _label, many in bars)]),
            "count": len(bars),
            "balance": balance_sentence(kept),
            "at_once": sum(one.kind != "columns" for one in offered),
            "suggestions": [suggested(one) for one in offered],
            "names": [label for label, _many in bars[:MOST]],
            "rare": [] if len(bars) == 1 or settling.like_ids(len(shown), sum(cells.values())) else rare[:30],
            "left_out": sorted(part for part, name in decisions.names.items() if name is None),
            "changed": changed(decisions),
            "split": "" if decisions.columns else decisions.split,
            "columns": decisions.columns,
            "contradictions": contradictions(found),
            "unlabelled": found.report.get("flags", {}).get("unlabelled", 0),
        }
    }


def result(found: Dataset) -> dict[str, object]:
    """The labels of data that is ready, the most frequent first; nothing where it has none."""
    labelled = families.of_project(found.project).labelled
    known = relabelling.facts(found.folder).get("labels") if labelled else None
    if not known:
        return {}
    bars = ordering.ordered(known)
    most = max(many for _label, many in bars)
    shown = {"bars": bars[:BARS], "more": bars[BARS:MOST], "most": most, "count": len(bars)}
    return {"label_balance": shown | {"hidden": max(0, len(bars) - MOST)}}


def balance_sentence(kept: Mapping[str, int]) -> str:
    """How even the labels are, in words."""
    found = sorted((many for many in kept.values() if many), reverse=True)
    if len(found) < 2:
        return ""
    times = found[0] / found[-1]
    if times < 1.5:
        return _("The labels are about equally frequent.")
    if times < 10:
        return _("Some labels are more frequent than others. Training takes that into account.")
    return _(
        "The most frequent label has %(times)d times as many rows as the rarest. More rows of rare labels help."
    ) % {"times": round(times)}


def suggested(one: Suggestion) -> dict[str, object]:
    """A suggestion with its labels put together by what they become."""
    groups: dict[str, list[tuple[str, int]]] = {}
    for old, many, new in one.changes:
        if old != new:
            groups.setdefault(new, []).append((old, many))
    return {
        "id": one.id,
        "kind": one.kind,
        "title": one.title,
        "text": suggesting.about(one),
        "groups": list(groups.items()),
        "examples": one.changes if one.kind in ("split", "columns") else (),
    }


def changed(decisions: Decisions) -> list[tuple[str, list[str]]]:
    """Label as shown → how it is written in the file, where that differs."""
    groups: dict[str, list[str]] = {}
    for old, new in decisions.names.items():
        if new is not None:
            groups.setdefault(new, []).append(old)
    return sorted((new, sorted(old)) for new, old in groups.items())


def contradictions(found: Dataset) -> dict[str, object] | None:
    counted = examining.contradictions(found.rows_file)
    if not counted["texts"]:
        return None
    text = ngettext(
        "%(texts)d text stands in the data with different labels.",
        "%(texts)d texts stand in the data with different labels.",
        counted["texts"],
    )
    return {
        "text": text % counted,
        "choice": deciding.contradiction_choice(found.choices),
        "options": [
            ("keep", _("Keep all")),
            ("majority", _("Keep the majority")),
            ("drop", _("Leave out")),
        ],
    }
