"""The web process as strangers meet it: a real one, on a free port."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from studio import door
from studio.supervisor.child import Child, Plan
from studio.supervisor.watch import Watch
from tests.live import free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    """The port of a web process that may open 512 files."""
    home, port = tmp_path_factory.mktemp("home"), free_port()
    keep = {
        name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "DATABASE_", "REDIS_"))
    }
    env = keep | {"ATELIER_HOME": str(home), "SITE_URL": f"http://localhost:{port}"}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=env, check=True)
    command = ["sh", "-c", f"ulimit -n 512; exec {sys.executable} -m studio.server --port {port}"]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
    until_it_answers(port)
    yield port
    process.send_signal(signal.SIGTERM)
    process.wait(20)
    assert "Traceback" not in (home / "log").read_text()


def until_it_answers(port, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if asked(port, "GET", "/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("it does not answer")


def asked(port, method, path, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    return answer.status, answer.read()


def chunked(port, path, most, head=b""):
    """How much of an endless body is taken, and what is said about it."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as stream:
        stream.sendall(
            b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n" + head + b"\r\n"
        )
        sent, piece = 0, b"10000\r\n" + b"x" * 65536 + b"\r\n"
        try:
            while sent < most:
                stream.sendall(piece)
                sent += 65536
        except OSError:
            pass
        try:
            return sent, stream.recv(4096)
        except OSError:
            return sent, b""


@pytest.mark.parametrize("path", [b"/", b"/v1/chat/completions", b"/account/login/", b"/uploads/x/", b"/nowhere"])
def test_it_does_not_read_an_endless_body_of_a_stranger(web, path):
    sent, answer = chunked(web, path, 64 * 1024 * 1024)
    assert sent < 16 * 1024 * 1024  # what lay in the buffers of the system
    assert not answer or b" 413 " in answer


def test_it_refuses_an_announced_body_before_a_byte_of_it(web):
    with socket.create_connection(("127.0.0.1", web), timeout=20) as stream:
        stream.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1073741824\r\n\r\n")
        answer = stream.recv(4096)
        assert b" 413 " in answer
        assert b"connection: close" in answer.lower()


def test_an_invented_key_or_session_opens_no_larger_door(web):
    for name, value in (("Authorization", "Bearer sk-invented"), ("Cookie", "sessionid=invented")):
        assert asked(web, "POST", "/v1/classify", b"x" * 2_000_000, **{name: value})[0] == 413


def test_a_socket_to_nowhere_is_refused_without_a_traceback(web):
    """The log is looked through at the end of this file."""
    head = b"Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    for path in (b"/", b"/ws/", b"/ws/chat/", b"/ws/chat/%00/", b"/ws/chat/a/b/", b"/v1/models"):
        with socket.create_connection(("127.0.0.1", web), timeout=20) as stream:
            stream.sendall(
                b"GET " + path + b" HTTP/1.1\r\n" + head + b"Sec-WebSocket-Key: " + b"A" * 22 + b"==\r\n\r\n"
            )
            assert b" 403 " in stream.recv(4096)


def test_a_byte_now_and_then_holds_no_place(monkeypatch):
    """A body that goes on and on, and never long enough without a byte to be idle."""
    monkeypatch.setattr(door, "IDLE", 0.2)
    read, said = [], []

    async def slowly():
        await asyncio.sleep(0.15)
        read.append(1)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def site(_scope, receive, _send):
        while True:
            await receive()

    async def hear(message):
        said.append(message)

    scope = {"type": "http", "path": "/", "headers": [(b"host", b"localhost")], "method": "POST"}
    asyncio.run(door.Door(site)(scope, slowly, hear))
    assert said[0]["status"] == 408
    assert len(read) < 20


