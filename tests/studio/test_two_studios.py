"""Two studios on one machine, started in the same moment: each has an engine of its own and asks no other."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from studio import running
from tests import tiny
from tests.live import ROOT, Studio

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    models = tiny.base_models(tmp_path_factory.mktemp("models"))
    found = [Studio(tmp_path_factory.mktemp(name), ATELIER_MODELS=str(models)) for name in ("one", "two")]
    for studio in found:
        del studio.environment["SITE_URL"]
    with ThreadPoolExecutor(2) as both:
        list(both.map(Studio.start, found))
    yield found
    for studio in found:
        studio.stop()


def ask(url: str, token: str = "", **headers: str) -> tuple[int, dict]:
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"{}")


def test_each_has_an_engine_of_its_own(two):
    one, other = (running.read(studio.home) for studio in two)
    assert one.engine_url != other.engine_url
    assert ask(f"{one.engine_url}/health", one.engine_token)[1]["studio"]
    assert (
        ask(f"{one.engine_url}/health", one.engine_token)[1]["studio"]
        != ask(f"{other.engine_url}/health", other.engine_token)[1]["studio"]
    )


def test_neither_opens_the_others_engine(two):
    one, other = (running.read(studio.home) for studio in two)
    assert ask(f"{one.engine_url}/v1/models", other.engine_token)[0] == 401
    assert ask(f"{one.engine_url}/v1/models")[0] == 401
    assert ask(f"{one.engine_url}/v1/models", one.engine_token)[0] == 200


def test_a_web_page_opens_neither(two):
    one = running.read(two[0].home)
    door = f"{one.engine_url}/v1/models"
    assert ask(door, one.engine_token, Origin="https://evil.example")[0] == 403
    assert ask(door, one.engine_token, Host="rebound.evil.example")[0] == 403
    assert ask(f"{one.engine_url}/health", Origin="null")[0] == 403


def test_commands_in_other_terminals_find_their_own_studio(two):
    for studio in two:
        code = "from django.conf import settings as s; print(s.SITE_URL, s.ENGINE_URL, bool(s.ENGINE_TOKEN))"
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
            cwd=ROOT, env=studio.environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.split() == [studio.url, running.read(studio.home).engine_url, "True"]


def test_a_killed_engine_comes_back_to_its_own_port(two):
    one, other = (running.read(studio.home) for studio in two)
    engine = next(pid for pid in children(one.pid) if "endpoints.engine" in command(pid))
    os.killpg(os.getpgid(engine), signal.SIGKILL)
    deadline = time.monotonic() + 120
    while engine in children(one.pid) or ask_or_none(f"{one.engine_url}/health", one.engine_token) is None:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert ask(f"{one.engine_url}/health", one.engine_token)[0] == 200
    assert ask(f"{other.engine_url}/health", one.engine_token)[0] == 401


def test_nothing_that_they_keep_is_open_to_others(two):
    for studio in two:
        for path in (studio.home, *studio.home.rglob("*")):
            if path.name != "up.log" and not path.is_symlink():  # the terminal's log is the test's own
                assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def ask_or_none(url: str, token: str):
    try:
        return ask(url, token)
    except OSError:
        return None


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode()
    except OSError:
        return ""
