"""The product in one test: from the first visit to a streamed answer in the widget on a foreign page.

It is the town's first visit, and its assistant is the one that the other tests of the town ask: the model of a preset that
nobody shortened is trained once.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

import openai
import pytest
from playwright.sync_api import Page, expect

from projects import usecases
from tests.browser.looks import look
from tests.browser.road import Foreign, Published, Road, Town

PASSWORD = "a kettle that sings"
# A name that does harm where it is not escaped; another one for pictures.
NAME = os.environ.get("JOURNEY_NAME", "Kettle support <script>alert(1)</script>")
MINUTES = 60_000


def set_up(page: Page, url: str) -> None:
    page.goto(url)
    expect(page).to_have_url(re.compile("/setup/"))
    look(page, "setup")
    page.get_by_label("Your name").fill("Olga Owner")
    page.get_by_label("E-mail address").fill("olga@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Name of your team").fill("Kettle & Co")
    page.get_by_role("button", name="Create the account").click()


def choose(page: Page) -> None:
    expect(page.get_by_role("heading", name="What do you want to build?")).to_be_visible()
    look(page, "gallery")
    page.get_by_role("link", name="Support bot").first.click()
    look(page, "create")
    page.get_by_label("Name").fill(NAME)
    page.get_by_role("button", name="Continue").click()


def add_data(page: Page) -> None:
    look(page, "data")
    page.get_by_role("button", name="Take the sample").click()
    expect(page.get_by_role("button", name="Use this data").first).to_be_visible(timeout=4 * MINUTES)
    look(page, "check")
    page.get_by_role("button", name="Use this data").first.click()
    expect(page.get_by_role("link", name="Train").first).to_be_visible(timeout=4 * MINUTES)
    look(page, "ready")
    page.get_by_role("link", name="Train").first.click()


def train(page: Page) -> None:
    page.get_by_text("Quick", exact=True).first.click()
    look(page, "train")
    page.get_by_role("button", name="Start training").click()
    expect(page).to_have_url(re.compile(r"/runs/\d+/"))
    expect(page.locator("#run-state progress")).to_be_visible(timeout=4 * MINUTES)
    expect(page.locator("#run-state")).to_contain_text("% of the whole", timeout=4 * MINUTES)
    look(page, "run")
    page.reload()
    finished = page.get_by_role("link", name="See how good it is")
    expect(finished).to_be_visible(timeout=30 * MINUTES)
    look(page, "run-finished")
    finished.click()


def read_report(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text("How good is")
    page.wait_for_load_state("networkidle")
    look(page, "report")
    page.get_by_role("link", name="Publish").first.click()


def publish(page: Page, site: str) -> None:
    look(page, "publish")
    page.get_by_label("Web sites that may show the widget").fill(site)
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page).to_have_url(re.compile(r"/endpoints/\d+/"), timeout=6 * MINUTES)
    look(page, "endpoint")


def ask(scope, question: str) -> None:
    """Asks and waits until the answer is finished: only then it can be rated."""
    field = scope.get_by_role("textbox").last
    field.fill(question)
    field.press("Enter")
    expect(scope.get_by_text(question).first).to_be_visible()
    expect(scope.locator(".chat-turn, .turn, li").last).not_to_be_empty()


def chat_on_the_page(page: Page, address: str) -> None:
    page.goto(address)
    look(page, "chat-empty")
    ask(page, "How long does delivery take?")
    expect(page.get_by_role("button", name="Copy").last).to_be_visible(timeout=6 * MINUTES)
    look(page, "chat")
    page.reload()
    expect(page.get_by_text("How long does delivery take?").first).to_be_visible()
    page.get_by_role("button", name=re.compile("wrong|not", re.I)).last.click()
    correction = page.get_by_role("textbox").first
    correction.fill("Two working days, as stands on our page.")
    correction.locator("xpath=ancestor::form").get_by_role("button").first.click()


def chat_in_the_widget(page: Page, site: Foreign, tag: str) -> None:
    page.goto(site.put("/", tag))
    page.get_by_role("button").first.click()
    ask(page, "Can I return an opened box?")
    expect(page.get_by_role("button", name="Copy").last).to_be_visible(timeout=6 * MINUTES)
    page.screenshot(path="screenshots/widget-foreign-light.png")
    page.reload()
    expect(page.get_by_text("Can I return an opened box?").first).to_be_visible()


def call_the_api(page: Page, url: str) -> None:
    page.get_by_label("What the key is for").fill("Shop backend")
    page.get_by_role("button", name="Create a key").click()
    key = page.locator("#key").inner_text()
    slug = page.locator("#chat-address").inner_text().rstrip("/").rsplit("/", 1)[1]
    client = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)
    question = [{"role": "user", "content": "Do you ship abroad?"}]
    stream = client.chat.completions.create(model=slug, messages=question, stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    run_the_examples(page)


def run_the_examples(page: Page) -> None:
    """The curl and Python examples run as they stand."""
    samples = [block.text_content() for block in page.locator("[data-tabs] pre code").all()]
    python = next(sample for sample in samples if "from openai" in sample)
    done = subprocess.run([sys.executable, "-c", python], capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    curl = next(sample for sample in samples if sample.strip().startswith("curl"))
    done = subprocess.run(["bash", "-c", curl], capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    assert "choices" in done.stdout


def look_around(page: Page, url: str) -> None:
    for name, address in {
        "home": "/",
        "conversations": "/conversations/",
        "team": "/team/",
        "profile": "/profile/",
        "help": "/help/",
        "not-found": "/nothing-here/",
    }.items():
        page.goto(url + address)
        look(page, name)
    page.goto(url + "/conversations/")
    page.locator("a[href^='/conversations/']").filter(has_not_text="download").nth(1).click()
    look(page, "conversation")


def test_it_goes_from_a_first_visit_to_an_answer_on_a_foreign_page(town: Town, page: Page):
    url, site = town.studio.url, town.site
    page.set_viewport_size({"width": 1280, "height": 900})
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    set_up(page, url)
    choose(page)
    add_data(page)
    train(page)
    read_report(page)
    publish(page, site.url)
    endpoint = page.url
    tags = Road(page, url).tags()
    town.made[town.key(usecases.get("support_bot"))] = Published(endpoint, tuple(tags), little=False)
    address = page.locator("#chat-address").inner_text()
    chat_on_the_page(page, address)
    chat_in_the_widget(page, site, tags[0])
    page.goto(endpoint)
    call_the_api(page, url)
    look(page, "endpoint-key")
    look_around(page, url)
    page.goto(f"{url}/")
    page.get_by_role("link", name=re.compile("Kettle support")).first.click()
    page.wait_for_load_state("networkidle")
    look(page, "project")
    assert not [problem for problem in page.problems if "404" not in problem], page.problems
