"""What machines ask of the studio."""

from __future__ import annotations

import http.server
import threading

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def engine(settings):
    """Anything that answers."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.ENGINE_URL = f"http://127.0.0.1:{server.server_port}"
    yield
    server.shutdown()


@pytest.fixture
def no_engine(settings):
    settings.ENGINE_URL = "http://127.0.0.1:9"


def test_it_is_alive(client):
    assert client.get("/healthz").json()["status"] == "ok"


def test_it_is_ready_when_every_part_answers(client, engine, settings, tmp_path):
    settings.QUEUE_ROOT = tmp_path / "queue"
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "parts": {"database": "ok", "queue": "ok", "engine": "ok", "disk": "ok"},
    }


def test_it_says_which_part_is_missing(client, no_engine):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["engine"] == "unreachable"
    assert answer.json()["parts"]["database"] == "ok"


def test_it_counts(client, project):
    page = client.get("/metrics").content.decode()
    assert "atelier_projects 1.0" in page
    assert "atelier_people 1.0" in page


def test_it_gives_numbers_to_this_machine_only(client, db):
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.1").status_code == 401
    assert client.get("/metrics", HTTP_X_FORWARDED_FOR="192.0.2.1").status_code == 401


def test_it_gives_numbers_to_who_knows_the_token(client, settings, db):
    settings.METRICS_TOKEN = "hush"
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.1", HTTP_AUTHORIZATION="Bearer hush").status_code == 200
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer hu").status_code == 401


def test_it_is_not_ready_when_the_disk_is_full(client, engine, monkeypatch):
    from collections import namedtuple

    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: usage(100, 90, 10))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["disk"] == "full"
