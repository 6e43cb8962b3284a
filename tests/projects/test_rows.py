"""The rows of a file on disk, when a process that was writing into them is killed or still at it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from projects import rows

MANY = 3_000
HALF_WRITTEN = """
import os, signal, sys
from pathlib import Path
from projects import rows
with rows.opened(Path(sys.argv[1]), write=True) as db:
    db.execute("PRAGMA cache_size = 5")  # so that the file is written to before the end
    db.execute("UPDATE rows SET cells = '[\\"half\\"]' WHERE n <= 2900")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "rows.sqlite3"
    with rows.opened(found, write=True) as db:
        writer = rows.Writer(db)
        for n in range(MANY):
            writer.add(n + 2, [f"Where is parcel {n}? {'It is late. ' * 20}"], "")
        writer.flush()
    return found


@pytest.fixture
def killed(path: Path) -> Path:
    ended = subprocess.run([sys.executable, "-c", HALF_WRITTEN, str(path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert Path(f"{path}-journal").stat().st_size > 0
    return path


def test_it_reads_what_stood_before_a_writer_was_killed(killed):
    assert [cells for _n, _line, cells, _problem in rows.page(killed, 0, MANY)] == [
        [f"Where is parcel {n}? {'It is late. ' * 20}"] for n in range(MANY)
    ]
    assert len(rows.sample(killed, 100)) == 100
    assert not Path(f"{killed}-journal").exists()


def test_it_writes_on_after_a_writer_was_killed(killed):
    with rows.opened(killed, write=True) as db:
        db.execute("DELETE FROM rows WHERE n > 10")
        db.commit()
    assert len(rows.page(killed)) == 10


def test_it_leaves_a_living_writer_at_its_work(path):
    with rows.opened(path, write=True) as db:
        db.execute("UPDATE rows SET cells = ? WHERE n = 1", [json.dumps(["new"])])
        assert os.stat(f"{path}-journal")
        assert rows.page(path, 0, 1)[0][2] != ["new"]
        db.commit()
    assert rows.page(path, 0, 1)[0][2] == ["new"]
