"""Many open chats on one web process, not a piece lost: `python -m tests.benchmarks.open_chats [--chats 200]`.

It starts the studio's web process and an engine that only counts, opens the chats, lets all ask at once, drops every
fifth socket in the middle and compares every answer with what the engine sent.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass
class Chat:
    """What one visitor saw."""

    text: str = ""
    lost: int = 0
    doubled: int = 0
    drops: int = 0
    first: float = 0.0
    gaps: list[float] = field(default_factory=list)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def prepare(home: Path, engine: str) -> str:
    """A database with one published assistant; returns its address."""
    os.environ.update(ATELIER_HOME=str(home), ENGINE_URL=engine, DJANGO_SETTINGS_MODULE="studio.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from endpoints import publishing
    from projects.models import Project, Team
    from tests.endpoints.conftest import make_model

    project = Project.objects.create(team=Team.objects.create(name="Many"), name="Many", use_case="support_bot")
    endpoint = publishing.publish(make_model(project, 1), None, messages_a_minute=10_000)
    return endpoint.slug


def serve(home: Path, engine: str, port: int) -> subprocess.Popen[bytes]:
    environment = os.environ | {"ATELIER_HOME": str(home), "ENGINE_URL": engine, "LOG_LEVEL": "ERROR"}
    process = subprocess.Popen([sys.executable, "-m", "studio.server", "--port", str(port)], cwd=ROOT, env=environment)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/widget.js", timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return process
    raise SystemExit("The web process did not start.")


async def talk(url: str, expected: str, drop: bool) -> Chat:
    import websockets

    seen, known = Chat(), {"conversation": None, "token": None}
    asked, started = str(uuid.uuid4()), 0.0
    while True:
        drop_at = random.randint(3, len(expected) // 2) if drop and not seen.drops else None
        async with websockets.connect(url, max_size=None, open_timeout=60, ping_interval=None) as line:
            await line.send(json.dumps({"type": "hello", "after": 0} | known))
            last = time.monotonic()
            async for raw in line:
                frame = json.loads(raw)
                if frame["type"] == "welcome":
                    known = {"conversation": frame["conversation"], "token": frame["token"]}
                    answers = [one for one in frame["history"] if one["role"] == "assistant"]
                    if not frame["history"]:
                        started = time.monotonic()
                        await line.send(json.dumps({"type": "ask", "text": "Tell me a story", "client_id": asked}))
                    elif answers:
                        seen.text = answers[-1]["text"]
                        if answers[-1]["state"] != "writing":
                            return seen
                elif frame["type"] == "piece":
                    now = time.monotonic()
                    seen.first = seen.first or now - started
                    seen.gaps.append(now - last)
                    last = now
                    take(seen, frame)
                    if drop_at is not None and len(seen.text) >= drop_at:
                        break
                elif frame["type"] in {"busy", "error"}:
                    raise SystemExit(f"Refused: {frame}")
                elif frame["type"] == "done":
                    return seen
        seen.drops += 1
        await asyncio.sleep(random.random())


def take(seen: Chat, frame: dict) -> None:
    if frame["offset"] > len(seen.text):
        seen.lost += 1
    elif frame["offset"] < len(seen.text):
        seen.doubled += 1  # the offset shows it, so a browser leaves it out
    seen.text = seen.text[: frame["offset"]] + frame["text"] if frame["offset"] <= len(seen.text) else seen.text


def memory(pid: int) -> int:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0
    return next(int(line.split()[1]) // 1024 for line in status.read_text().splitlines() if line.startswith("VmRSS"))


def processor_seconds(pid: int) -> float:
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def run(chats: int, url: str, expected: str) -> list[Chat]:
    return await asyncio.gather(*(talk(url, expected, number % 5 == 0) for number in range(chats)))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--chats", type=int, default=200)
    options.add_argument("--words", type=int, default=100)
    options.add_argument("--pause", type=float, default=0.05, help="seconds between two words of one answer")
    given = options.parse_args()

    from tests.endpoints.peer import Peer

    peer = Peer().start()
    peer.words, peer.pause = [f"word{i} " for i in range(given.words)], given.pause
    expected = "".join(peer.words)
    home, port = Path(tempfile.mkdtemp(prefix="open-chats-")), free_port()
    slug = prepare(home, peer.url)
    web = serve(home, peer.url, port)
    try:
        rest = memory(web.pid)
        before, started = processor_seconds(web.pid), time.monotonic()
        found = asyncio.run(run(given.chats, f"ws://127.0.0.1:{port}/ws/chat/{slug}/", expected))
        seconds, used = time.monotonic() - started, processor_seconds(web.pid) - before
        whole = sum(chat.text == expected for chat in found)
        gaps = sorted(gap for chat in found for gap in chat.gaps[1:])
        pieces = given.chats * given.words
        print(f"chats                     {given.chats}")
        print(f"answers whole             {whole} of {given.chats}")
        print(f"pieces lost               {sum(chat.lost for chat in found)} of {pieces}")
        print(f"sockets dropped and back  {sum(chat.drops for chat in found)}")
        print(f"pieces a second           {pieces / seconds:,.0f} in {seconds:.1f} s")
        print(f"first word                p50 {statistics.median(chat.first for chat in found if chat.first):.2f} s")
        print(
            f"between two words         p50 {gaps[len(gaps) // 2] * 1000:.0f} ms, p99 {gaps[len(gaps) * 99 // 100] * 1000:.0f} ms (sent every {given.pause * 1000:.0f} ms)"
        )
        print(f"processor time a piece    {used / pieces * 1e6:.0f} µs")
        print(f"memory of the web process {rest} MB at rest, {memory(web.pid)} MB after")
        return 0 if whole == given.chats else 1
    finally:
        web.terminate()
        web.wait(20)
        peer.stop()


if __name__ == "__main__":
    raise SystemExit(main())
