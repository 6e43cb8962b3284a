"""`manage.py up`, for real: it gets ready, brings back what crashed, refuses a second one, and leaves nobody behind."""

from __future__ import annotations

import http.server
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.test_chaos import PASSWORD, Visitor

REPOSITORY = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(what, seconds=240):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"{what.__name__} did not come within {seconds} s")


def family(pid: int) -> dict[int, str]:
    """All processes below this one, with the command of each."""
    parents, commands = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            commands[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if fields[0] != "Z":
            parents[int(folder.name)] = int(fields[1])
    found, level = {}, {pid}
    while level:
        level = {child for child, parent in parents.items() if parent in level}
        found.update({child: commands[child] for child in level})
    return found


def alive(pids) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text()]


@pytest.fixture(scope="module")
def engine_url():
    """Stands for the engine, whose own tests start the real one."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


class Studio:
    def __init__(self, home: Path, engine_url: str) -> None:
        self.port = free_port()
        self.home = home
        self.url = f"http://localhost:{self.port}"
        self.env = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "ATELIER_HOME": str(home),
            "ENGINE_URL": engine_url,
        }
        self.process = self.start()

    def command(self, port: int) -> list[str]:
        return [sys.executable, "manage.py", "up", "--port", str(port)]

    def start(self):
        self.log = (self.home / "terminal.log").open("ab")
        return subprocess.Popen(
            self.command(self.port),
            cwd=REPOSITORY,
            env=self.env,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a group, as a terminal makes one for what is started in it
        )

    def second(self, port: int, home: Path | None = None):
        env = {**self.env, "ATELIER_HOME": str(home or self.home)}
        return subprocess.run(
            self.command(port), cwd=REPOSITORY, env=env, capture_output=True, text=True, timeout=60, check=False
        )

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=3) as answer:
                return json.load(answer)["status"] == "ready"
        except (OSError, urllib.error.URLError):
            return False

    def said(self) -> str:
        return (self.home / "terminal.log").read_text()


@pytest.fixture
def studio(tmp_path, engine_url):
    found = Studio(tmp_path, engine_url)
    try:
        until(found.ready)
        yield found
    finally:
        everybody = [*family(found.process.pid), found.process.pid]
        if found.process.poll() is None:
            found.process.terminate()
            found.process.wait(30)
        for pid in alive(everybody):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
def test_it_runs_recovers_and_stops(studio, tmp_path_factory):
    until(lambda: "Everything is ready" in studio.said())
    assert studio.said().startswith("Starting.")
    assert f"Atelier is at http://localhost:{studio.port}" in studio.said()
    assert "the first visitor creates the owner's account" in studio.said()
    until(lambda: (studio.home / "logs" / "worker.log").exists())

    # A second one is refused, in a sentence.
    again = studio.second(free_port())
    assert again.returncode == 2
    assert "already runs" in again.stderr
    assert "Traceback" not in again.stderr
    taken = studio.second(studio.port, tmp_path_factory.mktemp("other"))
    assert taken.returncode == 2
    assert f"Port {studio.port} is used" in taken.stderr

    # What is killed comes back; a killed worker's pool does not live on.
    before = family(studio.process.pid)
    web = next(pid for pid, command in before.items() if "studio.server" in command)
    worker = next(pid for pid, command in before.items() if "--queues default" in command)
    pool = until(lambda: list(family(worker)))
    os.kill(web, signal.SIGKILL)
    os.kill(worker, signal.SIGKILL)
    until(lambda: not alive([web, worker, *pool]), 60)
    until(lambda: web not in family(studio.process.pid) and studio.ready())
    assert "web ended (SIGKILL: " in studio.said()

    # SIGTERM ends everybody.
    everybody = family(studio.process.pid)
    studio.process.send_signal(signal.SIGTERM)
    assert studio.process.wait(20) == 0
    until(lambda: not alive(everybody), 60)
    assert "Stopped." in studio.said()


@pytest.mark.slow
def test_it_takes_everybody_along_when_it_is_killed(studio):
    until(lambda: len(family(studio.process.pid)) >= 7)  # with the pools of the two workers
    everybody = family(studio.process.pid)
    studio.process.kill()
    studio.process.wait(5)
    until(lambda: not alive(everybody), 60)


@pytest.mark.slow
def test_ctrl_c_ends_everybody_and_what_was_under_way_goes_on_later(studio):
    visitor = Visitor(studio)
    visitor.get("/setup/")
    visitor.post("/setup/", name="Olga", email="olga@example.com", password=PASSWORD, team="K", language="en")
    created = visitor.post("/new/?use_case=support_bot", name="Kettle support", team="1")
    project = re.search(r"/projects/\d+/", str(created.url))[0]

    def begin(name: str, data: bytes) -> tuple[str, int]:
        about = {"name": name, "size": len(data)}
        begun = visitor.call("POST", f"{project}uploads/", json=about, headers=visitor.token()).json()
        return begun["put_url"], begun["offset"]

    def put(address: str, offset: int, data: bytes) -> dict:
        headers = {"Upload-Offset": str(offset)} | visitor.token()
        return visitor.call("PUT", address, content=data, headers=headers).json()

    rows = b"".join(b"Where is parcel %d?,It is at door %d.\n" % (i, i) for i in range(20_000))
    whole, half = b"question,answer\n" + rows, b"question,answer\n" + rows[:200_000]
    dataset = put(begin("whole.csv", whole)[0], 0, whole)["next"]
    address, _ = begin("half.csv", half)
    assert put(address, 0, half[:80_000])["offset"] == 80_000
    with socket.create_connection(("localhost", studio.port)) as broken_off:  # in the middle of a piece
        head = f"PUT {address} HTTP/1.1\r\nHost: localhost:{studio.port}\r\nUpload-Offset: 80000\r\n"
        cookies = "; ".join(f"{name}={value}" for name, value in visitor.client.cookies.items())
        more = "".join(f"{name}: {value}\r\n" for name, value in ({"Cookie": cookies} | visitor.token()).items())
        broken_off.sendall(f"{head}{more}Content-Length: 60000\r\n\r\n".encode() + half[80_000:90_000])
        everybody = family(studio.process.pid)
        os.killpg(studio.process.pid, signal.SIGINT)
        assert studio.process.wait(30) == 0
    until(lambda: not alive(everybody), 30)
    assert "Stopped." in studio.said()
    assert "Traceback" not in studio.said()

    studio.process = studio.start()
    until(studio.ready)
    again, offset = begin("half.csv", half)
    assert (again, offset) == (address, 80_000)
    assert put(address, offset, half[offset:])["done"]
    until(lambda: "Use this data" in visitor.get(dataset).text)
    files = [path for path in (studio.home / "data").rglob("*") if path.is_file()]
    assert (studio.home / "data" / "uploads" / address.rstrip("/").rpartition("/")[2]).read_bytes() == half
    assert not [path for path in files if path.suffix == ".part"]


def test_it_plans_a_gpu_worker_for_each_gpu():
    from studio.supervisor.processes import Setup, plans

    found = {plan.name: plan for plan in plans(Setup("127.0.0.1", 8000, None, ("0", "1")), {})}
    assert [name for name in found if name.startswith("gpu")] == ["gpu-0", "gpu-1"]
    assert found["gpu-1"].env["CUDA_VISIBLE_DEVICES"] == "1"
    assert found["trainer"].env["CUDA_VISIBLE_DEVICES"] == ""  # cards belong to their own workers


def test_it_starts_no_engine_when_one_runs_elsewhere():
    from studio.supervisor.processes import Setup, plans

    assert "engine" not in {plan.name for plan in plans(Setup("127.0.0.1", 8000, None), {})}


def test_it_leaves_thread_counts_that_a_person_set_alone():
    from studio.supervisor.processes import Setup, plans

    trainer = {plan.name: plan for plan in plans(Setup("127.0.0.1", 8000, None), {"OMP_NUM_THREADS": "3"})}["trainer"]
    assert trainer.env["OMP_NUM_THREADS"] == "3"


def test_it_waits_longer_after_each_crash():
    from studio.supervisor.child import Child, Plan

    child = Child(Plan("x", [sys.executable, "-c", "raise SystemExit(3)"]))
    pauses = []
    for _ in range(9):
        child.start()
        child.process.wait()
        status, pause = child.settle()
        assert status == 3
        pauses.append(pause)
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_it_sweeps_each_package_even_when_one_fails(monkeypatch):
    from studio.management.commands import sweep

    def broken():
        raise RuntimeError("no")

    monkeypatch.setattr(sweep, "sweepers", lambda: {"a": broken, "b": lambda: 2})
    assert sweep.sweep_all() == 2


def test_it_finds_the_sweepers():
    from studio.management.commands.sweep import sweepers

    assert {"projects", "training"} <= set(sweepers())


def test_it_holds_its_port_from_the_first_moment_on():
    from studio.supervisor import machine

    with machine.held_port("127.0.0.1", free_port()) as ours:
        port = ours.getsockname()[1]
        with machine.held_port("127.0.0.1", port) as theirs:
            assert theirs.getsockname()[1] != port
        assert not machine.is_free("127.0.0.1", port)
