"""What the terminal says while a studio starts."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from studio.supervisor import probe


class HalfReady(BaseHTTPRequestHandler):
    """Pages answer, the engine does not yet."""

    said: object = {"status": "not ready", "parts": {"database": "ok", "queue": "ok", "engine": "unreachable"}}

    def do_GET(self):
        body = json.dumps(self.said).encode()
        self.send_response(200 if self.path == "/healthz" else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def studio():
    server = HTTPServer(("127.0.0.1", 0), HalfReady)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def heard(address, monkeypatch):
    lines = []
    monkeypatch.setattr(probe, "LATE", 0)
    asking = probe.Probe(address, lines.append, ["Atelier is at home"])
    asking.next_look = 0
    asking()
    return lines


def test_it_names_the_part_that_is_late(studio, monkeypatch):
    lines = heard(studio, monkeypatch)
    assert lines[0] == "Atelier is at home"
    assert "engine (unreachable)" in lines[1]
    assert "database" not in lines[1]


@pytest.mark.parametrize("said", [[], {"parts": []}, "nothing", {"parts": {}}])
def test_it_is_not_broken_by_another_server_at_its_port(said, studio, monkeypatch):
    monkeypatch.setattr(HalfReady, "said", said)
    assert "Not ready yet: a part." in heard(studio, monkeypatch)[1]


def test_it_says_that_the_pages_do_not_answer_yet(monkeypatch):
    assert "The pages do not answer yet" in heard("http://127.0.0.1:1", monkeypatch)[0]
