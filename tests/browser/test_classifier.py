"""A published classifier as people meet it: a label with its words in the chat, a whole file, the labels over time."""

from __future__ import annotations

import csv
import re

import pytest
from playwright.sync_api import Page, expect

from projects import usecases
from tests.browser.looks import look
from tests.browser.road import MINUTES

ANGRY = "The parcel came two weeks late and the driver was rude. Very disappointed."


@pytest.fixture
def published(town, page):
    """A classifier of reviews, made by pages from the sample that comes with Atelier, as the preset has it."""
    town.published(usecases.get("sentiment"), page, little=False)
    return page.url


def test_it_labels_texts_and_files(published, page, tmp_path):
    expect(page.get_by_role("heading", name="On your web site")).to_be_visible()
    the_report(page)
    page.goto(published)
    in_the_chat(page)
    a_file(page, tmp_path)
    over_time(page)
    assert not [one for one in page.problems if "favicon" not in one]


def the_report(page: Page) -> None:
    """The verdict, the texts behind a number of the table, and a label put right and taken back."""
    page.get_by_role("navigation", name="Where you are").get_by_role("link").last.click()
    page.locator('a[href^="/models/"]').first.click()
    expect(page.get_by_role("heading", name="Label by label")).to_be_visible()
    look(page, "report-classify")
    mistake = page.locator("section[aria-labelledby=mistakes] .text-row").first
    mistake.get_by_role("button", name="Relabel").click()
    expect(mistake.get_by_role("button", name="Undo")).to_be_visible()
    expect(page.get_by_text("1 row relabelled. Train again with it?", exact=True)).to_be_visible()
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
    page.get_by_role("link", name="Label a file", exact=True).click()
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
    assert rows[0] == ["id", "review", "Label", "Confidence", "For a person", "Reason"]
    assert len(rows) == 42
    assert rows[41][1] == "'=1+1"


def over_time(page: Page) -> None:
    page.get_by_role("link", name="Trends", exact=True).click()
    expect(page.get_by_role("heading", name="How many texts")).to_be_visible()
    look(page, "trends")
