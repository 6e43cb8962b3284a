"""Every use case there is goes from its sample to an answer in the widget on a foreign page, by pages alone.

The first of each family learns with the real base models. Its Chinese walk and the other use cases of the family meet
other pages and other samples, but the same code behind them: real models would learn for half an hour what has been seen
to be learned, so theirs are tiny. No base model reads a page's language. The Chinese walk is a phone's.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from projects.usecases import UseCase, all_use_cases
from tests.browser.looks import PHONE
from tests.browser.road import ANSWERS, CHINESE, ENGLISH, MINUTES, Published, Town, asked

CASES = all_use_cases()
FIRST_OF_A_FAMILY = list({case.family: case for case in reversed(CASES)}.values())
WALKS = [(case, ENGLISH) for case in CASES] + [(case, CHINESE) for case in FIRST_OF_A_FAMILY]


@pytest.mark.parametrize(("case", "language"), WALKS, ids=[f"{case.slug}-{language}" for case, language in WALKS])
def test_it_goes_from_the_sample_to_an_answer_on_a_foreign_page(request, page: Page, case: UseCase, language: str):
    if language == CHINESE:
        page.set_viewport_size(PHONE)
    real = language == ENGLISH and case in FIRST_OF_A_FAMILY
    town: Town = request.getfixturevalue("town" if real else "village")
    published = town.published(case, page, language)
    assert published.tags
    in_the_widget(town, page, case, language, published)
    for row in published.tags[1:]:
        page.goto(town.site.put("/row", row, language))
        expect(page.locator("atelier-chat .chat-card").first).to_be_visible(timeout=MINUTES)
    assert not page.problems


def in_the_widget(town: Town, page: Page, case: UseCase, language: str, published: Published) -> None:
    question = asked(case)
    page.goto(town.site.put("/", published.tags[0], language))
    page.locator("button.launcher").click()
    box = page.locator(".chat-form textarea").last
    box.fill(question)
    box.press("Enter")
    expect(page.locator(ANSWERS[case.family]).last).to_be_visible(timeout=6 * MINUTES)
    page.reload()
    if language == CHINESE:  # on a phone the chat covers the page, so it does not come by itself
        page.locator("button.launcher").click()
    expect(page.get_by_text(question).first).to_be_visible()
