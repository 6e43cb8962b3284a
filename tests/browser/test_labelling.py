"""Labelling by hand in a real browser, with nothing but the keyboard, until the labels are data to train on."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import look
from tests.browser.road import MINUTES, Road, Town

TEXTS = {
    "praise": ["Lovely kettle, thank you", "Works very well", "Great service and fast", "So happy with it"],
    "complaint": ["Broken again", "The lid does not close", "Late and rude", "Never buying this"],
}
ROUNDS = 5
KEYS = {"praise": "1", "complaint": "2"}


def right(text: str) -> str:
    return next(label for label, known in TEXTS.items() if any(text.startswith(one) for one in known))


def bring_texts(page: Page, url: str) -> None:
    """A project with texts that have no label column."""
    page.goto(f"{url}/new/")
    page.get_by_role("link", name="Sentiment").first.click()
    page.get_by_label("Name").fill("Mood of our mails")
    page.get_by_role("button", name="Continue").click()
    rows = [f"{text}, order {n}" for n in range(ROUNDS) for some in zip(*TEXTS.values(), strict=True) for text in some]
    file = {"name": "mails.jsonl", "mimeType": "application/json", "buffer": _lines(rows)}
    with page.expect_file_chooser() as chooser:
        page.locator("input[type=file]").press("Enter")  # by keyboard, as a person without a mouse does
    chooser.value.set_files(file)
    expect(page.get_by_role("button", name="Use this data").first).to_be_visible(timeout=4 * MINUTES)
    page.get_by_role("button", name="Use this data").first.click()
    expect(page.get_by_role("link", name="Label them here")).to_be_visible(timeout=4 * MINUTES)


def _lines(rows: list[str]) -> bytes:
    import json

    return "".join(json.dumps({"text": row}) + "\n" for row in rows).encode()


def shown(page: Page) -> str:
    return page.locator("#text").inner_text()


def press(page: Page, key: str, done: int) -> None:
    """One key, and the wait until the server has kept it."""
    page.keyboard.press(key)
    expect(page.locator("#how-far")).to_contain_text(f"{done} of 40 labelled")


def test_it_labels_with_the_keyboard_alone_until_there_is_data(town: Town, page: Page):
    page.set_viewport_size({"width": 1280, "height": 900})
    Road(page, town.studio.url).enter()
    bring_texts(page, town.studio.url)
    page.get_by_role("link", name="Label them here").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Your labels").focus()
    look(page, "labelling-labels")
    page.keyboard.type("praise\ncomplaint")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_be_visible()

    skipped = shown(page)
    page.keyboard.press("s")
    expect(page.locator("#text")).not_to_have_text(skipped)
    page.keyboard.press("u")
    expect(page.locator("#text")).to_have_text(skipped)
    for done in range(1, 13):
        press(page, KEYS[right(shown(page))], done)
    page.keyboard.press("u")
    expect(page.locator("#how-far")).to_contain_text("11 of 40 labelled")
    press(page, KEYS[right(shown(page))], 12)

    page.close_and_again = page.url
    page.goto("about:blank")  # a closed tab loses nothing
    page.goto(page.close_and_again)
    expect(page.locator("#how-far")).to_contain_text("12 of 40 labelled")

    guess_and_accept(page)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_have_attribute("open", "")
    look(page, "labelling")

    finish = page.get_by_role("button", name="Done: make it a dataset")
    finish.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Train", exact=True)).to_be_visible(timeout=4 * MINUTES)
    look(page, "labelled")
    assert not [one for one in page.problems if "404" not in one and "422" not in one], page.problems


def guess_and_accept(page: Page) -> None:
    """The model that learns along makes a guess by now; Enter says yes to a right one."""
    for _again in range(60):
        if page.locator(".desk-guess").count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    else:
        pytest.fail("nothing was guessed")
    text, guess = shown(page), page.locator(".desk-guess b").inner_text()
    before = int(re.match(r"\d+", page.locator("#how-far").inner_text())[0])
    press(page, "Enter" if guess == right(text) else KEYS[right(text)], before + 1)
