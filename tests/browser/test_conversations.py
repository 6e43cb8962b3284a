"""A chat of a shop, brought by its pages: a person says who the team is, sees the pairs, and uses them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from projects.usecases import get
from tests.browser.looks import PHONE, WIDE, look
from tests.browser.road import CHINESE, ENGLISH, MINUTES, Road

MANY = 40
SPEAKERS = {ENGLISH: ("Ana", "Eva"), CHINESE: ("小林", "小王")}
SAYS = {
    ENGLISH: ("The blue jacket number {n} in size M", "Number {n} is here, come by until six"),
    CHINESE: ("想要 {n} 号蓝色外套，M 码", "{n} 号有货，六点前都可以来取"),
}


def chat(language: str) -> bytes:
    """As WhatsApp exports it. Nothing in it says who of the two sells."""
    lines = ["3/1/26, 8:59 AM - Messages and calls are end-to-end encrypted."]
    for n in range(MANY):
        for second, (who, text) in enumerate(zip(SPEAKERS[language], SAYS[language], strict=True)):
            lines.append(f"3/{n % 28 + 1}/26, {n // 28 + 1}:{second}{n % 10} PM - {who}: {text.format(n=n)}")
    return "\n".join(lines).encode()


@pytest.mark.parametrize(("language", "size"), [(ENGLISH, WIDE), (CHINESE, PHONE)], ids=["wide", "phone in Chinese"])
def test_a_person_says_who_the_team_is_sees_the_pairs_and_uses_them(page: Page, town, language, size):
    page.set_viewport_size(size)
    road = Road(page, town.studio.url, language)
    road.enter()
    road.choose(get("support_bot"), f"Chat {language}")
    file = {"name": "WhatsApp Chat.txt", "mimeType": "text/plain", "buffer": chat(language)}
    page.locator("input[type=file]").set_input_files(file)

    asked = page.get_by_role("group", name=road.said("Who is your team"))
    expect(asked).to_be_visible(timeout=4 * MINUTES)
    said = road.said("It is not clear who of the speakers is your team. Say who it is before you go on.")
    expect(page.get_by_text(said)).to_be_visible()
    expect(road.button("Use this data")).not_to_be_visible()
    if language == ENGLISH:
        look(page, "conversation-asks")
    else:
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    _customer, seller = SPEAKERS[language]
    asked.get_by_role("checkbox", name=re.compile(seller)).check()
    road.button("Read it again").click()

    expect(road.button("Use this data")).to_be_visible(timeout=4 * MINUTES)
    team = page.locator("dl.facts div").filter(has_text=road.said("Your team"))
    expect(team.locator("dd")).to_have_text(seller)
    page.get_by_text(road.said("The first rows"), exact=True).click()
    question, answer = (text.format(n=0) for text in SAYS[language])
    row = page.locator("#preview tbody tr").first
    expect(row).to_contain_text(question)
    expect(row).to_contain_text(answer)
    if language == ENGLISH:
        look(page, "conversation-pairs")
    else:
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    road.button("Use this data").click()
    expect(road.link("Train")).to_be_visible(timeout=4 * MINUTES)
    assert not page.problems
