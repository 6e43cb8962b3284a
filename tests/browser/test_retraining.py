"""What a person of the team put right is given at once and learned with one press: by pages, in Chinese, on a phone.

The base models are tiny, so what was not put right is answered as good as by chance; what was must come word for word.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from projects import usecases
from projects.usecases import UseCase
from tests.browser.looks import PHONE
from tests.browser.road import ANSWERS, CHINESE, MINUTES, Road, Town, asked

RIGHT = "星期三以后可以来取，请带上取货码。"


@pytest.fixture
def road(page: Page, village: Town) -> Road:
    page.set_viewport_size(PHONE)
    return Road(page, village.studio.url, CHINESE)


def test_a_corrected_answer_is_given_at_once_and_learned(road: Road, village: Town):
    case = usecases.get("support_bot")
    chat = published(road, village, case)
    ask(road, case, chat)
    put_right(road, lambda form: form.get_by_label(road.said("What should it have said?")).fill(RIGHT))
    expect(ask(road, case, chat)).to_contain_text(RIGHT)

    learn(road, village.key(case, CHINESE))
    expect(ask(road, case, chat)).to_contain_text(RIGHT)
    assert not road.page.problems


def test_a_corrected_label_is_given_at_once_and_learned(road: Road, village: Town):
    case = usecases.get("sentiment")
    chat = published(road, village, case)
    given = ask(road, case, chat).inner_text()

    def choose_another(form: Locator) -> None:
        field = form.get_by_label(road.said("Which label is right?"))
        labels = [name for name in field.locator("option").all_text_contents() if name not in ("…", given)]
        field.select_option(labels[0])
        chosen.append(labels[0])

    chosen: list[str] = []
    put_right(road, choose_another)
    expect(ask(road, case, chat)).to_contain_text(chosen[0])

    learn(road, village.key(case, CHINESE))
    expect(ask(road, case, chat)).to_contain_text(chosen[0])
    assert not road.page.problems


def test_a_thing_that_does_not_fit_is_not_shown_again(road: Road, village: Town):
    case = usecases.get("recommendation")
    chat = published(road, village, case)
    ask(road, case, chat)
    titles: list[str] = []

    def strike_the_first(form: Locator) -> None:
        first = form.locator("label.check").first
        titles.append(first.inner_text())
        first.click()

    put_right(road, strike_the_first)
    ask(road, case, chat)
    shown = road.page.locator(".chat-assistant").last.locator(".chat-card")
    assert titles[0] not in " ".join(shown.all_inner_texts())
    assert not road.page.problems


def published(road: Road, village: Town, case: UseCase) -> str:
    """Where visitors ask it."""
    village.published(case, road.page, CHINESE)
    return road.page.locator("#chat-address").inner_text()


def ask(road: Road, case: UseCase, chat: str) -> Locator:
    """Asks anew on the chat's own page; what the answer says."""
    page = road.page
    page.goto(chat)
    page.get_by_role("button", name=road.said("New conversation")).click()
    expect(page.locator(".chat-user")).to_have_count(0)
    box = page.locator(".chat-form textarea").last
    box.fill(asked(case))
    box.press("Enter")
    answer = page.locator(f".chat-user ~ {ANSWERS[case.family]}").first  # what it begins with looks alike
    expect(answer).to_be_visible(timeout=6 * MINUTES)
    fits(page)
    return answer


def put_right(road: Road, say) -> None:
    """In the newest conversation, as one reads it later."""
    page = road.page
    page.goto(f"{road.url}/conversations/")
    fits(page)
    page.locator("main tbody a[href^='/conversations/']").first.click()
    turn = page.locator(".chat-assistant").last
    turn.get_by_text(road.said("This is wrong")).click()
    say(turn.locator("form"))
    fits(page)
    turn.get_by_role("button", name=road.said("Keep this correction")).click()
    expect(page.get_by_text(road.said("Corrected"), exact=True).first).to_be_visible()


def learn(road: Road, name: str) -> None:
    """One press makes the data and trains; the new version takes the old one's place."""
    page = road.page
    page.goto(road.url)
    page.get_by_role("link", name=name).first.click()
    fits(page)
    page.get_by_role("button", name=road.said("Retrain with it")).first.click()
    expect(page).to_have_url(re.compile(r"/runs/\d+/"), timeout=2 * MINUTES)
    fits(page)
    expect(road.link("See how good it is")).to_be_visible(timeout=30 * MINUTES)
    road.link("See how good it is").click()
    fits(page)
    page.locator('a[href*="/publish/"]').first.click()
    fits(page)
    page.get_by_role("button", name=name).first.click()
    expect(page).to_have_url(re.compile(r"/endpoints/\d+/versions/$"), timeout=6 * MINUTES)
    fits(page)


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], page.url
