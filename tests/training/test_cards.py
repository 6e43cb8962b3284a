"""Which worker gets which graphics card, however it was started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from studio.supervisor.processes import Setup, plans

ROOT = Path(__file__).resolve().parents[2]
MAKE = """
import os, sys
from studio.celery import app
for queues in sys.argv[1:]:
    if not os.fork():
        worker = app.Worker(queues=queues, concurrency=4)
        os.write(1, f"{queues}: sees={os.environ['CUDA_VISIBLE_DEVICES']} at_once={worker.concurrency}\\n".encode())
        os._exit(0)
    os.wait()
"""


def test_it_leaves_the_cards_to_the_gpu_queue_which_learns_one_thing_at_a_time(tmp_path):
    env = {**os.environ, "CUDA_VISIBLE_DEVICES": "0,1", "ATELIER_HOME": str(tmp_path)}
    command = [sys.executable, "-c", MAKE, "train", "default", "default,train", "gpu"]
    made = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True)
    assert made.stdout.splitlines() == [
        "train: sees= at_once=4",
        "default: sees= at_once=4",
        "default,train: sees= at_once=4",
        "gpu: sees=0,1 at_once=1",
    ], made.stderr


def test_it_starts_one_worker_for_each_card_and_none_for_the_others():
    planned = {plan.name: plan for plan in plans(Setup("127.0.0.1", 8000, None, ("0", "3")), {})}
    assert [planned[f"gpu-{card}"].env["CUDA_VISIBLE_DEVICES"] for card in ("0", "3")] == ["0", "3"]
    assert [planned[name].env["CUDA_VISIBLE_DEVICES"] for name in ("worker", "trainer")] == ["", ""]
