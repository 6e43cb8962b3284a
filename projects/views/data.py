"""Adding data to a project: a file, pasted rows, or the sample. Each works without JavaScript too."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from projects import access, datasets, families, uploading, usecases
from projects.errors import UserError
from projects.forms import FileForm, PasteForm
from projects.models import Dataset, Project
from projects.wizard import rail

SAMPLES = Path(usecases.__file__).parent / "samples"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def data(request: HttpRequest, pk: int) -> HttpResponse:
    """The ways to add data, and what was added before. A POST is the plain form with a file."""
    if request.method != "POST":
        return _page(request, access.project(request.user, pk))
    project = access.project(request.user, pk, access.EDITOR)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        error = UserError(_("No file was chosen."), todo=_("Choose a file first."))
        return _page(request, project, error)
    file = form.cleaned_data["file"]
    return _take(request, project, file.name, file.chunks())


@require_POST
@login_required
def paste(request: HttpRequest, pk: int) -> HttpResponse:
    project = access.project(request.user, pk, access.EDITOR)
    form = PasteForm(request.POST)
    if not form.is_valid():
        error = UserError(_("There are no rows in the box."), todo=_("Paste some rows first."))
        return _page(request, project, error, paste=form)
    return _take(request, project, _("Pasted rows"), [form.cleaned_data["text"].encode()])


@require_POST
@login_required
def sample(request: HttpRequest, pk: int) -> HttpResponse:
    project = access.project(request.user, pk, access.EDITOR)
    path = SAMPLES / project.case.sample
    if not path.is_file():
        raise Http404
    items = SAMPLES / project.case.sample_items if project.case.sample_items else None
    return _take(request, project, _("Sample data"), [path.read_bytes()], items)


def _take(
    request: HttpRequest, project: Project, name: str, chunks: Iterable[bytes], items: Path | None = None
) -> HttpResponse:
    """Stores the file (and with it a table of items) and goes to its page, where a worker reads it."""
    try:
        with transaction.atomic():
            upload = uploading.store(project, request.user, name, chunks)
            if items is None:
                dataset = uploading.dataset_of(upload, request.user)
            else:
                table = uploading.store_file(project, request.user, _("Sample items"), items)
                dataset = datasets.create_dataset(project, upload, request.user, items=table)
    except UserError as error:
        return _page(request, project, error)
    return redirect("projects:dataset", dataset.pk)


def _page(request: HttpRequest, project: Project, error: UserError | None = None, **forms: object) -> HttpResponse:
    limit = filesizeformat(settings.UPLOAD_LIMIT)
    datasets = project.datasets.defer("reading", "report", "history", "guesses").select_related("created_by")
    unfinished = uploading.unfinished(project, request.user)
    context = {
        "project": project,
        "datasets": datasets.filter(~Q(state=Dataset.State.UPLOADED) | Q(upload__isnull=False))[:100],
        "unfinished": [(one, one.received / one.size) for one in unfinished[:5]],
        "limit": limit,
        "hint": families.of_project(project).hint,
        "paste": forms.get("paste") or PasteForm(),
        "has_sample": bool(project.case.sample) and (SAMPLES / project.case.sample).is_file(),
        "error": error,
        "steps": rail(project, "data"),
        "joinable": project.datasets.filter(state=Dataset.State.READY).count() > 1,
        "may_edit": access.membership(request.user, project.team).may(access.EDITOR),
    }
    return render(request, "projects/data.html", context, status=error.status if error else 200)
