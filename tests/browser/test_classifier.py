"""A published classifier as people meet it: a label with its words in the chat, a whole file, the labels over time."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import look
from tests.browser.test_journey import PASSWORD, set_up
from tests.live import ROOT

MINUTES = 60_000
SAMPLE = ROOT / "projects" / "usecases" / "samples" / "sentiment.csv"
ANGRY = "The parcel came two weeks late and the driver was rude. Very disappointed."


def enter(page: Page, url: str) -> None:
    """Sets the studio up, or signs in where another test has done that."""
    page.goto(url)
    if "/setup/" in page.url:
        set_up(page, url)
        expect(page).not_to_have_url(re.compile("/setup/"))
        return
    page.get_by_label("E-mail").first.fill("olga@example.com")
    page.get_by_label("Password").first.fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(re.compile("/account/"))


@pytest.fixture
def published(studio, page):
    """A classifier of reviews, trained on the sample that comes with Atelier."""
    enter(page, studio.url)
    command = [sys.executable, "manage.py", "quickstart", "sentiment", str(SAMPLE)]
    command += ["--preset", "quick", "--publish", "--json", "--name", "Reviews"]
    done = subprocess.run(command, cwd=ROOT, env=studio.environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_it_labels_texts_and_files(studio, published, page, tmp_path):
    page.goto(studio.url)
    page.get_by_role("link", name="Reviews").first.click()
    page.locator('a[href^="/endpoints/"]').first.click()
    expect(page.get_by_role("heading", name="On your web site")).to_be_visible()
    endpoint = page.url
    the_report(page, studio.url)
    page.goto(endpoint)
    in_the_chat(page)
    a_file(page, tmp_path)
    over_time(page)
    assert not [one for one in page.problems if "favicon" not in one]


def the_report(page: Page, url: str) -> None:
    """The verdict, the texts behind a number of the table, and a label put right and taken back."""
    page.goto(f"{url}/models/1/")
    expect(page.get_by_role("heading", name="Label by label")).to_be_visible()
    look(page, "report-classify")
    mistake = page.locator("section[aria-labelledby=mistakes] .text-row").first
    mistake.get_by_role("button", name="Relabel").click()
    expect(mistake.get_by_role("button", name="Undo")).to_be_visible()
    expect(page.get_by_text("1 row relabelled. Train again with it?")).to_be_visible()
    mistake.get_by_role("button", name="Undo").click()
    expect(mistake.get_by_role("button", name="Relabel")).to_be_visible()
    page.locator(".cell-link").first.click()
    expect(page.locator("#behind .text-row").first).to_be_visible()


def in_the_chat(page: Page) -> None:
    endpoint = page.url
    page.get_by_role("link", name="Open the chat page").click()
    box = page.get_by_label("Write a message")
    box.fill(ANGRY)
    box.press("Enter")
    label = page.locator(".chat-assistant .chat-label").last
    expect(label.locator(".chat-badge, .chat-said").first).to_be_visible()
    expect(label.locator(".chat-marked")).to_contain_text("disappointed")
    expect(label.locator(".chat-mark").first).to_be_visible()
    look(page, "label-chat")
    page.get_by_role("button", name="Not a good answer").last.click()
    page.get_by_label("Which label is right?").select_option("positive")
    look(page, "label-correct")
    page.get_by_role("button", name="Send").first.click()
    expect(page.get_by_text("A person will read it.").first).to_be_visible()
    page.goto(endpoint)


def a_file(page: Page, tmp_path) -> None:
    file = tmp_path / "reviews.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows(
            [["id", "review"], *([i, f"Order {i} was lovely, thank you"] for i in range(40)), [41, "=1+1"]]
        )
    page.get_by_role("link", name="Score a file", exact=True).click()
    look(page, "scorings")
    page.locator("input#file").set_input_files(file)
    page.get_by_role("button", name="Bring this file").click()
    expect(page.get_by_role("radio", name=re.compile("^review"))).to_be_checked()
    look(page, "scoring-choose")
    page.get_by_role("button", name="Label 41 rows").click()
    link = page.get_by_role("link", name="CSV", exact=True)
    expect(link).to_be_visible(timeout=5 * MINUTES)
    look(page, "scoring-done")
    with page.expect_download() as download:
        link.click()
    with open(download.value.path(), encoding="utf-8-sig", newline="") as found:
        rows = list(csv.reader(found))
    assert rows[0] == ["id", "review", "Label", "Confidence", "Reason"]
    assert len(rows) == 42
    assert rows[41][1] == "'=1+1"


def over_time(page: Page) -> None:
    page.get_by_role("link", name="Trends", exact=True).click()
    expect(page.get_by_role("heading", name="How many texts")).to_be_visible()
    look(page, "trends")
