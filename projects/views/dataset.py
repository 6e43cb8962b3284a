"""One dataset: how far it is, what was understood of it, and the person's choices until it is ready."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from projects import access, checking, editing, importing, labelling, reopening, trainable
from projects.errors import UserError
from projects.forms import MappingForm, ReadingForm
from projects.models import Dataset
from projects.views import _again, _check
from projects.views import families as looks
from projects.wizard import WORKING, link, rail

State = Dataset.State
# Refusals that another way of reading may cure; a picture stays a picture.
CURABLE = {
    "no_data", "no_rows", "too_little", "mixed_encodings", "no_encoding", "no_such_sheet", "no_such_member", "long_line",
    "too_many_columns", "no_exchange",
}  # fmt: skip


@require_safe
@login_required
def dataset(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of every state. The bar asks for its own part each second and gets the whole page when it is over."""
    found = access.dataset(request.user, pk)
    if request.GET.get("part") == "progress" and getattr(request, "htmx", False):
        if found.state in WORKING:
            return render(request, "projects/dataset.html#progress", _progress(found))
        response = _page(request, found)
        response["HX-Retarget"] = response["HX-Reselect"] = "#main"
        response["HX-Reswap"] = "outerHTML"
        return response
    return _page(request, found)


@require_POST
@login_required
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Reads the file again, with corrections when the form has some."""
    found = access.dataset(request.user, pk, access.EDITOR)
    overrides: dict[str, object] | None = None
    if request.POST.get("offer") in found.reading.get("offers", []):
        overrides = {**found.overrides, request.POST["offer"]: True}
    elif request.POST.get("take_back") in found.overrides:
        overrides = {name: value for name, value in found.overrides.items() if name != request.POST["take_back"]}
    elif request.POST.get("table") and not request.POST.keys() - {"table", "csrfmiddlewaretoken"}:
        # A press of its button: the sheet stays the one that was picked, the header is looked for again.
        kept = {name: value for name, value in found.overrides.items() if name != "header_row"}
        overrides = {**kept, "table": request.POST["table"][:10]}
    elif "as_it_was" not in request.POST:
        form = ReadingForm(found, request.POST)
        if not form.is_valid():
            return _page(request, found, reading_form=form)
        overrides = form.overrides()
    return _do(request, found, lambda: checking.read_again(found, request.user, overrides))


@require_POST
@login_required
def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    found = access.dataset(request.user, pk, access.EDITOR)
    if role := request.POST.get("role"):
        wanted = request.POST.get("together") == "yes"
        return _do(request, found, lambda: checking.read_together(found, request.user, role, wanted))
    form = MappingForm(found, request.POST)
    if not form.is_valid():
        return _page(request, found, mapping_form=form)
    return _do(request, found, lambda: checking.map_columns(found, request.user, form.mapping()))


@require_POST
@login_required
def choice(request: HttpRequest, pk: int) -> HttpResponse:
    """What happens to the rows behind one count, to one value of the answers, or which answer to a question stays.

    The report switches at once."""
    found = access.dataset(request.user, pk, access.EDITOR)
    flag, wish = request.POST.get("flag", ""), request.POST.get("choice", "")
    if "row" in request.POST:
        row = request.POST["row"]
        return report(request, found, lambda: checking.choose_answer(found, request.user, row, wish))
    if "value" in request.POST:
        value = request.POST["value"]
        return report(request, found, lambda: checking.choose_value(found, request.user, value, wish))
    return report(request, found, lambda: checking.choose(found, request.user, flag, wish))


@require_POST
@login_required
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    found = access.dataset(request.user, pk, access.EDITOR)
    return report(request, found, lambda: checking.undo(found, request.user))


@require_POST
@login_required
def use(request: HttpRequest, pk: int) -> HttpResponse:
    found = access.dataset(request.user, pk, access.EDITOR)
    return _do(request, found, lambda: checking.accept(found, request.user))


@require_POST
@login_required
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Opens the check of the file once more, beside the set that is ready."""
    found = access.dataset(request.user, pk, access.EDITOR)
    try:
        made = reopening.reopened(found, request.user)
    except UserError as error:
        return _page(request, found, error=error)
    return redirect("projects:dataset", made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first, then deletes."""
    found = access.dataset(request.user, pk, access.EDITOR)
    before = reopening.before(found) if found.state in reopening.OPEN else None
    if request.method != "POST":
        context = {"dataset": found, "used": checking.used(found), "before": before}
        return render(request, "projects/delete.html", context)
    try:
        checking.delete(found, request.user)
    except UserError as error:
        return render(request, "projects/delete.html", {"dataset": found, "used": True, "error": error}, status=409)
    if before:
        messages.success(request, _("“%(name)s” is as it was.") % {"name": before.name})
        return redirect("projects:dataset", before.pk)
    messages.success(request, _("The data was deleted."))
    return redirect("projects:data", found.project_id)


def _do(request: HttpRequest, found: Dataset, work: Callable[[], object]) -> HttpResponse:
    try:
        work()
    except UserError as error:
        return _page(request, found, error=error)
    return redirect("projects:dataset", found.pk)


def report(request: HttpRequest, found: Dataset, work: Callable[[], object]) -> HttpResponse:
    """Does the work; then the report alone for htmx, else the page."""
    if not getattr(request, "htmx", False):
        return _do(request, found, work)
    work()  # a refusal becomes a fragment in the middleware
    if found.state in WORKING:  # the rows are looked at again
        return HttpResponse(headers={"HX-Redirect": reverse("projects:dataset", args=[found.pk])})
    look = looks.of_project(found.project)
    return render(request, f"{look.check}#report", {**_base(request, found), **look.page.report(found)})


def shown(request: HttpRequest, found: Dataset, error: UserError) -> HttpResponse:
    """The page with a refusal on it."""
    found.refresh_from_db()
    return _page(request, found, error=error)


def _page(request: HttpRequest, found: Dataset, **extra: object) -> HttpResponse:
    context = {**_base(request, found), **extra}
    if found.state in WORKING:
        context |= _progress(found)
    elif found.state == State.CHECKING:
        context |= looks.of_project(found.project).page.everything(found)
        context.setdefault("reading_form", ReadingForm(found))
        form = context.setdefault("mapping_form", MappingForm(found))
        context["columns"] = _check.mapped(found, form) if isinstance(form, MappingForm) else []
        context |= {"left_over": _check.left_over(found), "joined": _check.joined(found)}
        context["before"] = reopening.before(found)
    elif found.state == State.REJECTED:
        context["rejection"] = importing.error_of(found)
        context["readable"] = bool(found.reading) or found.error.get("code") in CURABLE
        context.setdefault("reading_form", ReadingForm(found))
    else:
        place = labelling.place(found)
        by_hand = reverse("projects:labelling", args=[place.pk]) if place else ""
        missing = trainable.refusal(found) if found.purpose != "test" else None
        train = "" if missing else link("training:new", found.pk)
        context |= {
            **looks.of_project(found.project).page.result(found),
            "train": train,
            "missing": missing,
            "by_hand": by_hand,
            "again": _again.of(found),
        }
    bad = "error" in extra or any(getattr(extra.get(name), "errors", None) for name in ("reading_form", "mapping_form"))
    return render(request, "projects/dataset.html", context, status=422 if bad else 200)


def _base(request: HttpRequest, found: Dataset) -> dict[str, object]:
    step = "train" if found.state == State.READY else "check"
    return {
        "dataset": found,
        "project": found.project,
        "look": looks.of_project(found.project),
        "steps": rail(found.project, step, found),
        "may_edit": access.membership(request.user, found.project.team).may(access.EDITOR),
        "limit": filesizeformat(settings.UPLOAD_LIMIT),
        "editable": editing.editable(found),
        "to_join": editing.choices_to_join(found) if found.state == State.CHECKING else [],
    }


def _progress(found: Dataset) -> dict[str, object]:
    started, share, rows = found.amounts.started, found.progress, found.amounts.rows
    seconds = (time.time() - started) * (1 - share) / share if started and share > 0.05 else 0
    detail = ngettext("%(n)s row so far", "%(n)s rows so far", rows) % {"n": number_format(rows)}
    return {"dataset": found, "left": _left(seconds), "detail": detail if rows else "", "waiting": not found.worker}


def _left(seconds: float) -> str:
    if seconds <= 0:
        return ""
    if seconds < 90:
        n = max(1, round(seconds))
        return ngettext("about %(n)s second left", "about %(n)s seconds left", n) % {"n": n}
    n = round(seconds / 60)
    return ngettext("about %(n)s minute left", "about %(n)s minutes left", n) % {"n": number_format(n)}
