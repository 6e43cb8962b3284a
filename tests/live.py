"""A real studio, started with the one command that everybody uses, in a folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODELS = os.environ.get("ATELIER_MODELS", str(ROOT / "var" / "models"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Studio:
    """`manage.py up` on a free port."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home, self.port = home, free_port()
        self.url = f"http://localhost:{self.port}"
        keep = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("DJANGO_", "PYTEST_", "DATABASE_", "REDIS_", "ENGINE_"))
        }
        self.environment = (
            keep
            | {
                "ATELIER_HOME": str(home),
                "ATELIER_MODELS": MODELS,
                "SITE_URL": self.url,
                "PYTHONUNBUFFERED": "1",
            }
            | environment
        )
        self.log = home / "up.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Studio:
        self.home.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "manage.py", "up", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        self.wait()
        return self

    def wait(self, seconds: float = 400) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as reply:
                    if reply.status == 200:
                        return
            except OSError:
                pass
            time.sleep(0.5)
        raise AssertionError("the studio did not get ready:\n" + self.log.read_text()[-3000:])

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(90)
            except subprocess.TimeoutExpired:
                self.process.kill()


def database_url() -> str:
    """The test's own database as a URL, for a process that works on the same rows."""
    from urllib.parse import quote

    from django.db import connection

    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite://{found['NAME']}"
    person = quote(found["USER"]) + (f":{quote(found['PASSWORD'])}" if found["PASSWORD"] else "")
    return f"postgres://{person}@{found['HOST']}:{found['PORT']}/{found['NAME']}"


class Services:
    """A PostgreSQL and a Redis of our own, thrown away afterwards."""

    def __enter__(self) -> dict[str, str]:
        command = [str(ROOT / ".ci" / "with-services"), "sh", "-c", 'echo "$DATABASE_URL"; echo "$REDIS_URL"; cat']
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        found = [self.process.stdout.readline().strip() for _ in range(2)]
        return dict(zip(("DATABASE_URL", "REDIS_URL"), found, strict=True))

    def __exit__(self, *_error: object) -> None:
        self.process.communicate()  # its input ends, and with it everything
