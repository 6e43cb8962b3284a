"""Looks at a page as three readers would: light, dark, on a phone; and asks axe what a screen reader would stumble over."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.live import ROOT

SCREENSHOTS = ROOT / "screenshots"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


def look(page: Page, name: str) -> None:
    """Screenshots into screenshots/, no finding of axe in either scheme, nothing wider than a phone."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.emulate_media(reduced_motion="reduce", color_scheme="light")
    page.screenshot(path=SCREENSHOTS / f"{name}-light.png", full_page=True)
    assert not findings(page), f"{name}, light: {findings(page)}"
    page.emulate_media(reduced_motion="reduce", color_scheme="dark")
    page.screenshot(path=SCREENSHOTS / f"{name}-dark.png", full_page=True)
    assert not findings(page), f"{name}, dark: {findings(page)}"
    page.emulate_media(reduced_motion="reduce", color_scheme="light")
    page.set_viewport_size(PHONE)
    page.wait_for_timeout(200)  # columns slide into one; a picture in between would be wider than the phone
    page.screenshot(path=SCREENSHOTS / f"{name}-phone.png", full_page=True)
    assert not findings(page), f"{name}, phone: {findings(page)}"
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(WIDE)
    assert width <= PHONE["width"], f"{name} is {width} px wide on a phone"


def findings(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]
