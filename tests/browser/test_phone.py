"""Every page on a phone of 360 px, light and dark: nothing wider, no cut column, words one can read, targets one can hit."""

from __future__ import annotations

from collections import Counter, deque

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.crawl import Visitor, name_of, ours
from tests.browser.looks import PHONE, SCREENSHOTS, SETTLED
from tests.browser.small import PASSWORD

SEVERAL = {
    "projects:dataset": 12, "projects:project": 6, "training:run": 5, "training:report": 4, "endpoints:endpoint": 3,
    "endpoints:chat": 3, "endpoints:corrections": 3, "endpoints:publish": 2,
}  # fmt: skip
"""Addresses of one name that look different: data in each state, each family."""
RULES = {
    "runOnly": ["color-contrast", "target-size", "scrollable-region-focusable", "label", "button-name", "link-name"]
}
SEEN = "const seen = (one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true });"
WORDS = f"""() => {{ {SEEN} return [...document.querySelectorAll(".chart svg text")].filter(seen).map((one) => {{
  const {{ left, right }} = one.getBoundingClientRect();
  return {{ said: one.textContent, left, right,
    high: one.getScreenCTM().d * parseFloat(getComputedStyle(one).fontSize) }} }})
  .filter((one) => one.high < 11 || one.left < 0 || one.right > innerWidth).map((one) => JSON.stringify(one)) }}"""
# A matrix has a column for each label, and rows of somebody's file have that file's columns: both are pushed sideways.
CUT = f"""() => {{ {SEEN} return [...document.querySelectorAll(".table-wrap:not(:has(.matrix, .raw))")]
  .filter((one) => seen(one) && one.scrollWidth > one.clientWidth + 1)
  .map((one) => `${{one.getAttribute("aria-label") || one.getAttribute("aria-labelledby")}}: ${{one.scrollWidth}}`) }}"""
# What stands in a sentence may be as high as the sentence.
SMALL = f"""() => {{ {SEEN} return [...document.querySelectorAll("button, .button, summary, select, textarea, input")]
  .filter((one) => seen(one) && !["hidden", "checkbox", "radio", "file", "range"].includes(one.type))
  .map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 120)])
  .filter(([box]) => box.height && (box.height < 32 || box.width < 32))
  .map(([box, text]) => `${{Math.round(box.width)}} × ${{Math.round(box.height)}}: ${{text}}`) }}"""
KEYS = f"""() => {{ {SEEN} return [...document.querySelectorAll("kbd")].filter(seen).map((one) => one.textContent) }}"""

STARTS = ("/", "/help/", "/chat/kettle-support/", "/chat/letters/", "/chat/tea-shop/")


def pages_of(visitor: Visitor) -> list[str]:
    """Whole pages to look at, as they are reached by links: one of each name, or several where they look different."""
    waiting, seen, kept = deque(STARTS), set(STARTS), Counter()
    found = []
    while waiting:
        address = waiting.popleft()
        name = name_of(address)
        if kept[name] >= SEVERAL.get(name, 1):
            continue
        reply, page = visitor.get(address)
        assert reply.is_success, f"{reply.status_code} at {address}"
        kept[name] += 1
        if reply.headers.get("content-type", "").startswith("text/html"):
            found += [address] if "</html>" in reply.text else []
            links = [one for one in ours(visitor.site, str(reply.url), page.links) if one not in seen]
            waiting += links
            seen |= set(links)
    return found


@pytest.fixture
def reading(small_studio):
    return Visitor(small_studio).signed_in("olga@example.com", PASSWORD)


@pytest.fixture
def phone(browser, reading):
    context = browser.new_context(
        viewport=PHONE, has_touch=True, is_mobile=True, reduced_motion="reduce", locale="en-GB"
    )
    context.add_cookies(
        [{"name": one.name, "value": one.value, "url": reading.site} for one in reading.http.cookies.jar]
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def primaries(page) -> list[str]:
    """What is meant as the one next thing, before anything is opened."""
    found = page.locator(".primary:visible").all_inner_texts()
    return [f"several next things: {found}"] if len(found) > 1 else []


def faults(page) -> list[str]:
    found = [f"a chart's label: {one}" for one in page.evaluate(WORDS)]
    found += [f"a table is cut: {one}" for one in page.evaluate(CUT)]
    found += [f"too small to hit: {one}" for one in page.evaluate(SMALL)]
    found += [f"a key that a phone has not: {one}" for one in page.evaluate(KEYS)]
    wide = page.evaluate("document.documentElement.scrollWidth")
    return [*found, *([f"{wide} px wide"] if wide > PHONE["width"] else [])]


def broken(page, scheme: str) -> list[str]:
    """What axe finds in a page; the pairs of colours of both schemes are checked by their tokens."""
    page.emulate_media(reduced_motion="reduce", color_scheme=scheme)
    page.wait_for_function(SETTLED)  # colours that are half way would be blamed
    violations = Axe().run(page, options=RULES).response["violations"]
    return [f"{scheme}, {one['id']}: {one['nodes'][0]['html'][:160]}" for one in violations]


def test_every_page_fits_a_phone(phone, reading):
    pages = pages_of(reading)
    assert len(pages) > 30, pages
    SCREENSHOTS.mkdir(exist_ok=True)
    found = []
    for address in pages:
        phone.emulate_media(reduced_motion="reduce", color_scheme="light")
        phone.goto(reading.site + address)
        seen = primaries(phone)
        phone.evaluate("document.querySelectorAll('details:not(.menu)').forEach((one) => (one.open = true))")
        phone.wait_for_timeout(150)  # what comes by htmx
        seen += faults(phone) + broken(phone, "dark")
        if seen:
            phone.screenshot(path=SCREENSHOTS / f"phone-{name_of(address).replace(':', '-')}.png", full_page=True)
        found += [f"{address}: {one}" for one in seen]
    assert not found, "\n".join(found)
