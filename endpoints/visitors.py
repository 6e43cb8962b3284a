"""Who stands before an assistant: from which page, with which right, and how that is remembered without a name."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from endpoints.models import Endpoint
from projects import asking
from projects.models import Membership
from projects.users import User

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Visit:
    """One request or socket, as far as the rules need it."""

    origin: str  # the Origin header; empty outside a browser
    host: str  # the Host header
    secure: bool
    key: str  # the publishable key, when the page gave one
    address: str  # the network address, hashed

    @property
    def own(self) -> bool:
        """Whether the page comes from this studio itself. A program that is no browser sends no origin."""
        return not self.origin or same_site(self.origin, self.host)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def new_token() -> str:
    return secrets.token_urlsafe(24)


def same_site(origin: str, host: str) -> bool:
    """Origin against Host: a list of allowed hosts says nothing when it is "*"."""
    parts = urlsplit(origin)
    if parts.scheme not in PORTS or not parts.hostname:
        return False
    theirs = (parts.hostname, _port(parts) or PORTS[parts.scheme])
    ours = urlsplit(f"{parts.scheme}://{host}")
    return theirs == (ours.hostname, _port(ours) or PORTS[parts.scheme])


def _port(parts: SplitResult) -> int | None:
    try:
        port: int | None = parts.port
    except ValueError:
        return -1
    return port


def site(text: str) -> str:
    """One allowed site as people write it, made an origin: "shop.example.com/page" → "https://shop.example.com"."""
    text = text.strip().rstrip("/").lower()
    if text in {"", "*"}:
        return text
    if "://" not in text:
        name = text.split("/")[0].split(":")[0]
        text = f"{'http' if name in {'localhost', '127.0.0.1'} else 'https'}://{text}"
    parts = urlsplit(text)
    port = _port(parts)
    if parts.scheme not in PORTS or not parts.hostname or port == -1 or " " in text:
        raise ValueError(text)
    shown = "" if port in (None, PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{parts.hostname}{shown}"


def allowed_site(endpoint: Endpoint, origin: str) -> bool:
    """Whether the owner listed this origin, as it is or as *.example.com."""
    try:
        origin = site(origin)
    except ValueError:
        return False
    if not origin or origin == "*":
        return False
    return any(_covers(str(listed), origin) for listed in endpoint.allowed_sites)


def _covers(listed: str, origin: str) -> bool:
    if listed in {"*", origin}:
        return True
    scheme, _, rest = listed.partition("://")
    return rest.startswith("*.") and origin.startswith(f"{scheme}://") and origin.endswith(rest[1:])


def is_member(user: User, endpoint: Endpoint) -> bool:
    if not getattr(user, "is_authenticated", False):
        return False
    return Membership.objects.filter(team_id=endpoint.project.team_id, user=user.pk).exists()


def refusal(endpoint: Endpoint, visit: Visit, user: User) -> str:
    """Why this visitor may not chat: "origin", "hidden", or "" when they may."""
    open_to_all = endpoint.visibility in {Endpoint.Visibility.LINK, Endpoint.Visibility.PUBLIC}
    if not visit.own:
        keyed = secrets.compare_digest(visit.key.encode(), endpoint.publishable_key.encode())
        if not keyed or not allowed_site(endpoint, visit.origin):
            return "origin"
        return "" if open_to_all else "hidden"
    if open_to_all or (endpoint.visibility == Endpoint.Visibility.TEAM and is_member(user, endpoint)):
        return ""
    return "hidden"


def of_scope(scope: dict[str, Any], key: str = "") -> Visit:
    """The visit behind an ASGI scope, of a socket or of a request."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope.get("headers", [])}
    return Visit(
        origin=headers.get("origin", ""),
        host=headers.get("host", ""),
        secure=scope.get("scheme") in {"https", "wss"},
        key=key,
        address=asking.network_mark(asking.of_scope(scope)),
    )
