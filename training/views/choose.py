"""Choose how thorough the training is, and start it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from projects import access
from projects.wizard import rail
from training import plan, runs, wording
from training.forms import StartForm
from training.models import TrainingRun
from training.views import _rows


@login_required
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Three cards. GET shows them, POST starts."""
    dataset = access.dataset(request.user, pk, access.EDITOR if request.method == "POST" else access.VIEWER)
    runs.check_ready(dataset)
    plans = plan.all_presets(dataset)
    form = StartForm(request.POST or None, plans=plans, family=dataset.project.case.family)
    if request.method == "POST" and form.is_valid():
        run = runs.start(dataset, form.cleaned_data["preset"], form.overrides(), request.user)
        return redirect("training:run", run.pk)
    context = {
        "dataset": dataset,
        "project": dataset.project,
        "form": form,
        "cards": _cards(plans, form["preset"].value() or plan.recommended(plans)),
        "reasons": wording.reasons([pair for pair in _common(plans) if pair[0] != "no_worker"]),
        "alone": any(code == "no_worker" for code, _facts in plans[0].reasons),
        "steps": rail(dataset.project, "train", dataset),
        "may": _rows.may(request, dataset.project),
        "open_run": dataset.runs.filter(state__in=TrainingRun.OPEN).first(),
    }
    return render(request, "training/new.html", context, status=422 if form.errors else 200)


def _cards(plans: list[plan.Plan], chosen: str) -> list[dict[str, object]]:
    best, titles = plan.recommended(plans), wording.preset_titles()
    shared = {tuple_of(pair) for pair in _common(plans)}
    return [
        {
            "preset": one.preset,
            "title": titles[one.preset],
            "text": _preset_texts()[one.preset],
            "time": wording.duration(one.seconds),
            "beside": wording.longer(one.seconds - before.seconds, titles[before.preset])
            if before and wording.duration(before.seconds) == wording.duration(one.seconds)
            else "",
            "own": wording.reasons([pair for pair in one.reasons if tuple_of(pair) not in shared]),
            "chosen": one.preset == chosen,
            "recommended": one.preset == best,
        }
        for before, one in zip([None, *plans[:-1]], plans, strict=True)
    ]


def tuple_of(pair: list[Any]) -> tuple[str, str]:
    return pair[0], repr(pair[1])


def _common(plans: list[plan.Plan]) -> list[list[object]]:
    """Reasons that hold for all presets; the rest stands on the cards."""
    everywhere = set.intersection(*({tuple_of(pair) for pair in one.reasons} for one in plans))
    return [pair for pair in plans[0].reasons if tuple_of(pair) in everywhere]


def _preset_texts() -> dict[str, str]:
    return {
        "quick": _("A first version to see whether the data works. Good for trying things out."),
        "balanced": _("Learns longer and is measured with care. Right for most teams."),
        "thorough": _("Takes all the time it can use, and checks more often. For the version that stays."),
    }
