"""How often a password may be tried: by account and network, by network, by account, each with a delay that grows.

Whoever has signed in from a browser before is known there, and strangers' wrong guesses do not keep them out.
"""

from __future__ import annotations

import hashlib
import hmac
import time
import unicodedata
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse

from projects import asking
from studio.models import User

COOKIE = "known_here"
REMEMBERED = 5
"""People who are known in one browser; a family or a desk shares one."""
YEAR = 365 * 24 * 3600
FORGOTTEN_AFTER = 3600


@dataclass(frozen=True)
class Limit:
    """FREE wrong tries, then one after each delay, which doubles up to the longest."""

    name: str
    free: int
    first: int = 60
    longest: int = 900

    def delay(self, tries: int) -> int:
        return min(self.longest, self.first << min(tries - self.free, 10))

    @property
    def _key(self) -> str:
        return "tries:" + hashlib.sha256(self.name.encode()).hexdigest()[:32]

    def waiting(self) -> int:
        """Seconds until the next try. A mark from the future is from before the clock was set back, and counts no more."""
        key = f"{self._key}:wait"
        began, delay = cache.get(key) or (0.0, 0)
        gone = time.time() - began
        if gone < -1:
            cache.delete(key)
            return 0
        return max(0, round(delay - gone))

    def take(self) -> bool:
        """Counts a try before it is made, so that a hundred at once are no way round."""
        cache.add(self._key, 0, FORGOTTEN_AFTER)
        try:
            tries = cache.incr(self._key)
        except ValueError:  # the cache dropped it between the two calls
            tries = 1
        if tries < self.free:
            return True
        delay = self.delay(tries)
        return bool(cache.add(f"{self._key}:wait", (time.time(), delay), delay))

    def forgive(self) -> None:
        cache.delete_many([self._key, f"{self._key}:wait"])

    def give_back(self) -> None:
        """The try was right, which says nothing of the wrong ones before it."""
        try:
            left = cache.decr(self._key)
        except ValueError:
            return
        if left < self.free:
            cache.delete(f"{self._key}:wait")


@dataclass(frozen=True)
class Attempt:
    """One try at signing in. The first limit is this person's own here; the others are shared with strangers."""

    limits: tuple[Limit, ...]

    @classmethod
    def of(cls, request: HttpRequest, email: str) -> Attempt:
        email, network = _one_spelling(email), asking.network(asking.of_request(request))
        device = known_device(request, email)
        if device:
            return cls((Limit(f"device {device} {email}", 10),))
        return cls(
            (
                Limit(f"pair {email} {network}", 5),
                Limit(f"network {network}", 20),
                Limit(f"account {email}", 50, longest=300),
            )
        )

    def wait(self) -> int:
        """Seconds that this try has to wait; 0 when it may be made, and then it is counted."""
        longest = max(limit.waiting() for limit in self.limits)
        if longest:
            return longest
        taken = [limit.take() for limit in self.limits]  # each counts, whatever the others say
        return 0 if all(taken) else max(1, *(limit.waiting() for limit in self.limits))

    def succeeded(self) -> None:
        self.limits[0].forgive()
        for limit in self.limits[1:]:
            limit.give_back()


def _one_spelling(email: str) -> str:
    """The same for all that a database may take for the same address, so that no spelling has limits of its own."""
    return unicodedata.normalize("NFKC", email.replace("\x00", "")).strip().upper().casefold()[:300]


def known_device(request: HttpRequest, email: str) -> str:
    """A mark of this browser and account when the person has signed in here before, else nothing."""
    known = _read(request)
    if not known:
        return ""
    user = User.objects.filter(email__iexact=email).first()
    mark = known.get(str(user.pk)) if user else None
    return mark if user and mark and hmac.compare_digest(mark, _mark(user)) else ""


def remember(request: HttpRequest, response: HttpResponse) -> None:
    """Makes a signed-in person known in this browser. A new password makes them new everywhere."""
    user = request.user
    if not user.is_authenticated:
        return
    known, mark = _read(request), _mark(user)
    if known.get(str(user.pk)) == mark:
        return
    kept = {pk: one for pk, one in known.items() if pk != str(user.pk)} | {str(user.pk): mark}
    text = ".".join(f"{pk}-{one}" for pk, one in [*kept.items()][-REMEMBERED:])
    response.set_signed_cookie(
        COOKIE, text, salt=COOKIE, max_age=YEAR, httponly=True, samesite="Lax", secure=settings.SECURE
    )


def _read(request: HttpRequest) -> dict[str, str]:
    try:
        text = request.get_signed_cookie(COOKIE, "", salt=COOKIE, max_age=YEAR) or ""
    except BadSignature:
        return {}
    return dict(part.split("-", 1) for part in text.split(".") if "-" in part)


def _mark(user: User) -> str:
    return hashlib.sha256(f"{user.pk} {user.get_session_auth_hash()}".encode()).hexdigest()[:24]
