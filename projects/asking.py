"""Who is asking: the one place that says so, for every limit, sign-in, socket and record."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
HEADER = "x-forwarded-for"


def of_request(request: HttpRequest) -> str:
    """The address of who sent a request."""
    return address(request.META.get("REMOTE_ADDR", ""), request.headers.get(HEADER, ""))


def of_scope(scope: Mapping[str, Any]) -> str:
    """The same for a socket, or for a request that Django has not seen yet."""
    said = [value for name, value in scope.get("headers", []) if name.lower() == HEADER.encode()]
    return address((scope.get("client") or [""])[0], b",".join(said).decode("latin-1"))


def address(peer: str, forwarded: str) -> str:
    """The peer; behind our proxies, the address that the outermost of them saw.

    Each proxy adds whom it saw at the right end, so what a visitor invents stands to the left of that and is never read. A
    peer that is no proxy of ours may say what it likes.
    """
    seen = _parsed(peer)
    if settings.PROXIES < 1 or seen is None or not is_proxy(peer):
        return str(seen or peer)
    named = [part for part in forwarded.split(",") if part.strip()][-settings.PROXIES :]
    found = _parsed(named[0]) if named else None
    return str(found or seen)


def is_proxy(peer: str) -> bool:
    """Whether this machine may say on whose behalf it asks."""
    seen = _parsed(peer)
    return seen is not None and any(
        seen in network for network in settings.TRUSTED_PROXIES if network.version == seen.version
    )


def behind_proxy(peer: str) -> bool:
    """Whether a connection is one of our proxies', which speaks for many."""
    return settings.PROXIES > 0 and is_proxy(peer)


def network(address: str) -> str:
    """What counts as one visitor, as an address: an IPv6 household has 2^64 addresses."""
    seen = _parsed(address)
    if seen is None:
        return address
    if isinstance(seen, ipaddress.IPv6Address):
        return str(ipaddress.ip_network(f"{seen}/64", strict=False).network_address)
    return str(seen)


def network_mark(address: str) -> str:
    """The same as a short mark that does not say who it was."""
    return hashlib.sha256(network(address).encode()).hexdigest()[:24]


def _parsed(text: str) -> Address | None:
    """An address, with or without a port; IPv4 inside IPv6 is IPv4."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].split("]", 1)[0]
    elif text.count(":") == 1:
        text = text.split(":", 1)[0]
    try:
        found = ipaddress.ip_address(text.split("%", 1)[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


LOCAL = ("localhost", ".localhost", "127.0.0.1", "[::1]")
PASSED_ON = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")


def from_this_machine(request: HttpRequest) -> bool:
    """Whether whoever asks sits at this machine. Nobody does who comes through a proxy, behind which all look local."""
    passed_on = settings.PROXIES or any(name in request.headers for name in PASSED_ON)
    return not passed_on and request.META.get("REMOTE_ADDR") in {"127.0.0.1", "::1"} and _by_a_name_of_ours(request)


def _by_a_name_of_ours(request: HttpRequest) -> bool:
    """A page on the Web may give its own name this machine's address, so that the owner's browser asks on its behalf."""
    name = split_domain_port(request.headers.get("Host", ""))[0] or request.META.get("SERVER_NAME", "")
    return validate_host(name, [*LOCAL, *(host for host in settings.ALLOWED_HOSTS if host != "*")])
