"""A big file through the doors of a running studio: sent over HTTP in pieces, its worker killed in the middle, to a ready
dataset with every row.

ATELIER_BIG_FILE_MB says how big; 1000 is the most that is promised, and takes minutes."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import pytest

from tests import bigdata, tiny
from tests.live import Studio
from tests.test_chaos import PASSWORD, Chaos, Visitor, rows, wait_for, words

pytestmark = pytest.mark.slow
SIZE = float(os.environ.get("ATELIER_BIG_FILE_MB", "100"))
PIECE = 8 << 20
MEMORY = 600  # MB that no process may hold
SECONDS = 300 + 10 * SIZE  # far more than it takes, for a machine with other work


def send(visitor: Visitor, project: str, path: Path) -> str:
    """In pieces, as the page sends them; the address of the dataset."""
    said = {"name": path.name, "size": path.stat().st_size}
    reply = visitor.call("POST", f"{project}uploads/", json=said, headers=visitor.token()).json()
    address = reply["put_url"]
    with path.open("rb") as file:
        while not reply.get("done"):
            file.seek(reply["offset"])
            headers = {"Upload-Offset": str(reply["offset"])} | visitor.token()
            reply = visitor.call("PUT", address, content=file.read(PIECE), headers=headers).json()
    return str(reply["next"])


def most_memory(pid: int) -> int:
    """The most that a process held up to now, or one that it started, the readers' too; in MB."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # it is gone
        return 0
    own = [int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")]
    return max([0, *own, *(most_memory(int(child)) for child in children)])


def niceness(pid: int) -> int:
    """How far behind others a process stands for the processor; behind all where it is gone."""
    try:
        return os.getpriority(os.PRIO_PROCESS, pid)
    except ProcessLookupError:
        return 19


class Watch:
    """Asks for a page like a person who waits, and notes how far the bar is and how long the page took."""

    def __init__(self, studio: Studio, visitor: Visitor, address: str) -> None:
        self.studio, self.visitor, self.address = studio, visitor, address
        self.pages: list[float] = []
        self.shares: list[float] = []
        self.peak = 0
        self.niceness: set[int] = set()

    def state(self) -> tuple[str, float]:
        return rows(self.studio, "select state, progress from projects_dataset")[0]

    def until(self, *states: str) -> None:
        deadline = time.monotonic() + SECONDS
        while (now := self.state())[0] not in states:
            assert now[0] != "rejected", rows(self.studio, "select error from projects_dataset")
            assert time.monotonic() < deadline, now
            asked = time.monotonic()
            assert self.visitor.get(self.address).status_code == 200
            self.pages.append(time.monotonic() - asked)
            self.shares.append(now[1])
            self.peak = max(self.peak, most_memory(self.studio.process.pid))
            worker = rows(self.studio, "select worker from projects_dataset")[0][0]
            self.niceness |= {niceness(int(worker.split("/")[1]))} if worker else set()
            time.sleep(0.5)


def test_it_takes_a_big_file_and_survives_a_killed_worker(tmp_path):
    path = tmp_path / "questions.csv"
    many = bigdata.write(path, SIZE)
    studio = Studio(tmp_path / "home", ATELIER_MODELS=str(tiny.base_models(tmp_path / "models"))).start()
    try:
        visitor, chaos = Visitor(studio), Chaos(studio, seed=3)
        visitor.get("/setup/")
        visitor.post(
            "/setup/", name="Olga", email="olga@example.com", password=PASSWORD, team="Kettle & Co", language="en"
        )
        created = visitor.post("/new/?use_case=support_bot", name="Kettle support", team="1")
        project = re.search(r"/projects/\d+/", str(created.url))
        assert project, words(created.text)[-900:]
        watch = Watch(studio, visitor, send(visitor, project[0], path))
        deadline = time.monotonic() + SECONDS
        while watch.state()[1] <= 0.1:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        chaos.kill("worker")
        began = time.monotonic()  # the file is read again from its beginning
        watch.until("checking")
        read_in, shares = time.monotonic() - began, list(watch.shares)
        wait_for(visitor, watch.address, "Use this data", 60)
        visitor.post(f"{watch.address}use/")
        began = time.monotonic()
        watch.until("ready")
        seconds = read_in + time.monotonic() - began
        kept = rows(studio, "select counts from projects_dataset")[0][0]
        counts = json.loads(kept) if isinstance(kept, str) else kept
        pages = sorted(watch.pages)
        print(
            f"\n{SIZE:.0f} MB, {many} rows: ready after {seconds:.0f} s ({SIZE / seconds:.1f} MB/s), most memory of a"
            f" process {watch.peak} MB, pages p95 {pages[int(0.95 * len(pages))]:.2f} s of {len(pages)}"
        )
        assert (counts["rows"], counts["kept"] + counts["dropped"]) == (many, many)
        assert all(0 <= share <= 1 for share in watch.shares)
        again = shares[next((at for at, share in enumerate(shares) if share < 0.1), 0) :]
        assert again == sorted(again), "the bar went back"
        assert chaos.killed == ["worker"]
        assert watch.niceness
        assert min(watch.niceness) > niceness(os.getpid()), "pages do not go first"
        assert watch.peak < MEMORY, watch.peak
    finally:
        studio.stop()