@pytest.mark.slow
def test_half_requests_of_one_client_leave_room_for_others(web):
    """And it lets them go after a while."""
    held = []
    for _ in range(600):
        try:
            stream = socket.create_connection(("127.0.0.1", web), timeout=2)
            stream.sendall(b"GET / HTTP/1.1\r\nHost: local")
            held.append(stream)
        except OSError:
            break
    answered = False
    with socket.socket() as other:  # another client: another address of this machine
        other.bind(("127.0.0.2", 0))
        other.settimeout(10)
        other.connect(("127.0.0.1", web))
        other.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answered = other.recv(100).startswith(b"HTTP/1.1 200")
    time.sleep(11)
    gone = 0
    for stream in held:
        try:
            gone += stream.recv(100) == b""
        except OSError:
            gone += 1
        stream.close()
    assert answered
    assert gone == len(held)


def test_a_head_without_end_is_cut_off(web):
    with socket.create_connection(("127.0.0.1", web), timeout=20) as stream:
        stream.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        sent = 0
        try:
            while sent < 200:
                stream.sendall(b"X-Long: " + b"x" * 8000 + b"\r\n")
                sent += 1
                time.sleep(0.01)
        except OSError:
            pass
    assert sent < 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "169.254.169.254"])
def test_it_answers_to_no_name_but_its_own(web, host):
    status, text = asked(web, "GET", "/account/login/", Host=host)
    assert status == 400
    assert b"ALLOWED_HOSTS" in text


def test_a_socket_to_another_name_is_refused(web):
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    with socket.create_connection(("127.0.0.1", web), timeout=20) as stream:
        ask = (
            f"GET /ws/chat/x/ HTTP/1.1\r\nHost: evil.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{key}\r\n"
        )
        stream.sendall(ask.encode())
        assert b" 403 " in stream.recv(4096)


def test_health_says_which_version(web):
    assert json.loads(asked(web, "GET", "/healthz")[1])["status"] == "ok"


def test_a_process_that_hangs_is_ended(monkeypatch):
    """It answers, is stopped in its tracks, and lives on without answering."""
    from studio.supervisor import watch

    for name, value in (("EVERY", 0.1), ("PATIENCE", 0.5)):
        monkeypatch.setattr(watch, name, value)
    port, said = free_port(), []
    child = Child(Plan("web", [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]))
    child.start()
    look = Watch(child, "127.0.0.1", port, said.append)

    def until(what, seconds=90):
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end
            look()
            time.sleep(0.02)

    try:
        until(lambda: look.answered)
        time.sleep(0.3)
        assert child.alive
        os.kill(child.process.pid, signal.SIGSTOP)
        until(lambda: not child.alive)
    finally:
        child.kill()
        child.process.wait()
    assert "hangs" in said[-1]


SPEAKS = """
import socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
said = 0
while True:
    stream, _ = listener.accept()
    said += 1
    status = sys.argv[2] if said > 1 else "200"
    if status == "full":  # as the gate turns somebody away
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\\x01\\0\\0\\0\\0\\0\\0\\0")
    else:
        stream.recv(1000)
        stream.sendall(f"HTTP/1.1 {status} x\\r\\n\\r\\n".encode())
    stream.close()
"""


@pytest.mark.parametrize(("says", "lives"), [("200", True), ("404", True), ("full", True), ("503", False)])
def test_a_process_is_ended_when_it_says_that_it_is_stuck_and_not_when_it_is_full(monkeypatch, says, lives):
    from studio.supervisor import watch

    for name, value in (("EVERY", 0.05), ("PATIENCE", 0.3)):
        monkeypatch.setattr(watch, name, value)
    port, said = free_port(), []
    child = Child(Plan("web", [sys.executable, "-c", SPEAKS, str(port), says]))
    child.start()
    look = Watch(child, "127.0.0.1", port, said.append)
    end = time.monotonic() + (4 if lives else 20)
    try:
        while time.monotonic() < end and child.alive:
            look()
            time.sleep(0.02)
        assert child.alive == lives, said
        assert look.answered or not lives
    finally:
        child.kill()
        child.process.wait()
