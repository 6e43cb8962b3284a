"""A real studio, started with the one command that everybody uses, in a folder of its own."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
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
            if not k.startswith(("DJANGO_", "PYTEST_", "DATABASE_", "REDIS_", "ENGINE_")) and k not in THREADS
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
    """A PostgreSQL and a Redis of our own, which can be away for a while, thrown away afterwards."""

    def __enter__(self) -> dict[str, str]:
        names = ("DATABASE_URL", "REDIS_URL", "DATABASE_FOLDER")
        tell = "; ".join(f'echo "${name}"' for name in names)
        command = [str(ROOT / ".ci" / "with-services"), "sh", "-c", f"{tell}; cat"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.urls = {name: self.process.stdout.readline().strip() for name in names}
        self.folder = self.urls.pop("DATABASE_FOLDER")
        return self.urls

    def database(self, *words: str) -> None:
        """`start`, or `stop` with every connection cut off."""
        bin_folder = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        started_with = Path(self.folder, "postmaster.opts")
        options = [] if words == ("stop",) else ["-l", f"{self.folder}.log", "-o", self._options(started_with)]
        how = ["-m", "fast"] if words == ("stop",) else []
        command = [*as_postgres, str(bin_folder / "pg_ctl"), "-D", self.folder, "-w", *how, *options, *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")

    def _options(self, started_with: Path) -> str:
        """As it was started, without the program and its folder, which pg_ctl says itself."""
        words = shlex.split(started_with.read_text())[1:]
        at = words.index("-D")
        return shlex.join(words[:at] + words[at + 2 :])

    def queue(self, word: str) -> None:
        """`start`, or `stop` with all that it held."""
        port = str(urlsplit(self.urls["REDIS_URL"]).port)
        if word == "stop":
            subprocess.run(["redis-cli", "-p", port, "shutdown", "nosave"], check=True, stdout=subprocess.DEVNULL)
            return
        daemon = ["--daemonize", "yes", "--save", "", "--appendonly", "no"]
        subprocess.run(
            ["redis-server", "--port", port, "--bind", "127.0.0.1", *daemon], check=True, stdout=subprocess.DEVNULL
        )

    def __exit__(self, *_error: object) -> None:
        self.process.communicate()  # its input ends, and with it everything
