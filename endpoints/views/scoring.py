"""Score a file: bring a spreadsheet, get it back with a label, how sure it is and why, in three columns more."""

from __future__ import annotations

import csv
import logging
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from endpoints import scoring as work
from endpoints.models import Endpoint, Scoring
from endpoints.scored import KEPT
from endpoints.views import _rows
from endpoints.views.endpoint import common
from projects import access
from projects.errors import UserError
from projects.formats import Reading
from projects.formats.delimited import FIELD
from projects.forms import FileForm

logger = logging.getLogger(__name__)
PAGE = 20
SHOWN = 12
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@login_required
@require_http_methods(["GET", "POST"])
def scorings(request: HttpRequest, pk: int) -> HttpResponse:
    """The files scored before, and a place for the next one."""
    role = access.EDITOR if request.method == "POST" else access.VIEWER
    endpoint = _rows.classifier(request.user, pk, role)
    if request.method != "POST":
        return page(request, endpoint)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return page(request, endpoint, UserError(_("No file was chosen."), todo=_("Choose a file first.")))
    file = form.cleaned_data["file"]
    try:
        taken = work.take(endpoint, request.user, file.name, file.chunks())
    except UserError as error:
        return page(request, endpoint, error)
    return redirect("endpoints:scoring", pk=taken.pk)


def page(request: HttpRequest, endpoint: Endpoint, error: UserError | None = None) -> HttpResponse:
    rows = endpoint.scorings.select_related("created_by", "deployment__model")
    context = common(request, endpoint, "score") | {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "error": error,
        "limit": filesizeformat(settings.UPLOAD_LIMIT),
        "days": KEPT.days,
    }
    return render(request, "endpoints/scorings.html", context, status=error.status if error else 200)


@login_required
@require_GET
def scoring(request: HttpRequest, pk: int) -> HttpResponse:
    found = _rows.scoring(request.user, pk)
    context = common(request, found.endpoint, "score") | {
        "scoring": found,
        "columns": columns(found),
        "table": first_rows(found.result) if found.state == Scoring.State.DONE else [],
        "bars": bars(found),
        "unsure": found.counts.get("unsure", 0),
        "empty": found.counts.get("empty", 0),
        "failure": found.error or None,
        "many": found.rows > work.EXPLAINED,
    }
    part = request.GET.get("part") == "progress" and getattr(request, "htmx", False)
    response = render(request, "endpoints/_scoring_progress.html" if part else "endpoints/scoring.html", context)
    if part and not found.open:
        response["HX-Refresh"] = "true"
    return response


def columns(found: Scoring) -> list[dict[str, Any]]:
    """The columns to choose from, each with what stands in it."""
    reading = Reading.from_json(found.reading)
    return [
        {"name": one.name, "sample": " · ".join(one.examples[:2])[:160], "chosen": one.name == found.column}
        for one in reading.columns
    ]


def bars(found: Scoring) -> list[dict[str, Any]]:
    """How many rows got each label, the commonest first."""
    counts = [(name[6:], rows) for name, rows in found.counts.items() if name.startswith("label:")]
    counts.sort(key=lambda pair: -pair[1])
    return [{"label": label, "rows": rows} for label, rows in counts[:30]]


def first_rows(path: Path) -> list[list[str]]:
    """The beginning of the result, to look at before it is fetched."""
    shown: list[list[str]] = []
    csv.field_size_limit(FIELD)  # of the process: it takes what uploads may have
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in islice(csv.reader(file), SHOWN + 1):
                shown.append([cell[:200] for cell in row])
    except (OSError, csv.Error) as error:  # a cell of another format may be longer still
        logger.info("The result is shown as far as row %s: %s", len(shown), error)
    return shown


@login_required
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    found = _rows.scoring(request.user, pk, access.EDITOR)
    work.start(found, request.POST.get("column", found.column), bool(request.POST.get("reasons")))
    return redirect("endpoints:scoring", pk=pk)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    found = _rows.scoring(request.user, pk, access.EDITOR)
    if work.cancel(found):
        messages.success(request, _("Stopped. What was labelled so far is kept, so it can go on from there."))
    return redirect("endpoints:scoring", pk=pk)


@login_required
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    found = _rows.scoring(request.user, pk, access.EDITOR)
    work.delete(found)
    messages.success(request, _("The file and its labels are deleted."))
    return redirect("endpoints:scorings", pk=found.endpoint_id)


@login_required
@require_GET
def download(request: HttpRequest, pk: int) -> FileResponse:
    """The result as a workbook, or as CSV where that is asked."""
    found = _rows.scoring(request.user, pk)
    kind = "xlsx" if request.GET.get("format") == "xlsx" else "csv"
    file = found.workbook if kind == "xlsx" else found.result
    if found.state != Scoring.State.DONE or not file.exists():
        raise Http404
    name = f"{Path(found.name).stem[:80]}-{found.endpoint.slug}.{kind}"
    return FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type=KINDS[kind])
