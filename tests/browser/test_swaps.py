"""What a swap leaves alone: the place of the keyboard, opened drawers, and that what changed is read out."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.crawl import Visitor
from tests.browser.small import PASSWORD

FOCUSED = (
    "() => document.activeElement.closest('form')?.querySelector('[name=row]')?.value ?? document.activeElement.tagName"
)


@pytest.fixture
def check(page, small_studio):
    """The check page of questions of which two have two answers."""
    owner = Visitor(small_studio).signed_in("olga@example.com", PASSWORD)
    owner.speak("en")
    page.context.add_cookies(
        [{"name": one.name, "value": one.value, "url": small_studio} for one in owner.http.cookies.jar]
    )
    page.goto(f"{small_studio}/datasets/1/")
    return page


def test_it_goes_on_with_the_next_question_and_says_what_is_left(check):
    keep = check.get_by_role("button", name="Keep this one")
    expect(keep).to_have_count(4)
    before = check.evaluate(
        "() => [...document.querySelectorAll('#contradictions [name=row]')].map((one) => one.value)"
    )
    keep.first.focus()
    check.keyboard.press("Enter")
    expect(check.locator("#announcer")).to_contain_text("1 waits for you. 1 is settled.")
    expect(keep.locator("visible=true")).to_have_count(2)
    assert check.evaluate(FOCUSED) == before[2], "the first answer of the next question"
    check.keyboard.press("Enter")
    expect(keep.locator("visible=true")).to_have_count(0)
    drawer = check.locator("#settled > summary")
    expect(drawer).to_be_focused()
    check.keyboard.press("Enter")
    check.keyboard.press("Tab")
    check.keyboard.press("Enter")  # takes the first one back
    expect(keep.locator("visible=true").first).to_be_visible()
    expect(check.locator("#settled")).to_have_attribute("open", "")
    assert check.evaluate("document.activeElement.tagName") == "BUTTON"


def test_it_keeps_the_place_in_a_choice_that_comes_back_as_another(check):
    choice = check.locator("#choice-duplicate-keep")
    choice.focus()
    check.keyboard.press("Enter")
    expect(check.locator("#choice-duplicate-keep[aria-pressed=true]")).to_be_focused()
    expect(check.locator("#announcer")).to_contain_text("rows kept")
    mask = check.locator("#contacts").get_by_role("button", name="Mask", exact=True).first
    mask.focus()
    check.keyboard.press("Enter")
    expect(check.locator("#contacts").get_by_role("button", name="Mask", exact=True).first).to_be_focused()
    assert not check.problems


def test_it_gives_the_keyboard_back_to_what_opened_a_dialog_that_was_swapped_meanwhile(page, small_studio, check):
    page.goto(f"{small_studio}/")
    page.get_by_role("link", name="See the training").click()
    opener = page.locator("#run-state [data-dialog=cancel]")
    opener.focus()
    page.keyboard.press("Enter")
    with page.expect_response("**/state/"):
        pass
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_it_goes_on_after_a_sign_in_in_another_tab(check, small_studio):
    """The session has ended: what stands in the page stays there, and its forms follow the new sign-in."""
    other = check.locator("[id^=choice-duplicate-][aria-pressed=false]").first.get_attribute("id")
    check.context.clear_cookies(name="sessionid")
    check.locator(f"#{other}").click()
    expect(check.locator("#messages")).to_contain_text("You are signed out")
    with check.context.expect_page() as opened:
        check.locator("#messages").get_by_role("link", name="Sign in").click()
    tab = opened.value
    tab.get_by_label("E-mail address").fill("olga@example.com")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.locator("#columns")).to_be_visible()
    check.locator(f"#{other}").click()
    expect(check.locator(f"#{other}[aria-pressed=true]")).to_be_visible()
