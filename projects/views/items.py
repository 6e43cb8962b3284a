"""The table of items beside a log: add it, say which column is what, go on without it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from projects import access, families, item_tables, uploading
from projects.errors import UserError
from projects.forms import FileForm
from projects.interactions.itemroles import ROLES
from projects.models import Dataset
from projects.views import dataset as page
from projects.views.uploads import begin, speaks_json


@require_POST
@login_required
def items(request: HttpRequest, pk: int) -> HttpResponse:
    """The plain form with a file."""
    found = _log(request, pk)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        error = UserError(_("No file was chosen."), todo=_("Choose a file first."))
        return page.shown(request, found, error=error)
    file, upload = form.cleaned_data["file"], None
    try:
        with transaction.atomic():
            upload = uploading.store(found.project, request.user, file.name, file.chunks())
            found = item_tables.add(found, upload, request.user)
    except UserError as error:
        if upload is not None:  # its row is gone with the transaction
            upload.path.unlink(missing_ok=True)
        return page.shown(request, found, error=error)
    return redirect("projects:dataset", found.pk)


@require_POST
@speaks_json
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Begins to send the file in pieces, or goes on with it."""
    found = _log(request, pk)
    return begin(request, found.project, found)


@require_POST
@login_required
def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    found = _log(request, pk)
    names = [column["name"] for column in found.items_reading.get("columns", [])]
    asked = {role.name: request.POST.get(role.name, "") for role in ROLES}
    columns = {role: column if column in names else None for role, column in asked.items()}
    given = [column for column in columns.values() if column]
    try:
        if not columns["item"]:
            raise UserError(
                _("No column is chosen for “%(role)s”.") % {"role": ROLES[0].title}, _("Nothing was changed.")
            )
        if len(given) > len(set(given)):
            raise UserError(_("A column is chosen twice."), _("Nothing was changed."), _("Choose another one."))
        item_tables.map_columns(found, request.user, columns)
    except UserError as error:
        return page.shown(request, found, error=error)
    return redirect("projects:dataset", found.pk)


@require_POST
@login_required
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Goes on without the table."""
    found = _log(request, pk)
    try:
        item_tables.remove(found, request.user)
    except UserError as error:
        return page.shown(request, found, error=error)
    return redirect("projects:dataset", found.pk)


def _log(request: HttpRequest, pk: int) -> Dataset:
    """The dataset; 404 where no table of items can lie beside it."""
    found = access.dataset(request.user, pk, access.EDITOR)
    if not families.of_project(found.project).takes_items:
        raise Http404
    return found
