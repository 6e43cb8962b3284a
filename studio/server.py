"""Runs the web process: uvicorn, with a limit for connections, and for how long one may take to say what it wants."""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
from collections import Counter
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")

from projects import asking

HEADER_TIME = 10.0
"""Seconds for the first lines of a request."""
LONGEST_HEAD = 64 * 1024
READ_TIME = 60.0
"""Seconds in which a reader takes some of the 64 kB that wait for it."""
SPARE = 200
"""Open files kept for everything that is no connection: the database, models, static files, uploads."""
LONGEST_FRAME = 64 * 1024


class Gate:
    """How many connections are open, and whose. One client never has more than a quarter."""

    def __init__(self) -> None:
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self.most = max(64, min(files, 20_000) - SPARE)
        self.each = max(32, self.most // 4)
        self.inside: dict[asyncio.BaseTransport, str] = {}
        self.clients: Counter[str] = Counter()

    def enter(self, transport: asyncio.BaseTransport, peer: str) -> bool:
        client = "" if asking.behind_proxy(peer) else asking.network(peer)  # a proxy speaks for many
        if len(self.inside) >= self.most or (client and self.clients[client] >= self.each):
            return False
        self.inside[transport] = client
        self.clients[client] += 1
        return True

    def leave(self, transport: asyncio.BaseTransport) -> None:
        client = self.inside.pop(transport, None)
        if client is not None:
            self.clients[client] -= 1
            if not self.clients[client]:
                del self.clients[client]


gate = Gate()


class Draining:
    """Whoever asks has to read. What was written waits in memory, with the connection, its place and its database row.

    A connection that is closed stays until its last byte is taken, so it is cut off here."""

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    full: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        super().pause_writing()  # type: ignore[misc]
        if self.full is None:
            self.full = self.loop.call_later(READ_TIME, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()  # type: ignore[misc]
        self._read_on()

    def connection_lost(self, exc: Exception | None) -> None:
        gate.leave(self.transport)
        self._read_on()
        super().connection_lost(exc)  # type: ignore[misc]

    def _read_on(self) -> None:
        if self.full is not None:
            self.full.cancel()
            self.full = None


class Guarded(Draining, HttpToolsProtocol):
    """A connection that is let in by the gate, and closed when it does not get to the point."""

    late: asyncio.TimerHandle | None = None
    head = 0
    reading_head = True

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if gate.enter(transport, self.client[0] if self.client else ""):
            self._expect_head()
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.reading_head:
            self.head += len(data)
        super().data_received(data)
        if self.reading_head and self.head > LONGEST_HEAD and not self.transport.is_closing():
            self.transport.abort()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self.reading_head:
            self._expect_head()

    def on_headers_complete(self) -> None:
        self._head_came()
        super().on_headers_complete()

    def _expect_head(self) -> None:
        self.head, self.reading_head = 0, True
        self.late = self.loop.call_later(HEADER_TIME, self._too_late)

    def _head_came(self) -> None:
        self.reading_head = False
        if self.late is not None:
            self.late.cancel()
            self.late = None

    def _too_late(self) -> None:
        if self.reading_head and not self.transport.is_closing():
            self.transport.abort()


class GuardedSocket(Draining, WebSocketsSansIOProtocol):
    """A socket keeps the place of the connection that it began as."""

    def keepalive_timeout(self) -> None:
        """No pong: the peer is gone or does not read, so a close that waits for its reading would wait for ever."""
        super().keepalive_timeout()
        self.loop.call_later(HEADER_TIME, self.transport.abort)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m studio.server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--stop-within", type=int, default=3, help="seconds that open answers may take at the end")
    asked = parser.parse_args()
    uvicorn.run(
        "studio.asgi:application",
        host=asked.host,
        port=asked.port,
        http=Guarded,
        ws=GuardedSocket,
        ws_max_size=LONGEST_FRAME,
        lifespan="off",
        access_log=False,
        log_level="warning",
        proxy_headers=False,  # `projects.asking` reads them
        timeout_graceful_shutdown=asked.stop_within,
    )


if __name__ == "__main__":
    main()
