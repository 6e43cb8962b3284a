"""kill -9 of web, worker, trainer and engine along the whole road: nothing is lost, nothing is doubled."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import signal
import sqlite3
import time
from contextlib import nullcontext
from pathlib import Path

import httpx2 as httpx
import psycopg
import pytest
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from tests import tiny
from tests.live import Services, Studio

pytestmark = pytest.mark.slow
PARTS = {"web": "studio.server", "worker": "default", "trainer": "train", "engine": "endpoints.engine"}
PASSWORD = "a kettle that sings"
ROWS = 400


class Visitor:
    """A browser without a window that tries again while the web process is away, as a person would."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.client = httpx.Client(base_url=studio.url, follow_redirects=True, timeout=90)

    def call(self, method: str, address: str, **more) -> httpx.Response:
        deadline = time.monotonic() + 300
        while True:
            try:
                return self.client.request(method, address, **more)
            except httpx.TransportError:
                assert time.monotonic() < deadline, f"{address} did not come back"
                time.sleep(0.3)

    def get(self, address: str, **more) -> httpx.Response:
        return self.call("GET", address, **more)

    def post(self, address: str, **fields) -> httpx.Response:
        return self.call("POST", address, data=fields, headers=self.token())

    def token(self) -> dict[str, str]:
        return {"X-CSRFToken": self.client.cookies.get("csrftoken", ""), "Referer": self.studio.url}


class Chaos:
    """Kills a part of the studio, without warning."""

    def __init__(self, studio: Studio, seed: int) -> None:
        self.studio, self.chance, self.killed = studio, random.Random(seed), []

    def kill(self, part: str) -> None:
        """The whole process group of that part; waits when it is just being started again."""
        for _ in range(100):
            if pid := next((pid for pid in self.children() if self.plays(part, self.command(pid))), None):
                os.killpg(os.getpgid(pid), signal.SIGKILL)
                self.killed.append(part)
                return
            time.sleep(0.2)

    def command(self, pid: int) -> str:
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            return ""

    def plays(self, part: str, command: str) -> bool:
        if part in {"worker", "trainer"}:
            return f"--queues {PARTS[part]} " in command
        return PARTS[part] in command

    def children(self) -> list[int]:
        pid = self.studio.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def soon(self, part: str, most: float = 1.5) -> None:
        time.sleep(self.chance.uniform(0, most))
        self.kill(part)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    return tiny.base_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(params=["alone", pytest.param("services", marks=pytest.mark.service)])
def studio(request, tmp_path, models):
    """On SQLite and a queue of files; and on PostgreSQL and Redis."""
    with Services() if request.param == "services" else nullcontext({}) as urls:
        running = Studio(tmp_path / "home", ATELIER_MODELS=str(models), **urls).start()
        yield running
        running.stop()


def a_file() -> bytes:
    lines = io.StringIO()
    rows = csv.writer(lines)
    rows.writerow(["question", "answer"])
    for number in range(ROWS):
        subject = tiny.SUBJECTS[number % 8]
        rows.writerow(
            [f"Where is my {subject} number {number}?", f"Your {subject} is ready, it is the {number % 50}th."]
        )
    return lines.getvalue().encode()


