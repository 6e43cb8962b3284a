"""All rows of a dataset: searched, edited, added, taken out; and sets joined."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from projects import access, editing
from projects.errors import UserError
from projects.models import Dataset
from projects.whole import whole

PER_PAGE = 25


@require_safe
@login_required
def all_rows(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _editable(request, pk))


@require_POST
@login_required
def row(request: HttpRequest, pk: int) -> HttpResponse:
    """One row saved, taken out, or put back as it was; an empty key adds one."""
    dataset = _editable(request, pk, access.EDITOR)
    key = request.POST.get("key", "")[:12]
    if key and key != "+" and editing.row(dataset, key) is None:
        raise Http404
    values = {name: request.POST.get(f"value-{name}", "") for name, _title in editing.roles(dataset)}
    try:
        if request.POST.get("do") == "remove":
            editing.remove(dataset, key)
        elif request.POST.get("do") == "undo":
            editing.take_back(dataset, key)
        else:
            editing.change(dataset, key or "+", values)
    except UserError as error:
        return _page(request, dataset, error, typed=(key or "+", values))
    query = {"q": request.POST.get("q", ""), "page": request.POST.get("page", "")}
    address = (
        reverse("projects:all_rows", args=[pk]) + "?" + urlencode({name: one for name, one in query.items() if one})
    )
    return redirect(address + (f"#row-{key}" if key.isdecimal() else ""))


@require_POST
@login_required
def use(request: HttpRequest, pk: int) -> HttpResponse:
    dataset = _editable(request, pk, access.EDITOR)
    try:
        made = editing.apply(dataset, request.user)
    except UserError as error:
        return _page(request, dataset, error)
    messages.success(request, _("A new set is being made. The one before stays as it was."))
    return redirect("projects:dataset", made.pk)


@require_POST
@login_required
def join(request: HttpRequest, pk: int) -> HttpResponse:
    project = access.project(request.user, pk, access.EDITOR)
    chosen = [whole(one) for one in request.POST.getlist("dataset")[: editing.MOST_JOINED + 1]]
    made = editing.joined(project, list(project.datasets.filter(pk__in=chosen).order_by("created")), request.user)
    return redirect("projects:dataset", made.pk)


@require_POST
@login_required
def together(request: HttpRequest, pk: int) -> HttpResponse:
    """Puts a set that was just read to one that is ready."""
    fresh = access.dataset(request.user, pk, access.EDITOR)
    base = request.POST.get("base", "")
    made = editing.added_to(access.dataset(request.user, whole(base), access.EDITOR), fresh, request.user)
    messages.success(request, _("The rows are being put together. Each set that was ready stays as it was."))
    return redirect("projects:dataset", made.pk)


def _editable(request: HttpRequest, pk: int, role: str = access.VIEWER) -> Dataset:
    dataset = access.dataset(request.user, pk, role)
    if not editing.editable(dataset):
        raise Http404
    return dataset


def _page(
    request: HttpRequest,
    dataset: Dataset,
    error: UserError | None = None,
    typed: tuple[str, dict[str, str]] | None = None,
) -> HttpResponse:
    search = request.GET.get("q") or request.POST.get("q") or ""
    pages: Paginator[editing.Row] = Paginator(editing.Rows(dataset, search), PER_PAGE)
    context: dict[str, object] = {
        "dataset": dataset,
        "project": dataset.project,
        "search": search,
        "page": pages.get_page(request.GET.get("page") or request.POST.get("page")),
        "roles": [(name, title, (typed or ("", {}))[1].get(name, "")) for name, title in editing.roles(dataset)],
        "changes": len(dataset.edits),
        "may_edit": access.membership(request.user, dataset.project.team).may(access.EDITOR),
        "error": error,
    }
    return render(request, "projects/all_rows.html", context, status=error.status if error else 200)
