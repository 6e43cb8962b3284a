"""A real studio (web, workers, engine) in a folder of its own, and a real Chromium in front of it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request

import pytest
from playwright.sync_api import Page, expect

from tests import tiny
from tests.browser.road import Town, foreign_site
from tests.live import MODELS, ROOT, Studio, free_port

SCREENSHOTS = ROOT / "screenshots"
expect.set_options(timeout=90_000)  # generous: a shared machine can stand still for a minute


def pytest_collection_modifyitems(items):
    """The journey comes before all that ask what it has published. What has a database of its own comes before that: it is
    made where no browser runs in this thread yet, because a browser keeps an event loop there."""
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)

    def turn(item):
        if "tests/browser/" not in str(item.path) or item.get_closest_marker("django_db"):
            return 0
        return 1 if item.path.name == "test_journey.py" else 2

    items.sort(key=turn)


@pytest.fixture(scope="session")
def town(tmp_path_factory):
    """One for all files that need something published: what one test has made the next one finds."""
    running = Studio(tmp_path_factory.mktemp("town") / "home").start()
    with foreign_site() as site:
        yield Town(running, site, {})
    running.stop()


@pytest.fixture(scope="session")
def village(tmp_path_factory):
    """A town whose base models are tiny: of the same kinds, trained in a second, and as good as chance."""
    models = tiny.base_models(tmp_path_factory.mktemp("tiny") / "models")
    running = Studio(tmp_path_factory.mktemp("village") / "home", ATELIER_MODELS=str(models)).start()
    with foreign_site() as site:
        yield Town(running, site, {})
    running.stop()


@pytest.fixture(scope="session")
def small_studio(tmp_path_factory):
    """The pages alone: nothing here trains or answers."""
    home, port = tmp_path_factory.mktemp("small") / "home", free_port()
    url = f"http://localhost:{port}"
    keep = {
        name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "PYTEST_", "DATABASE_"))
    }
    environment = keep | {"ATELIER_HOME": str(home), "ATELIER_MODELS": MODELS, "SITE_URL": url}
    (home / "static").mkdir(parents=True)
    subprocess.run([sys.executable, "-m", "tests.browser.small"], cwd=ROOT, env=environment, check=True)
    server = [sys.executable, "-m", "studio.server", "--port", str(port)]
    with (home / "web.log").open("wb") as log, subprocess.Popen(server, cwd=ROOT, env=environment, stderr=log) as web:
        for _try in range(600):
            try:
                urllib.request.urlopen(f"{url}/healthz", timeout=5)
                break
            except OSError:
                time.sleep(0.1)
        yield url
        web.terminate()


@pytest.fixture(scope="session")
def browser_type_launch_args():
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return {"executable_path": "/usr/bin/chromium", "args": flags}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    """Without motion: drawn by the processor, a turning wheel takes a fifth of a core from the training it stands for."""
    return {**browser_context_args, "reduced_motion": "reduce"}


@pytest.fixture
def page(page: Page) -> Page:
    """A page that remembers what went wrong in its console."""
    page.set_default_timeout(180_000)
    page.problems = []
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    return page
