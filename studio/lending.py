"""An engine for a moment: the running one where there is one, else one that is started and stopped again."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.test.utils import override_settings

from studio.supervisor import machine

PATIENCE = 120.0


@contextmanager
def an_engine() -> Iterator[None]:
    """Inside, ENGINE_URL answers, so that a model can be checked before it is published on a studio that sleeps."""
    if os.environ.get("ENGINE_URL") or running_here():
        yield
        return
    held, token = machine.held_port("127.0.0.1", 8190), secrets.token_urlsafe(32)
    url = f"http://127.0.0.1:{held.getsockname()[1]}"
    command = [sys.executable, "-m", "endpoints.engine", "--fd", str(held.fileno())]
    given = {**os.environ, **_folders(), "ENGINE_TOKEN": token, "STUDIO_ID": settings.STUDIO_ID}
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=given, stdout=sys.stderr, pass_fds=[held.fileno()])
    try:
        _wait(process, url)
        with override_settings(ENGINE_URL=url, EMBEDDINGS_URL=url, ENGINE_TOKEN=token):
            yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
        held.close()


def running_here() -> bool:
    """Whether this studio is up. Another studio on this machine may listen at the usual port; its engine is not ours."""
    return bool(settings.RUNNING.engine_url) and answers(settings.ENGINE_URL)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=3) as reply:  # noqa: S310  (our own engine's address)
            return bool(reply.status == 200)
    except (OSError, ValueError):
        return False


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline and not answers(url):
        time.sleep(0.3)


def _folders() -> dict[str, str]:
    return {
        "ATELIER_HOME": str(settings.HOME),
        "ATELIER_DATA": str(settings.DATA_ROOT),
        "ATELIER_MODELS": str(settings.MODELS_ROOT),
    }
