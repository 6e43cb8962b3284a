"""A process of a worker's pool lives as long as its worker, whichever of its threads started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

WORKER = """
import os, threading, time
from studio.supervisor import lifeline
me = os.getpid()
def fork():
    if not os.fork():
        lifeline.follow(me)
        print(os.getpid(), flush=True)
        time.sleep(60)
        os._exit(0)
thread = threading.Thread(target=fork)
thread.start()
thread.join()
time.sleep(60)
"""


def runs(process: int) -> bool:
    """Not gone, and not only waiting to be buried."""
    try:
        with open(f"/proc/{process}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the end of a thread ends nothing elsewhere")
def test_it_outlives_the_thread_that_started_it_and_dies_with_the_worker():
    worker = subprocess.Popen([sys.executable, "-c", WORKER], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    process = int(worker.stdout.readline())
    time.sleep(1.5)
    assert runs(process)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    deadline = time.monotonic() + 10
    while runs(process) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not runs(process)
