"""A form that was sent by somebody whose session had ended: signed text in the sign-in page, then in the session.

Nothing of it is stored before somebody has signed in, so a stranger cannot fill the studio with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.core import signing
from django.http import HttpRequest
from django.urls import reverse

SALT = "studio.kept"
KEPT = "kept_form"  # in the session
LONGEST = 200_000  # characters of a form that are kept
FOR = 60 * 60  # seconds; who signs in at the same place a day later may be somebody else
HIDDEN = ("password", "secret", "token")  # in the name of a field: never kept, what is kept stands in a page
OWN = ("csrfmiddlewaretoken",)


@dataclass(frozen=True)
class Form:
    """Where it goes, the page on which it stood, and its fields."""

    to: str
    page: str
    fields: list[list[str]] = field(default_factory=list)

    @classmethod
    def of(cls, request: HttpRequest) -> Form | None:
        """What waits for the person who is signed in."""
        held: dict[str, Any] | None = request.session.get(KEPT)
        return cls(**held) if held else None


def signed(request: HttpRequest) -> str:
    """The form of a request as signed text; "" where it cannot be kept: files, passwords, very much of it."""
    fields = [[name, text] for name, texts in request.POST.lists() if name not in OWN for text in texts]
    much = sum(len(name) + len(text) for name, text in fields) > LONGEST
    if much or request.FILES or any(word in name for name, _text in fields for word in HIDDEN):
        return ""
    form = {"to": request.get_full_path(), "page": page(request), "fields": fields}
    return signing.dumps(form, salt=SALT, compress=True)


def opened(text: str) -> dict[str, object] | None:
    """The form in a signed text; nothing where it is not ours, or too old."""
    try:
        held: dict[str, object] = signing.loads(text, salt=SALT, max_age=FOR)
    except signing.BadSignature:
        return None
    return held


def lapsed(text: str) -> bool:
    """Whether it is ours, and only too old."""
    try:
        signing.loads(text, salt=SALT, max_age=FOR)
    except signing.SignatureExpired:
        return True
    except signing.BadSignature:
        return False
    return False


def brought(request: HttpRequest, text: str) -> bool:
    """Puts a signed form into the session of whoever has just signed in."""
    held = opened(text)
    if held is not None:
        request.session[KEPT] = held
    return held is not None


def forget(request: HttpRequest) -> None:
    """What waited is sent, or left."""
    request.session.pop(KEPT, None)


def page(request: HttpRequest) -> str:
    """The page of this studio on which the form stood; the first page where nobody says."""
    told = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    try:
        where = urlsplit(told)
    except ValueError:
        where = urlsplit("")
    ours = where.netloc == request.get_host() and where.path.startswith("/") and not where.path.startswith("//")
    return urlunsplit(("", "", where.path, where.query, "")) if ours else reverse("projects:home")
