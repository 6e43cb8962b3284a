"""A real engine process on a tiny model with one trained adapter."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import tiny
from tests.live import ROOT, free_port


@dataclass
class Running:
    url: str
    models: Path
    adapter: Path
    process: subprocess.Popen[bytes]


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """Folders of a tiny base, a tiny encoder and a model trained on them."""
    from training.ml.chat import fit
    from training.ml.config import TrainConfig

    place = tmp_path_factory.mktemp("trained")
    base = tiny.chat_model(place / "models" / "tiny")
    encoder = tiny.sentence_encoder(place / "models" / "tiny-encoder")
    data = tiny.dataset(place / "dataset")
    fit(data, base, encoder, place / "data" / "run", TrainConfig(epochs=1))
    return place


@contextmanager
def started(trained: Path, *words: str, models: Path | None = None):
    """An engine process of its own; its address and the process."""
    port = free_port()
    command = [sys.executable, "-m", "endpoints.engine", "--port", str(port)]
    command += ["--models", str(models or trained / "models"), "--adapters", str(trained / "data"), *words]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"ENGINE_TOKEN": "secret"})
    url = f"http://127.0.0.1:{port}"
    for _ in range(1200):
        try:
            urllib.request.urlopen(f"{url}/health", timeout=1)
            break
        except OSError:
            assert process.poll() is None
            time.sleep(0.1)
    try:
        yield url, process
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="session")
def engine(trained):
    with started(trained, "--most-adapters", "2") as (url, process):
        yield Running(url, trained / "models", trained / "data" / "run" / "model", process)
