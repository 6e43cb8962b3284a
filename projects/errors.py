"""UserError: what a person can fix, said in three parts. Everything else gets an id that the person can quote."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise

logger = logging.getLogger(__name__)
Text = str | Promise


class UserError(Exception):
    """What happened, what is safe, and the one thing to do next. Each part is a translated sentence."""

    def __init__(self, what: Text, safe: Text = "", todo: Text = "", *, status: int = 422) -> None:
        super().__init__(what)
        self.what, self.safe, self.todo, self.status = what, safe, todo, status

    def __str__(self) -> str:
        return " ".join(str(part) for part in (self.what, self.safe, self.todo) if part)

    def as_dict(self) -> dict[str, str]:
        return {"what": str(self.what), "safe": str(self.safe), "todo": str(self.todo)}


def reference() -> str:
    """A short id that stands in the log beside the traceback and on the page before the person."""
    return secrets.token_hex(4)


class middleware:
    """Turns a UserError that a view let through into a page, or a fragment for htmx."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, UserError):
            return None
        fragment = getattr(request, "htmx", False)
        context: dict[str, Any] = {"error": error}
        return render(request, "_error.html" if fragment else "error.html", context, status=error.status)