def upload(visitor: Visitor, chaos: Chaos, project: str, data: bytes) -> str:
    """In pieces of 4 kB, from wherever the server says that it got to."""
    started = visitor.call(
        "POST", f"{project}uploads/", json={"name": "faq.csv", "size": len(data)}, headers=visitor.token()
    )
    address, offset, where = started.json()["put_url"], started.json()["offset"], None
    kill_at = chaos.chance.randrange(len(data) // 2)
    while where is None:
        if kill_at is not None and offset >= kill_at:
            chaos.kill("web")
            kill_at = None
        piece = data[offset : offset + 4096]
        reply = visitor.call("PUT", address, content=piece, headers={"Upload-Offset": str(offset)} | visitor.token())
        assert reply.status_code in {200, 201, 409}, reply.text
        offset = reply.json()["offset"]
        where = reply.json().get("next") if reply.json().get("done") else None
    return where


def wait_for(visitor: Visitor, address: str, text: str, seconds: float = 600) -> httpx.Response:
    deadline = time.monotonic() + seconds
    while True:
        page = visitor.get(address)
        if text in page.text:
            return page
        assert "Try once more" not in page.text, f"{address} was given up: {words(page.text)[:900]}"
        assert time.monotonic() < deadline, f"no '{text}' on {address}: {words(page.text)[-900:]}"
        time.sleep(0.5)


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def chat(studio: Studio, chaos: Chaos, slug: str, questions: list[str]) -> None:
    """Asks each question until an answer stands, with the same client id, through kills of web and engine."""
    conversation = token = None
    for number, question in enumerate(questions):
        answered, killed = False, False
        deadline = time.monotonic() + 500
        while not answered:
            assert time.monotonic() < deadline, f"no answer to '{question}'"
            try:
                with connect(
                    f"ws://localhost:{studio.port}/ws/chat/{slug}/", open_timeout=60, origin=studio.url
                ) as socket:
                    socket.send(json.dumps({"type": "hello", "conversation": conversation, "token": token, "after": 0}))
                    welcome = frame(socket, "welcome")
                    conversation, token = welcome["conversation"], welcome["token"] or token
                    asked = [one for one in welcome["history"] if one["role"] == "user"]
                    if len(asked) <= number:
                        socket.send(json.dumps({"type": "ask", "text": question, "client_id": f"question-{number}"}))
                    elif not any(one["state"] == "writing" for one in welcome["history"]):
                        answered = True
                        break
                    if not killed:
                        killed = True
                        chaos.soon("engine" if number % 2 else "web", 0.3)
                    answered = frame(socket, "done")["state"] is not None
            except (OSError, WebSocketException, TimeoutError):
                time.sleep(0.5)


def frame(socket, kind: str) -> dict:
    deadline = time.monotonic() + 150
    while time.monotonic() < deadline:
        said = json.loads(socket.recv(timeout=150))
        if said["type"] == kind:
            return said
    raise TimeoutError(kind)


def test_it_loses_and_doubles_nothing_when_its_parts_are_killed(studio):
    visitor, chaos = Visitor(studio), Chaos(studio, seed=20)
    visitor.get("/setup/")
    visitor.post("/setup/", name="Olga", email="olga@example.com", password=PASSWORD, team="Kettle & Co", language="en")
    created = visitor.post("/new/?use_case=support_bot", name="Kettle support", team="1")
    found = re.search(r"/projects/\d+/", str(created.url))
    assert found, words(created.text)[-900:]
    project = found[0]

    dataset = upload(visitor, chaos, project, a_file())
    chaos.soon("worker")
    wait_for(visitor, dataset, "Use this data")
    visitor.post(f"{dataset}use/")
    chaos.soon("worker", 0.5)
    wait_for(visitor, dataset, f"{dataset}train/")

    started = visitor.post(f"{dataset}train/", preset="quick", epochs="6")
    run = str(started.url.path)
    for _ in range(3):
        chaos.soon("trainer", 4)
        time.sleep(2)
    page = wait_for(visitor, run, "See how good it is", 1200)
    model = re.search(r"/models/\d+/", page.text)[0]

    form = visitor.get(f"{model}publish/").text
    fields = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', form))
    visitor.post(f"{model}publish/", **fields | {"visibility": "link", "answers_with": "tuned", "threshold": "0"})
    endpoint = rows(studio, "select slug from endpoints_endpoint where published")
    assert len(endpoint) == 1
    chat(studio, chaos, endpoint[0][0], [f"Where is my {subject}?" for subject in tiny.SUBJECTS[:4]])

    assert len(chaos.killed) >= 10, chaos.killed
    nothing_is_lost(studio)


def rows(studio: Studio, query: str) -> list[tuple]:
    url = studio.environment.get("DATABASE_URL")
    if url:
        with psycopg.connect(url) as database:
            return database.execute(query).fetchall()
    with sqlite3.connect(studio.home / "atelier.sqlite3") as database:
        return database.execute(query).fetchall()


def nothing_is_lost(studio: Studio) -> None:
    one = [(1,)]
    for table in (
        "projects_project",
        "projects_dataset",
        "projects_upload",
        "training_trainingrun",
        "training_modelversion",
    ):
        assert rows(studio, f"select count(*) from {table}") == one, table
    assert rows(studio, "select state from projects_dataset") == [("ready",)]
    counts = rows(studio, "select counts from projects_dataset")[0][0]
    counts = json.loads(counts) if isinstance(counts, str) else counts
    assert counts["kept"] == ROWS, counts
    assert rows(studio, "select state from training_trainingrun") == [("succeeded",)]
    steps = [step for (step,) in rows(studio, "select step from training_stepmetric order by step")]
    assert steps == sorted(set(steps))
    asked = rows(studio, "select text, count(*) from endpoints_message where role = 'user' group by text")
    assert len(asked) == 4
    assert all(count == 1 for _text, count in asked)
    assert rows(studio, "select count(*) from endpoints_message where role = 'assistant'") == [(4,)]
    assert rows(studio, "select count(*) from endpoints_message where state = 'streaming'") == [(0,)]
