"""Score a file: bring a spreadsheet, get it back with a label, how sure it is, who needs a person and why, in a few columns more."""

from __future__ import annotations

import csv
import logging
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

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
MOST_BARS = 30
MOST_OTHERS = 2
"""Columns of the file besides its text that the page shows; the file that is fetched has all."""
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@login_required
@require_http_methods(["GET", "POST"])
def scorings(request: HttpRequest, pk: int) -> HttpResponse:
    """The files scored before, and a place for the next one."""
    role = access.EDITOR if request.method == "POST" else access.VIEWER
    endpoint = _rows.with_tab(request.user, pk, "score", role)
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
        "together": " + ".join(found.together),
        "shown": preview(found) if found.state == Scoring.State.DONE else None,
        "bars": bars(found),
        **amounts(found),
        "failure": found.error or None,
        "many": found.rows > work.EXPLAINED,
    }
    part = request.GET.get("part") == "progress" and getattr(request, "htmx", False)
    response = render(request, "endpoints/_scoring_progress.html" if part else "endpoints/scoring.html", context)
    if part and not found.open:
        response["HX-Refresh"] = "true"
    return response


def columns(found: Scoring) -> list[dict[str, object]]:
    """The columns to choose from, each with what stands in it."""
    reading = Reading.from_json(found.reading)
    return [
        {"name": one.name, "sample": " · ".join(one.examples[:2])[:160], "chosen": one.name == found.column}
        for one in reading.columns
    ]


def bars(found: Scoring) -> list[dict[str, object]]:
    """How many rows got each label, the commonest first, and what became of all others: all rows of the file."""
    counts = [(name[6:], rows) for name, rows in found.counts.items() if name.startswith("label:")]
    counts.sort(key=lambda pair: -pair[1])
    rest = sum(rows for _label, rows in counts[MOST_BARS:])
    others = [
        (_("Other labels"), rest),
        (_("For a person: not sure"), found.counts.get("unsure", 0)),
        (_("For a person: looks like none of the labels"), found.counts.get("outside", 0)),
        (_("No text"), found.counts.get("empty", 0)),
    ]
    bars = [{"label": label, "rows": rows, "other": False} for label, rows in counts[:MOST_BARS]]
    return bars + [{"label": label, "rows": rows, "other": True} for label, rows in others if rows]


def amounts(found: Scoring) -> dict[str, int]:
    """What became of the rows of the file; what is labelled, for a person and without text are all of them."""
    counts = found.counts
    return {
        "labelled": sum(rows for name, rows in counts.items() if name.startswith("label:")),
        "person": counts.get("unsure", 0) + counts.get("outside", 0),
        "looked_at": counts.get("looked_at", 0),
        "empty": counts.get("empty", 0),
    }


@dataclass(frozen=True)
class Preview:
    """How the result begins, with the columns that matter: the text, what was said of it, and a few others."""

    header: list[tuple[str, bool]]
    """Names, and whether what stands there is long."""
    rows: list[list[tuple[str, bool]]]
    columns: int
    """Of the whole file."""


def preview(found: Scoring) -> Preview | None:
    """The first rows as far as a page has room for them."""
    table = first_rows(found.result)
    if not table:
        return None
    header = table[0]
    names = Reading.from_json(found.reading).names
    own = range(len(names), len(header))
    texts = [place for place, name in enumerate(names) if name in found.columns]
    others = [place for place in range(len(names)) if place not in texts][:MOST_OTHERS]
    places = sorted({*others, *texts, *own})
    long = {*texts, *own[2:]}
    shown = [[(row[place] if place < len(row) else "", place in long) for place in places] for row in table]
    return Preview(shown[0], shown[1:], len(header))


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
    column, reasons = request.POST.get("column", found.column), bool(request.POST.get("reasons"))
    # A form without the question has nothing to put together.
    work.start(found, column, reasons, bool(request.POST.get("together")) or "column" not in request.POST)
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
