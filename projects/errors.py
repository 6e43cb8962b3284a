"""UserError: what a person can fix, said in three parts. Everything else gets an id that the person can quote."""

from __future__ import annotations

import errno
import logging
import secrets
import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext as _

# The process that reads a file knows UserError and starts each time anew: pages and databases are loaded where used.
if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

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


FULL = ("disk is full", "no space left", "could not extend file", "disk quota exceeded")
CANNOT = ("disk i/o error", "unable to open database file")
LEAST = 1024 * 1024
"""Bytes without which SQLite can hardly begin to write."""
NOT_WRITABLE = ("readonly database", "read-only transaction", "read-only file system")
OURS = ("no such", "readonly", "syntax", "disk i/o", "does not exist")


def disk_full(error: BaseException) -> bool:
    from django.db import DatabaseError

    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    said = str(error).lower() if isinstance(error, DatabaseError) else ""
    # SQLite that finds no room for the files beside its own says that it cannot read or open, so the disk is asked.
    return any(sign in said for sign in FULL) or (any(sign in said for sign in CANNOT) and not _room())


def _room() -> bool:
    """Whether the disk of the studio takes anything at all."""
    from django.conf import settings

    try:
        return shutil.disk_usage(settings.HOME).free >= LEAST
    except OSError:
        return True  # it is not there, which is another mistake


def not_writable(error: BaseException) -> bool:
    """Whether the studio may not write where it keeps things: the disk went read-only, or the folder is another account's."""
    from django.db import DatabaseError

    if isinstance(error, OSError):
        return error.errno in (errno.EROFS, errno.EACCES, errno.EPERM)
    return isinstance(error, DatabaseError) and any(sign in str(error).lower() for sign in NOT_WRITABLE)


def database_away(error: BaseException) -> bool:
    """Whether the database cannot be asked just now: locked, being restarted, or not reached."""
    from django.db import InterfaceError, OperationalError

    if not isinstance(error, OperationalError | InterfaceError) or disk_full(error):
        return False
    return not any(sign in str(error).lower() for sign in OURS)


def queue_away(error: BaseException) -> bool:
    """Whether Redis, or another queue, does not answer. It keeps messages and counts of limits; the rows are elsewhere."""
    kinds = {f"{kind.__module__.partition('.')[0]}.{kind.__name__}" for kind in type(error).__mro__}
    return bool(kinds & {"redis.ConnectionError", "redis.TimeoutError", "kombu.OperationalError"})


def raced(error: BaseException) -> bool:
    """Whether two stored at once what there may be one of: a name, what is live. The database let the first one."""
    from django.db import IntegrityError

    signs = ("unique constraint", "duplicate key")
    return isinstance(error, IntegrityError) and any(sign in str(error).lower() for sign in signs)


def trouble(error: BaseException | None) -> UserError | None:
    """What the machine lacks just now, for every page alike; None for anything else."""
    if error is not None and disk_full(error):
        logger.error("The disk is full: %s", error)
        return UserError(
            _("The disk of this studio is full."),
            _("Nothing was changed. What was stored before is safe."),
            _("Ask whoever runs the studio to free some space, then try again."),
            status=507,
        )
    if error is not None and not_writable(error):
        logger.error("The studio cannot write where it keeps things: %s", error)
        return UserError(
            _("This studio cannot store anything just now: its folder cannot be written."),
            _("Nothing was changed. What was stored before is safe."),
            _("Tell whoever runs the studio: its disk is read-only, or its folder belongs to another account."),
            status=503,
        )
    if error is not None and database_away(error):
        logger.error("The database is locked or away: %s", error)
        return UserError(
            _("The database of this studio does not answer just now."),
            _("Nothing was changed."),
            _("Wait a moment and try again. If it stays so, tell whoever runs the studio."),
            status=503,
        )
    if error is not None and raced(error):
        logger.warning("Two did the same at the same moment: %s", error)
        return UserError(
            _("Somebody did the same thing at the same moment and was a little quicker."),
            _("Nothing of yours was changed."),
            _("Load the page again and look at what is there now."),
            status=409,
        )
    if error is not None and queue_away(error):
        logger.error("The queue is away: %s", error)
        return UserError(
            _("A part of this studio does not answer just now: its queue."),
            _("What you have stored is safe."),
            _("Wait a moment and try again. If it stays so, tell whoever runs the studio."),
            status=503,
        )
    return None


def page_of(request: HttpRequest, error: UserError) -> HttpResponse:
    """Of a trouble, which may keep the page itself from the database."""
    from django.db import DatabaseError
    from django.http import HttpResponse
    from django.shortcuts import render

    fragment = getattr(request, "htmx", False)
    try:
        return render(request, "_error.html" if fragment else "trouble.html", {"error": error}, status=error.status)
    except DatabaseError:
        return HttpResponse(str(error), status=error.status, content_type="text/plain; charset=utf-8")


class middleware:
    """Turns a UserError that a view let through into a page, or a fragment for htmx."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if found := trouble(error):
            return page_of(request, found)
        if not isinstance(error, UserError):
            return None
        from django.shortcuts import render

        fragment = getattr(request, "htmx", False)
        context: dict[str, object] = {"error": error}
        return render(request, "_error.html" if fragment else "error.html", context, status=error.status)
