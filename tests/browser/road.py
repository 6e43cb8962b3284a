"""The road from a use case's sample to its answers on somebody else's page, walked by pages alone, in any language."""

from __future__ import annotations

import csv
import http.server
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext, override
from playwright.sync_api import Locator, Page, expect

from projects import usecases
from projects.usecases import UseCase
from tests.live import Studio, free_port

PASSWORD = "a kettle that sings"
MINUTES = 60_000
SAMPLES = Path(usecases.__file__).parent / "samples"
# How an answer of each family looks, whatever its language.
ANSWERS = {
    "chat": '.chat-assistant[data-state="done"]:has(.chat-tools) .chat-bubble',
    "classify": '.chat-assistant[data-result="label"] .chat-label',
    "recommend": '.chat-assistant[data-result="cards"] .chat-card',
}
ENGLISH, CHINESE = "en", "zh-hans"
# What makes a training short, whichever of it a family's Train page has.
LITTLE = {"Epochs": "0.2", "Training steps": "6", "Rows in the report": "10", "Longest answer, in tokens": "24"}


@dataclass
class Foreign:
    """A web site of somebody else's: pages by their path."""

    url: str
    pages: dict[str, str]

    def put(self, path: str, body: str, language: str = ENGLISH) -> str:
        self.pages[path] = f"<!doctype html><html lang={language}><title>Shop</title><h1>Our shop</h1>{body}</html>"
        return self.url + path


@contextmanager
def foreign_site() -> Iterator[Foreign]:
    port, pages = free_port(), {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = pages.get(self.path, "").encode()
            self.send_response(200 if body else 204 if self.path == "/favicon.ico" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Foreign(f"http://127.0.0.1:{port}", pages)
    server.shutdown()


@dataclass
class Road:
    """One person in front of one studio, who reads one language."""

    page: Page
    url: str
    language: str = ENGLISH

    def said(self, text: str) -> str:
        """What a page says, as the catalogue has it for this reader."""
        with override(self.language):
            return str(gettext(text))

    def titled(self, text: object) -> str:
        """A text of a use case, in the reader's language."""
        with override(self.language):
            return str(text)

    def button(self, text: str) -> Locator:
        return self.page.get_by_role("button", name=self.said(text), exact=True).first

    def link(self, text: str) -> Locator:
        return self.page.get_by_role("link", name=self.said(text), exact=True).first

    def enter(self) -> None:
        """Sets the studio up, or signs in where that has been done, and reads on in the language."""
        self.page.goto(self.url)
        if "/setup/" in self.page.url:
            set_up(self.page)
        else:
            self.page.get_by_label("E-mail").first.fill("olga@example.com")
            self.page.get_by_label("Password").first.fill(PASSWORD)
            self.page.keyboard.press("Enter")
        expect(self.page).not_to_have_url(re.compile("/setup/|/account/"))
        self.speak()

    def speak(self) -> None:
        """The language is chosen as everybody chooses it: in the menu of the page."""
        if self.page.locator("html").get_attribute("lang") != self.language:
            self.page.locator(".topbar details.menu summary").click()
            self.page.locator(f'button[name="language"][value="{self.language}"]').click()
            expect(self.page.locator("html")).to_have_attribute("lang", self.language)

    def choose(self, case: UseCase, name: str) -> None:
        self.page.goto(self.url)
        gallery = self.page.get_by_role("heading", name=self.said("What do you want to build?"))
        if not gallery.is_visible():
            self.link("New project").click()
        expect(gallery).to_be_visible()
        self.page.get_by_role("link", name=self.titled(case.title), exact=True).click()
        self.page.get_by_label(self.said("Name")).fill(name)
        self.button("Continue").click()

    def take_the_sample(self) -> None:
        self.button("Take the sample").click()
        expect(self.button("Use this data")).to_be_visible(timeout=4 * MINUTES)
        self.button("Use this data").click()
        expect(self.link("Train")).to_be_visible(timeout=4 * MINUTES)
        self.link("Train").click()

    def train(self, little: bool) -> None:
        """With a preset alone, or with a little of everything that an expert may set; the real model in both cases."""
        self.page.get_by_text(self.said("Quick"), exact=True).first.click()
        if little:
            self.page.get_by_text(self.said("Expert settings"), exact=True).click()
            named = {
                value: self.page.get_by_label(re.compile(f"^{self.said(label)}")) for label, value in LITTLE.items()
            }
            there = {value: field for value, field in named.items() if field.count()}
            assert there
            for value, field in there.items():
                field.fill(value)
        self.button("Start training").click()
        expect(self.page).to_have_url(re.compile(r"/runs/\d+/"))
        expect(self.link("See how good it is")).to_be_visible(timeout=30 * MINUTES)
        self.link("See how good it is").click()

    def publish(self, site: str) -> None:
        expect(self.page).to_have_url(re.compile(r"/models/\d+/"))
        self.page.locator('a[href*="/publish/"]').first.click()
        self.page.get_by_label(self.said("Web sites that may show the widget")).fill(site)
        self.button("Publish").click()
        expect(self.page).to_have_url(re.compile(r"/endpoints/\d+/$"), timeout=6 * MINUTES)

    def tags(self) -> list[str]:
        """The lines that the endpoint's page gives for other pages: the widget's, and the row's where there is one."""
        blocks = self.page.locator("code", has_text="widget.js").all_text_contents()
        return [text.strip() for text in blocks if text.strip().startswith("<script src=")]


def set_up(page: Page) -> None:
    """The very first visit: an owner and a team. In English, as the browser asks for it."""
    page.get_by_label("Your name").fill("Olga Owner")
    page.get_by_label("E-mail address").fill("olga@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Name of your team").fill("Kettle & Co")
    page.get_by_role("button", name="Create the account").click()


@dataclass(frozen=True)
class Published:
    """An assistant that was made by pages: where it is looked after, and the lines for other pages."""

    endpoint: str
    tags: tuple[str, ...]
    little: bool


@dataclass
class Town:
    """One studio for several tests, and what has been published in it so far; each use case is trained once."""

    studio: Studio
    site: Foreign
    made: dict[str, Published]

    def key(self, case: UseCase, language: str = ENGLISH) -> str:
        return f"{case.slug} {language}"

    def published(self, case: UseCase, page: Page, language: str = ENGLISH, little: bool = True) -> Published:
        """Little is enough for whoever needs an answer; what a preset alone learned serves them as well."""
        road = Road(page, self.studio.url, language)
        road.enter()
        key = self.key(case, language)
        if key not in self.made or (self.made[key].little and not little):
            road.choose(case, key)
            road.take_the_sample()
            road.train(little)
            road.publish(self.site.url)
            self.made[key] = Published(page.url, tuple(road.tags()), little)
        page.goto(self.made[key].endpoint)
        return self.made[key]


def asked(case: UseCase) -> str:
    """What a visitor writes: the first text of the sample, or the name of its first item."""
    with (SAMPLES / (case.sample_items or case.sample)).open(encoding="utf-8-sig", newline="") as lines:
        row = next(csv.DictReader(lines))
    cells = [value for value in row.values() if value and " " in value]
    return cells[0]
