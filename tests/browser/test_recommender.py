"""A published recommender as people meet it: its report, cards in the chat, the owner's rules, a row on a shop's page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from projects import usecases
from tests.browser.looks import look
from tests.browser.road import MINUTES


@pytest.fixture
def published(town, page):
    """A recommender of the invented tea shop, made by pages."""
    town.published(usecases.get("recommendation"), page)
    return page.url


def test_it_recommends_with_cards(published, page):
    chat = page.locator("#chat-address").inner_text()
    page.get_by_role("navigation", name="Where you are").get_by_role("link").last.click()
    page.locator('a[href^="/models/"]').first.click()
    expect(page.get_by_role("heading", name="See for yourself")).to_be_visible()
    look(page, "report-recommend")
    in_the_chat(page, chat)
    page.goto(published)
    rules(page)
    a_row(page)
    refused = "422"  # the answer to the rule that names nothing
    assert not [one for one in page.problems if "favicon" not in one and refused not in one]


def in_the_chat(page: Page, address: str) -> None:
    page.goto(address)
    ask(page, "A gift under 20")
    prices = page.locator(".chat-cards").last.locator(".chat-card-price").all_text_contents()
    assert prices and all(float(price.replace(",", "")) <= 20 for price in prices)
    first = page.locator(".chat-card-title").first.text_content()
    page.get_by_role("button", name=f"Not this: {first}").click()
    expect(page.locator(".chat-cards")).to_have_count(2, timeout=MINUTES)
    assert first not in page.locator(".chat-cards").last.locator(".chat-card-title").all_text_contents()
    ask(page, "something like a kettle but blue")
    expect(page.locator(".chat-cards").last).to_contain_text("blue")
    look(page, "cards")


def ask(page: Page, text: str) -> None:
    before = page.locator(".chat-cards").count()
    page.get_by_label("Write a message").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator(".chat-cards")).to_have_count(before + 1, timeout=MINUTES)


def rules(page: Page) -> None:
    page.get_by_role("link", name="Rules", exact=True).click()
    page.get_by_label("Highest price").fill("10")
    page.get_by_label("Put these forward").fill("No such thing = 2")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("nothing called “No such thing”")).to_be_visible()
    page.get_by_label("Put these forward").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The next answer keeps to these rules.")).to_be_visible()
    look(page, "rules")


def a_row(page: Page) -> None:
    """The row of the preview keeps to the rule that was just set."""
    page.get_by_role("link", name="Use it").click()
    frame = page.frame_locator('iframe[title="The row on a sample page"]')
    page.locator('iframe[title="The row on a sample page"]').scroll_into_view_if_needed()
    expect(frame.locator(".chat-card").first).to_be_visible(timeout=MINUTES)
    prices = frame.locator(".chat-card-price").all_text_contents()
    assert prices and all(float(price.replace(",", "")) <= 10 for price in prices)
    look(page, "endpoint-recommend")
