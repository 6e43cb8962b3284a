"""The rows behind a report of labels: read them, put a wrong label right, train again with what was put right."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from projects import access, remaking
from projects.labels import relabelling
from projects.wizard import rail
from training import following
from training.families.classify import report as classify
from training.families.classify.report.mistakes import Seen
from training.ml.classify.report import Report
from training.models import ModelVersion
from training.views import _rows

MOST = 200
"""Rows of a cell that one page shows."""


def _labelled(request: HttpRequest, pk: int, role: str = access.VIEWER) -> tuple[ModelVersion, Report]:
    """A version with a report whose rows can be read; 404 for any other."""
    found = _rows.model(request, pk, role)
    report = found.reported.measured if found.reported else None
    if not isinstance(report, Report):
        raise Http404
    return found, report


def context(request: HttpRequest, model: ModelVersion, shown: list[Seen]) -> dict[str, object]:
    """What was put right already, on the rows and in all."""
    known = relabelling.relabelled(model.run.dataset)
    for one in shown:
        one.relabelled = known.get(one.id)
    return {
        "model": model,
        "relabelled": len(known),
        "may": _rows.may(request, model.project),
        # Rows of a test file of its own are not in the data that a version learns from.
        "relabels": model.run.test_dataset_id is None,
    }


@login_required
@require_safe
def rows(request: HttpRequest, pk: int) -> HttpResponse:
    """The texts that have one label and got another (or the same)."""
    model, report = _labelled(request, pk)
    truth, predicted = request.GET.get("truth", ""), request.GET.get("predicted", "")
    found = classify.behind(report, truth, predicted)
    facts = {
        **context(request, model, found[:MOST]),
        "found": found[:MOST],
        "total": len(found),
        "truth": truth,
        "predicted": predicted,
        "labels": report.labels,
        "multi": report.multi,
        "project": model.project,
        "steps": rail(model.project, "result", model.run.dataset),
    }
    part = "#rows" if getattr(request, "htmx", False) else ""
    return render(request, f"training/rows.html{part}", facts)


@login_required
@require_POST
def relabel(request: HttpRequest, pk: int) -> HttpResponse:
    """Says what the label of one text should be, or takes that back."""
    model, report = _labelled(request, pk, access.EDITOR)
    example = request.POST.get("example", "")
    row = classify.row_of(report, example)
    if row is None:
        raise Http404
    dataset = model.run.dataset
    if "undo" in request.POST:
        relabelling.undo_relabel(dataset, example, request.user)
    else:
        relabelling.relabel(dataset, example, request.POST.getlist("label"), request.user)
    if not getattr(request, "htmx", False):
        return redirect(f"{reverse('training:report', args=[pk])}#mistakes")
    # The same text can stand twice on a page; only its ids differ.
    where = "behind-" if request.POST.get("where") == "behind-" else ""
    facts = {**context(request, model, [row]), "row": row, "where": where}
    facts |= {"labels": report.labels, "multi": report.multi}
    return render(request, "training/_relabelled.html", facts)


@login_required
@require_POST
def retrain(request: HttpRequest, pk: int) -> HttpResponse:
    """One button: the data with the right labels in it, and the training that begins as soon as it is ready."""
    model, _report = _labelled(request, pk, access.EDITOR)
    source = model.run.dataset
    preset = following.preset_of(model.project)
    made = remaking.corrected_labels(source, relabelling.relabelled(source), request.user, train_with=preset)
    return redirect("training:follow", made.pk)
