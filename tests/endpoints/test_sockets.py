"""Many sockets, silent ones, and those who never read: a place is for whoever uses it, and the others are answered."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import resource
import socket
import struct
import threading
import time
import uuid

import pytest
import uvicorn
import websockets
from websockets.exceptions import InvalidStatus

from endpoints import consumers, live
from endpoints.models import Conversation, Message
from studio import door, server, threads
from tests.studio.test_door import asked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def web(transactional_db, endpoint, monkeypatch):
    """The studio as `studio.server` runs it, in a thread, so that a test can make its patience short."""
    from studio.asgi import application

    monkeypatch.setattr(server, "gate", server.Gate())
    config = uvicorn.Config(
        application,
        port=0,
        host="127.0.0.1",
        log_level="warning",
        lifespan="off",
        proxy_headers=False,
        http=server.Guarded,
        ws=server.GuardedSocket,
        ws_max_size=server.LONGEST_FRAME,
    )
    running = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(running.serve()), daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    yield running.servers[0].sockets[0].getsockname()[1]
    running.should_exit = running.force_exit = True
    thread.join(10)


def address(port, endpoint):
    return f"ws://127.0.0.1:{port}/ws/chat/{endpoint.slug}/"


async def opened(port, endpoint, client="127.0.0.1", **hello):
    """A socket of a visitor at CLIENT, with the conversation that it was given."""
    stream = await websockets.connect(
        address(port, endpoint), local_addr=(client, 0), origin=f"http://127.0.0.1:{port}", ping_interval=None
    )
    await stream.send(json.dumps({"type": "hello"} | hello))
    return stream, json.loads(await stream.recv())


async def answered(stream):
    """Seconds until a whole answer to a question."""
    began = time.monotonic()
    await stream.send(json.dumps({"type": "ask", "text": "Tell me a story", "client_id": str(uuid.uuid4())}))
    while (frame := json.loads(await asyncio.wait_for(stream.recv(), 20)))["type"] != "done":
        assert frame["type"] not in ("error", "busy"), frame
    assert frame["state"] == "done"
    return time.monotonic() - began


async def refused(port, endpoint, client):
    try:
        stream, _welcome = await opened(port, endpoint, client)
    except InvalidStatus as error:
        return error.response.status_code
    await stream.close()
    return 0


def until(what, seconds=15):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


async def test_one_network_takes_only_its_part_of_the_places(web, endpoint, monkeypatch, caplog):
    monkeypatch.setattr(door, "SOCKETS", 10)
    held = [await opened(web, endpoint) for _ in range(10)]
    assert await refused(web, endpoint, "127.0.0.1") == 403
    other, _welcome = await opened(web, endpoint, "127.0.0.2")
    assert await answered(other) < 10
    for stream, _welcome in [*held, (other, {})]:
        await stream.close()
    end = time.monotonic() + 15
    while await refused(web, endpoint, "127.0.0.1"):  # its places are free again, once the studio has said goodbye
        assert time.monotonic() < end, "its places stay taken"
        await asyncio.sleep(0.05)
    assert "Traceback" not in caplog.text


@pytest.mark.slow
async def test_a_thousand_visitors_who_only_look_hold_nobody_up(web, endpoint, monkeypatch):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    each = min(100, hard // 40)  # two files a visitor, and room for others
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(4096, hard)), hard))
    monkeypatch.setattr(server, "gate", server.Gate())
    before, held = peak(), []
    try:
        for n in range(10):
            held += await asyncio.gather(*(opened(web, endpoint, f"127.0.0.{n + 2}") for _ in range(each)))
        assert len(live.rooms) == 10 * each
        assert await asyncio.to_thread(Conversation.objects.count) == 0  # a look leaves nothing behind
        assert (await asyncio.to_thread(asked, web, "GET", "/healthz"))[0] == 200
        took = await answered(held[-1][0])
        print(
            f"with {10 * each} sockets open an answer takes {took:.2f} s; {(peak() - before) / 1000:.0f} MB more for both ends"
        )
        assert took < 10
    finally:
        await asyncio.gather(*(stream.close() for stream, _welcome in held))
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    await asyncio.to_thread(until, lambda: not live.rooms)


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


async def test_a_socket_that_never_speaks_is_closed_and_one_that_reads_along_is_not(web, endpoint, monkeypatch):
    monkeypatch.setattr(consumers, "GREETING_TIME", 0.4)
    reader, _welcome = await opened(web, endpoint)
    silent = await websockets.connect(address(web, endpoint), origin=f"http://127.0.0.1:{web}")
    chatty = await websockets.connect(address(web, endpoint), origin=f"http://127.0.0.1:{web}")
    await chatty.send(json.dumps({"type": "ping"}))  # which says nothing of what it is here for
    for stream in (silent, chatty):
        await asyncio.wait_for(stream.wait_closed(), 5)
        assert stream.close_code == 4429
    await asyncio.sleep(0.5)
    assert await answered(reader) < 10
    await reader.close()


def frame(text: str) -> bytes:
    """A text as a browser sends it, masked with nothing."""
    data = text.encode()
    size = bytes([0x80 | len(data)]) if len(data) < 126 else bytes([0x80 | 126]) + struct.pack("!H", len(data))
    return b"\x81" + size + bytes(4) + data


def deaf(port: int) -> socket.socket:
    """A client with a tiny buffer, who will not read."""
    stream = socket.socket()
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stream.settimeout(10)
    stream.connect(("127.0.0.1", port))
    return stream


def test_a_socket_whose_reader_does_not_read_is_cut_off(web, endpoint, monkeypatch, caplog):
    from endpoints.visitors import digest

    monkeypatch.setattr(server, "READ_TIME", 1.0)
    talk = Conversation.objects.create(endpoint=endpoint, token_hash=digest("t"))
    Message.objects.bulk_create(
        [Message(conversation=talk, role="assistant", text=os.urandom(3000).hex()) for _ in range(100)]
    )
    with deaf(web) as stream:
        key = base64.b64encode(os.urandom(16)).decode()
        stream.sendall(
            f"GET /ws/chat/{endpoint.slug}/ HTTP/1.1\r\nHost: 127.0.0.1:{web}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Origin: http://127.0.0.1:{web}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        stream.recv(1000)
        hello = frame(json.dumps({"type": "hello", "conversation": str(talk.pk), "token": "t"}))
        stream.sendall(hello * 30)
        until(lambda: live.rooms)
        until(lambda: not server.gate.inside)
    until(lambda: not live.rooms)
    assert not [one for one in caplog.records if one.levelname == "ERROR"]  # whoever leaves is nobody's mistake


def test_a_page_whose_reader_does_not_read_is_cut_off(web, monkeypatch):
    monkeypatch.setattr(server, "READ_TIME", 1.0)
    with deaf(web) as stream:
        stream.sendall(b"GET /static/css/base.css HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2000)
        until(lambda: server.gate.inside)
        until(lambda: not server.gate.inside)


def test_a_thread_that_never_comes_back_is_told(web, monkeypatch):
    """All chats of a process wait for it; the process itself answers as ever."""
    monkeypatch.setattr(threads, "LONGEST", 0.3)
    release = threading.Event()
    assert asked(web, "GET", "/healthz")[0] == 200
    held = threads.chats.submit(release.wait, 60)
    try:
        time.sleep(0.5)
        status, said = asked(web, "GET", "/healthz")
        assert (status, json.loads(said)["status"]) == (503, "stuck")
    finally:
        release.set()
    held.result(5)
    assert asked(web, "GET", "/healthz")[0] == 200
