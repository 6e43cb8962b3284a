"""The code for the first visit: whoever sees the studio's log or terminal may own it, not whoever comes first.

It follows from the secret key, so every process knows it, and ends when there is an owner."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging

from django.conf import settings
from django.http import HttpRequest

from projects import asking

logger = logging.getLogger(__name__)
_said = False


def code() -> str:
    """Ten letters and digits: 50 bits, so it cannot be guessed."""
    made = hmac.digest(settings.SECRET_KEY.encode(), b"the code for the first visit", hashlib.sha256)
    letters = base64.b32encode(made).decode()
    return f"{letters[:5]}-{letters[5:10]}"


def fits(given: str) -> bool:
    wanted, typed = (_bare(text).encode() for text in (code(), given))
    return hmac.compare_digest(wanted, typed)


def needed(request: HttpRequest) -> bool:
    """Not for a browser on this machine. For others it is in the log from the moment that somebody looks for it."""
    global _said
    if asking.from_this_machine(request):
        return False
    if not _said:
        logger.warning("The studio has no owner yet. The set-up page asks for this code: %s", code())
        _said = True
    return True


def _bare(text: str) -> str:
    return "".join(text.split()).replace("-", "").upper()
