"""Looks at a page as three readers would: light, dark, on a phone; and asks axe what a screen reader would stumble over."""

from __future__ import annotations

import os

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.live import ROOT

SCREENSHOTS = ROOT / "screenshots"
SETTLED = """() => new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(
  () => done(document.getAnimations().every(
    (one) => one.playState === "finished" || one.effect.getComputedTiming().iterations === Infinity)))), 100))"""
"""Colours that are half way between light and dark would be blamed."""
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


def picture(page: Page, name: str) -> None:
    """For people, into screenshots/. Nobody looks at those of CI, and drawing a whole page takes a second of a core."""
    if not os.environ.get("CI"):
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def look(page: Page, name: str) -> None:
    """No finding of axe in either scheme, nothing wider than a phone; and a picture of each."""
    page.emulate_media(reduced_motion="reduce", color_scheme="light")
    picture(page, f"{name}-light")
    assert not findings(page), f"{name}, light: {findings(page)}"
    page.emulate_media(reduced_motion="reduce", color_scheme="dark")
    picture(page, f"{name}-dark")
    assert not findings(page), f"{name}, dark: {findings(page)}"
    page.emulate_media(reduced_motion="reduce", color_scheme="light")
    page.set_viewport_size(PHONE)
    page.wait_for_timeout(200)  # columns slide into one; a picture in between would be wider than the phone
    picture(page, f"{name}-phone")
    assert not findings(page), f"{name}, phone: {findings(page)}"
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(WIDE)
    assert width <= PHONE["width"], f"{name} is {width} px wide on a phone"


def findings(page: Page) -> list[str]:
    page.wait_for_function(SETTLED)
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]
