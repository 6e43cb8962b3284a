"""The first thing that a request or socket meets: whose host it names, how much it may bring, how many sockets it holds.

Nothing is read before that is known, and a body without a length is counted while it comes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.http.cookie import parse_cookie
from django.http.request import split_domain_port, validate_host

from endpoints.models import ApiKey
from projects import asking
from projects.errors import trouble
from projects.models import Membership
from projects.models.team import Role
from studio import threads

logger = logging.getLogger(__name__)
Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

SMALL = 1024 * 1024
"""What anybody may send at once."""
IDLE = 30.0
"""Seconds that a body may pause."""
SLOWEST = 1024
"""Bytes a second that a body brings at least, on the whole: a byte now and then would hold its place for years."""
SOCKETS = 200
"""Sockets that one network may hold: an office, or everybody behind a proxy that says nothing of them."""


TRY_AGAIN = 1013


class TooMuch(Exception):
    """The body is longer than this door takes."""


class TooSlow(Exception):
    """The rest of the body does not come."""


class Door:
    """Wraps the whole application."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.sockets: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope.get("headers", [])}
        known = validate_host(split_domain_port(headers.get(b"host", ""))[0], settings.ALLOWED_HOSTS)
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send, known)
        elif scope["type"] == "http" and scope["path"] == "/healthz":
            # Asked to see whether the process still turns, which no busy page may hold up.
            stuck = threads.stuck()
            said = {"status": "stuck" if stuck else "ok", "version": settings.VERSION}
            await reply(send, 503 if stuck else 200, json.dumps(said), b"application/json")
        elif scope["type"] == "http" and not known:
            await reply(
                send, 400, "This address is not one of the studio's. Whoever runs it can add it to ALLOWED_HOSTS."
            )
        else:
            await self._request(scope, receive, send, headers)

    async def _socket(self, scope: Scope, receive: Receive, send: Send, known: bool) -> None:
        network = asking.network(asking.of_scope(scope))
        if not known or self.sockets[network] >= SOCKETS:
            logger.info("A socket was refused: %s", "too many from one network" if known else "another host")
            await send({"type": "websocket.close", "code": 4429 if known else 4403})
            return
        self.sockets[network] += 1
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            if trouble(error) is None:  # which says it in one line of the log
                raise
            with contextlib.suppress(OSError, RuntimeError):  # it may be closed already
                await send({"type": "websocket.close", "code": TRY_AGAIN})
        finally:
            self.sockets[network] -= 1
            if not self.sockets[network]:
                del self.sockets[network]

    async def _request(self, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, str]) -> None:
        body = Body(scope, receive, headers)
        began = False

        async def sending(message: Message) -> None:
            nonlocal began
            began = began or message["type"] == "http.response.start"
            await send(message)

        try:
            await body.check(announced(headers))
            await self.app(scope, body.receive, sending)
        except (TooMuch, TooSlow) as refused:
            logger.info("A request to %s was refused: %s", scope["path"][:100], type(refused).__name__)
            if began:
                raise
            if isinstance(refused, TooMuch):
                await reply(send, 413, "This is more than can be sent at once. Nothing was stored.")
            else:
                await reply(send, 408, "The rest of the request did not come. Nothing was stored.")
        except Exception as error:
            lacking = None if began else trouble(error)
            if lacking is None:
                raise
            await reply(send, lacking.status, str(lacking))


class Body:
    """Counts what comes. Who may send more than a little is asked only when somebody does."""

    def __init__(self, scope: Scope, receive: Receive, headers: dict[bytes, str]) -> None:
        self.scope, self._receive, self.headers = scope, receive, headers
        self.taken, self.most = 0, SMALL
        self.asked = self.whole = False
        self.began = 0.0

    async def receive(self) -> Message:
        if self.whole:
            return await self._receive()  # until the visitor goes away
        self.began = self.began or time.monotonic()
        try:
            message = await asyncio.wait_for(self._receive(), IDLE)
        except TimeoutError as error:
            raise TooSlow from error
        if message["type"] != "http.request":
            return message
        self.taken += len(message.get("body", b""))
        self.whole = not message.get("more_body", False)
        if not self.whole and time.monotonic() - self.began > IDLE + self.taken / SLOWEST:
            raise TooSlow
        await self.check(self.taken)
        return message

    async def check(self, size: int) -> None:
        if size > self.most and not self.asked:
            self.asked = True
            self.most = await database_sync_to_async(may_bring)(self.headers)
        if size > self.most:
            raise TooMuch


def announced(headers: dict[bytes, str]) -> int:
    text = headers.get(b"content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def may_bring(headers: dict[bytes, str]) -> int:
    """Characters of a body that this sender may bring: a key and an account more than nobody, an editor a file."""
    scheme, _blank, secret = headers.get(b"authorization", "").partition(" ")
    if scheme.lower() == "bearer" and secret:
        key = ApiKey.objects.filter(secret_hash=ApiKey.digest(secret.strip())).first()
        return settings.DATA_UPLOAD_MAX_MEMORY_SIZE if key is not None and key.usable else SMALL
    session = parse_cookie(headers.get(b"cookie", "")).get(settings.SESSION_COOKIE_NAME)
    if not session:
        return SMALL
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session)
    user = get_user(request)
    if not user.is_authenticated:
        return SMALL
    if headers.get(b"content-type", "").lower().startswith("multipart/form-data"):
        editor = Membership.objects.filter(user_id=user.pk, role__in=[Role.OWNER, Role.EDITOR]).exists()
        return settings.UPLOAD_LIMIT + SMALL if editor else SMALL
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE + SMALL


async def reply(send: Send, status: int, text: str, kind: bytes = b"text/plain; charset=utf-8") -> None:
    """A plain answer. After a refusal the connection is closed, so that the rest is not read."""
    body = text.encode()
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
    if status != 200:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
