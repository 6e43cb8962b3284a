"""One page between "Retrain" and the training: the data is made, then it leads on by itself."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from projects import access
from projects.models import Dataset
from training import wording


@login_required
@require_safe
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the data is; on to its training once there is one, and to the data where nothing follows."""
    dataset = access.dataset(request.user, pk)
    run = dataset.runs.order_by("-created").first()
    over = dataset.state == Dataset.State.REJECTED or (dataset.state == Dataset.State.READY and not dataset.train_with)
    if run is not None or over:
        there = reverse("training:run", args=[run.pk]) if run else reverse("projects:dataset", args=[pk])
        return HttpResponse(headers={"HX-Redirect": there}) if getattr(request, "htmx", False) else redirect(there)
    context = {
        "dataset": dataset,
        "project": dataset.project,
        "preset": wording.preset_titles().get(dataset.train_with),
    }
    part = "#progress" if getattr(request, "htmx", False) else ""
    return render(request, f"training/follow.html{part}", context)
