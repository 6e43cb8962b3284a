"""A real studio (web, workers, engine) in a folder of its own, and a real Chromium in front of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.live import ROOT, Studio

SCREENSHOTS = ROOT / "screenshots"
expect.set_options(timeout=90_000)  # generous: a shared machine can stand still for a minute


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    """A fresh one for each file: the journey begins with the very first visit."""
    running = Studio(tmp_path_factory.mktemp("studio") / "home").start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser_type_launch_args():
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return {"executable_path": "/usr/bin/chromium", "args": flags}


@pytest.fixture
def page(page: Page) -> Page:
    """A page that remembers what went wrong in its console."""
    page.set_default_timeout(180_000)
    page.problems = []
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    return page
