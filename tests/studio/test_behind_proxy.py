"""Behind a real nginx, with the configuration that docker/compose.yml brings: visitors are told apart."""

from __future__ import annotations

import http.client
import http.server
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from projects import asking
from tests.live import free_port

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
DOCKER = Path(__file__).resolve().parents[2] / "docker"
pytestmark = pytest.mark.service  # .ci/run installs nginx


@pytest.fixture
def proxy(tmp_path):
    """nginx before a server that says whom the studio would count."""
    port, inner = free_port(), free_port()

    class Says(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            who = asking.address(self.client_address[0], self.headers.get("X-Forwarded-For", ""))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(who.encode())

        def log_message(self, *_words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", inner), Says)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site = (DOCKER / "proxy.conf").read_text().replace("listen 80", f"listen 127.0.0.1:{port}")
    site = site.replace("web:8000", f"127.0.0.1:{inner}").replace(
        "/etc/nginx/studio_headers", str(DOCKER / "proxy_headers.conf")
    )
    paths = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error; events {{}} http {{ access_log off; {paths} {site} }}"
    )
    process = subprocess.Popen([NGINX, "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)])
    yield port
    process.terminate()
    process.wait(10)
    server.shutdown()


def who(port, source, **headers):
    for _ in range(50):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5, source_address=(source, 0))
            connection.request("GET", "/", headers={name.replace("_", "-"): value for name, value in headers.items()})
            return connection.getresponse().read().decode()
        except ConnectionRefusedError:
            threading.Event().wait(0.1)
    raise AssertionError("nginx does not answer")


def test_visitors_are_told_apart_whatever_they_say_of_themselves(proxy, settings):
    settings.PROXIES = 1
    assert who(proxy, "127.0.0.5") == "127.0.0.5"
    assert who(proxy, "127.0.0.6") == "127.0.0.6"
    for forged in ("198.51.100.1", "198.51.100.1, 203.0.113.9", "127.0.0.5", "::1"):
        assert who(proxy, "127.0.0.6", X_Forwarded_For=forged) == "127.0.0.6"
