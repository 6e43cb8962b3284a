"""The two addresses behind the upload bar: begin a file, and send its pieces. They speak JSON."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from projects import access, json_text, uploading
from projects.errors import UserError
from projects.models import Dataset, Project, Upload
from projects.whole import whole

P = ParamSpec("P")


def speaks_json(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Refusals as JSON; somebody who is signed out hears so instead of getting the sign-in page."""

    @wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            gone = UserError(
                _("You are signed out."), _("What was sent is kept."), _("Sign in and choose the file again.")
            )
            return JsonResponse({"error": gone.as_dict()}, status=401)
        try:
            return view(request, *args, **kwargs)
        except UserError as error:
            return JsonResponse({"error": error.as_dict()}, status=error.status)

    return answer


@require_POST
@speaks_json
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Begins an upload, or goes on with the same file where it broke off."""
    return begin(request, access.project(request.user, pk, access.EDITOR))


def begin(request: HttpRequest, project: Project, items_for: Dataset | None = None) -> HttpResponse:
    """The answer to the first request of an upload; with ITEMS_FOR it is the table of items of that log."""
    wanted = _asked(request)
    name, size = wanted.get("name"), wanted.get("size")
    if not isinstance(name, str) or not isinstance(size, int) or isinstance(size, bool):
        raise UserError(
            _("The name and the size of the file are missing."), todo=_("Choose the file again."), status=400
        )
    return _answer(uploading.start(project, request.user, name, size, items_for))


@require_http_methods(["GET", "PUT"])
@speaks_json
def upload(request: HttpRequest, pk: str) -> HttpResponse:
    """GET: how far the file is. PUT: the next piece, beginning at the header Upload-Offset."""
    found = access.upload(request.user, pk)
    if request.method == "GET":
        return _answer(found)
    offset = request.headers.get("Upload-Offset", "")
    if not offset.isdecimal() or len(offset) > 18:
        raise UserError(_("The place of this piece is missing."), todo=_("Choose the file again."), status=400)
    if whole(request.headers.get("Content-Length")) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise UserError(_("The piece is too big."), todo=_("Choose the file again."), status=413)
    try:
        uploading.append(found, int(offset), request.body, request.user)
    except uploading.WrongOffset as wrong:
        return _answer(found, wrong.received)
    return _answer(found)


def _asked(request: HttpRequest) -> dict[str, object]:
    try:
        found = json_text.read(request.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _answer(upload: Upload, wrong: int | None = None) -> JsonResponse:
    said: dict[str, object] = {
        "id": str(upload.pk),
        "put_url": reverse("projects:upload", args=[upload.pk]),
        "offset": upload.received,
        "done": upload.complete,
    }
    if upload.complete:
        dataset: Dataset = uploading.dataset_of(upload, upload.created_by)
        said["next"] = reverse("projects:dataset", args=[dataset.pk])
    return JsonResponse(said, status=200 if wrong is None else 409)
