"""Labelling by hand: the labels first, then one text at a time; every label is kept as it is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from projects import access, families, label_names, labelling
from projects.errors import UserError
from projects.models import Dataset, Labelling
from projects.views import _desk
from projects.wizard import link, rail


@require_safe
@login_required
def page(request: HttpRequest, pk: int) -> HttpResponse:
    dataset = access.dataset(request.user, pk)
    if not families.of_project(dataset.project).labelled:
        raise Http404
    desk = labelling.of(dataset)
    if desk is None and not labelling.possible(dataset):
        messages.info(request, _("Every text of this data has a label."))
        return redirect("projects:dataset", pk)
    return _page(request, dataset, desk)


@require_safe
@login_required
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is and who else is at it; asking also keeps the text on the screen from others."""
    dataset, desk = _desk_of(request, pk, access.VIEWER)
    labelling.hold_on(desk, request.user)
    return render(request, "projects/labelling.html#state", _context(request, dataset, desk))


@require_POST
@login_required
def names(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds labels, renames or removes one. The first ones put the texts on the desk."""
    dataset = access.dataset(request.user, pk, access.EDITOR)
    sent = request.POST

    def change() -> None:
        desk = labelling.of(dataset) or labelling.begin(dataset, request.user, bool(sent.get("multi")))
        if sent.get("action") == "rename":
            label_names.rename(desk, sent.get("label", ""), sent.get("name", ""))
        elif sent.get("action") == "remove":
            label_names.remove(desk, sent.get("label", ""))
        else:
            label_names.add(desk, sent.get("names", "").splitlines())

    return _do(request, dataset, change)


@require_POST
@login_required
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Labels a text or skips it; the next one comes back."""
    dataset, desk = _desk_of(request, pk)
    sent = request.POST
    said = sent.get("text", "")
    text = int(said) if said.isascii() and said.isdigit() and len(said) < 19 else 0

    def say() -> None:
        if sent.get("action") == "skip":
            done = labelling.skip(desk, text, request.user)
        else:
            done = labelling.give(desk, text, sent.getlist("label"), request.user)
        if not done:
            raise UserError(
                _("Somebody else labelled this text meanwhile."),
                _("Everything else you labelled is kept."),
                _("Go on with the next one."),
                status=409,
            )

    return _do(request, dataset, say)


@require_POST
@login_required
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    dataset, desk = _desk_of(request, pk)
    return _do(request, dataset, lambda: labelling.undo(desk, request.user))


@require_POST
@login_required
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Skipped texts come once more."""
    dataset, desk = _desk_of(request, pk)
    return _do(request, dataset, lambda: labelling.look_again(desk))


@require_POST
@login_required
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """All that is labelled becomes a dataset."""
    dataset, desk = _desk_of(request, pk)
    try:
        made = labelling.finish(desk, request.user)
    except UserError as error:
        return _page(request, dataset, desk, error=error)
    return redirect("projects:dataset", made.pk)


def _desk_of(request: HttpRequest, pk: int, role: str = access.EDITOR) -> tuple[Dataset, Labelling]:
    dataset = access.dataset(request.user, pk, role)
    desk = labelling.of(dataset)
    if desk is None:
        raise Http404
    return dataset, desk


def _do(request: HttpRequest, dataset: Dataset, work: Callable[[], object]) -> HttpResponse:
    """Does it, and shows the desk; a refusal stands on it."""
    error = None
    try:
        work()
    except UserError as refusal:
        error = refusal
    if error is None and not getattr(request, "htmx", False):
        return redirect("projects:labelling", dataset.pk)
    return _page(request, dataset, labelling.of(dataset), error=error)


def _page(request: HttpRequest, dataset: Dataset, desk: Labelling | None, **extra: object) -> HttpResponse:
    part = "#desk" if getattr(request, "htmx", False) else ""
    context = {**_context(request, dataset, desk), **extra}
    if desk is not None and context["may_edit"]:
        context |= _desk.text(labelling.take(desk, request.user), context["labels"])
    status = 422 if extra.get("error") else 200
    return render(request, f"projects/labelling.html{part}", context, status=status)


def _context(request: HttpRequest, dataset: Dataset, desk: Labelling | None) -> dict[str, Any]:
    return {
        "dataset": dataset,
        "project": dataset.project,
        "desk": desk,
        "steps": rail(dataset.project, "check", dataset),
        "may_edit": access.membership(request.user, dataset.project.team).may(access.EDITOR),
        "train": link("training:new", desk.made_id) if desk and desk.made_id else "",
        "amount": dataset.amounts.unlabelled,
        **(_desk.state(desk, request.user) if desk else {"labels": [], "brought": list(labelling.labels_of(dataset))}),
    }
