"""Whatever people and strangers write stays text: every text that is stored, on every page, in the chat and in the widget."""

from __future__ import annotations

import csv
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from playwright.sync_api import Page, expect

from endpoints import publishing
from tests.browser.crawl import Visitor, crawl
from tests.browser.test_foreign_pages import beside_a_browser, site  # noqa: F401
from tests.endpoints.conftest import model, peer, running_peer, server  # noqa: F401
from tests.endpoints.things import make_recommender
from tests.training.conftest import report as chat_report
from tests.training.test_report_classify import report as label_report

pytestmark = pytest.mark.django_db(transaction=True)
OURS = ("studio", "projects", "training", "endpoints")
# What the studio writes and reads for itself; nobody's words ever stand there.
STRUCTURE = re.compile(
    r"hash|^(password|language|time_zone|action|use_case|purpose|train_with|example_id|worker|base_model|preset|queue"
    r"|phase|code|version|slug|color|publishable_key|answers_with|prefix|client_id|trace|email|column)$"
)
FORMULA = "{{7*191}}${7*191}"
MARKERS = (
    '"><img src=x onerror=ran()>',
    "</script></textarea></title><script>ran()</script>",
    "'><a href=javascript:ran()>x</a>",
    "[x](javascript:ran()) <svg/onload=ran()>",
    '" onfocus="ran()" autofocus x="',
    f"{FORMULA}\u202egnihtyna",
)
# Told by each document: what ran, what the policy had to stop, what became an element though it was text.
WATCH = """
window.ran = () => { window.hits = (window.hits ?? []).concat("a script ran"); };
document.addEventListener("securitypolicyviolation", (event) => {
  window.hits = (window.hits ?? []).concat(`${event.violatedDirective} stopped ${event.blockedURI} ${event.sample}`);
});
"""
FOUND = """() => {
  const roots = [document, ...[...document.querySelectorAll("*")].map((node) => node.shadowRoot).filter(Boolean)];
  const bad = "[onerror],[onload],[onfocus],img[src='x'],a[href^='javascript:' i],svg[onload]";
  const elements = roots.flatMap((root) => [...root.querySelectorAll(bad)].map((node) => node.outerHTML.slice(0, 200)));
  return [...(window.hits ?? []), ...elements];
}"""


LONG = 2_000  # letters without a blank: wider than any page, and a page with a hundred of them is still laid out soon


def hostile(most: int = LONG, turn: int = 0) -> str:
    """One marker, and as many letters without a blank behind it as there is room for."""
    return f"{MARKERS[turn % len(MARKERS)]}{turn}{'W' * LONG}"[:most]


def write_into_every_text() -> list[str]:
    """Each text of each row becomes a marker, one kind after the other; returns the names of the fields."""
    written, turn = [], 0
    for table in apps.get_models():
        if table.__module__.split(".")[0] not in OURS:
            continue
        names = [field for field in table._meta.fields if is_text(field)]
        for row in table._default_manager.all():
            turn += 1
            new = {field.name: hostile(field.max_length or LONG, turn + place) for place, field in enumerate(names)}
            if new:
                table._default_manager.filter(pk=row.pk).update(**new)
        written += [f"{table.__name__}.{field.name}" for field in names if table._default_manager.exists()]
    return written


def is_text(field: models.Field) -> bool:
    return (
        isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and not STRUCTURE.search(field.name)
    )


def csv_of(header: list[str], rows: list[list[str]]) -> str:
    lines = io.StringIO()
    csv.writer(lines).writerows([header, *rows])
    return lines.getvalue()


def pasted(owner: Visitor, project: Any, text: str, mapping: dict[str, str], use: bool = True) -> Any:
    """Through the page, and then the worker's part of it, done here."""
    from projects import tasks

    owner.fill(f"/projects/{project.pk}/data/", "/paste/", text=text)
    dataset = project.datasets.order_by("-pk")[0]
    tasks.read_dataset(dataset.pk)
    dataset.refresh_from_db()
    assert dataset.state == "checking", dataset.error
    if use:
        owner.fill(f"/datasets/{dataset.pk}/", "/mapping/", **mapping)
        tasks.read_dataset(dataset.pk)
        owner.fill(f"/datasets/{dataset.pk}/", "/use/")
        tasks.import_dataset(dataset.pk)
        dataset.refresh_from_db()
        assert dataset.state == "ready", (dataset.state, dataset.error)
    return dataset


@pytest.fixture
def world(server, peer, model, team, owner, settings):  # noqa: F811
    """One row of every kind, with files that hold markers too; then every text in the database is one."""
    from endpoints.models import ApiKey, Conversation, Endpoint, Feedback, LabelCount, Message, Scoring
    from projects.models import AuditEvent, Invitation, Labelling, LabelName, Project, WaitingText
    from training.models import Evaluation, ModelVersion, RunLog, TrainingRun, Worker

    visitor = Visitor(server.url).signed_in(owner.email, PASSWORD_OF_THE_CAST)
    questions = [[f"{hostile(200, n)} number {n}?", f"{hostile(300 if n else LONG, n + 1)} {n}"] for n in range(30)]
    support = Project.objects.create(team=team, name="Support", use_case="support_bot", created_by=owner)
    columns = [hostile(60, 0), hostile(60, 1)]
    mapped = {"question": columns[0], "answer": columns[1]}
    ready = pasted(visitor, support, csv_of(columns, questions), mapped)
    pasted(visitor, support, csv_of(columns, questions), mapped, use=False)
    mood = Project.objects.create(team=team, name="Mood", use_case="sentiment", created_by=owner)
    labels = [hostile(40, n) for n in range(3)]
    texts = [[f"{hostile(200, n)} text {n}", labels[n % 3]] for n in range(60)]
    words = pasted(visitor, mood, csv_of(["text", "label"], texts), {"text": "text", "label": "label"})

    made = []
    for project, dataset, found in (
        (support, ready, chat_report()),
        (mood, words, label_report(labels=labels)),
    ):
        run = TrainingRun.objects.create(project=project, dataset=dataset, base_model="tiny", state="succeeded")
        TrainingRun.objects.create(
            project=project, dataset=dataset, base_model="tiny", state="failed",
            error={part: hostile(300, n) for n, part in enumerate(("what", "safe", "todo", "ref"))},
        )  # fmt: skip
        RunLog.objects.create(run=run, code="worker_gone")
        version = ModelVersion.objects.create(project=project, run=run, number=1)
        Evaluation.objects.create(model=version, report=marked(found))
        made.append(version)
    rejected = support.datasets.create(name="broken.csv", state="rejected", created_by=owner)
    rejected.error = {part: hostile(300, n) for n, part in enumerate(("what", "safe", "todo", "ref"))}
    rejected.save()
    desk = Labelling.objects.create(dataset=words)
    LabelName.objects.create(labelling=desk, name="a")
    WaitingText.objects.create(labelling=desk, example_id="1", text="a")

    shop = Project.objects.create(team=team, name="Shop", use_case="recommendation", created_by=owner)
    ends = [published(one, owner, f"Help {n}") for n, one in enumerate((model, make_recommender(shop)))]
    for end in ends:
        end.starters = [hostile(80, n) for n in range(4)]
        end.allowed_sites = ["https://shop.example"]
        end.save()
        ApiKey.issue(team, "shop", end)
        talk = Conversation.objects.create(endpoint=end, origin="x")
        Message.objects.create(conversation=talk, role="user", text="x")
        source = {"question": hostile(200, 1), "answer": hostile(200, 2)}
        answer = Message.objects.create(conversation=talk, role="assistant", text="x", sources=[source])
        Feedback.objects.create(message=answer, rating=-1, suggestion="x", correction="", question="x")
        other = Message.objects.create(conversation=talk, role="assistant", text="x", state="unsure")
        Feedback.objects.create(message=other, rating=-1, suggestion="x", correction="x", question="x")
        Scoring.objects.create(
            endpoint=end, name="x", state="failed", error={"what": hostile(200, 0)}, created_by=owner
        )
    Endpoint.objects.filter(pk=ends[0].pk).update(threshold=0.0)
    AuditEvent.record(team, owner, "project.renamed", "x")
    Invitation.issue(team, "editor", owner, "x@example.com")
    Worker.objects.create(name="w", queues=["train"], seen=ends[0].created)
    LabelCount.objects.create(endpoint=ends[0], day=ends[0].created.date(), label="x", count=3)
    written = write_into_every_text()
    assert {"Project.name", "Message.text", "Feedback.suggestion", "ApiKey.name", "Team.name", "User.name"} <= {
        *written
    }
    return visitor, ends


PASSWORD_OF_THE_CAST = "correct horse battery"


def published(version: Any, owner: Any, name: str) -> Any:
    def work() -> Any:
        try:
            return publishing.publish(version, owner, name=name, visibility="link")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def marked(found: Any, key: str = "", turn: int = 0) -> Any:
    """A report whose texts are markers; its codes, which the pages look up, stay."""
    if isinstance(found, dict):
        return {name: marked(value, name, place) for place, (name, value) in enumerate(found.items())}
    if isinstance(found, list):
        return [marked(value, key, place) for place, value in enumerate(found)]
    if isinstance(found, str) and key in {"text", "question", "reference", "answer", "title"}:
        return hostile(LONG if turn == 0 else 200, turn)
    return found


@pytest.fixture
def watched(page: Page):
    page.add_init_script(WATCH)
    page.on("dialog", lambda dialog: dialog.dismiss())
    return page


def faults_of(page: Page, wide: bool = True) -> list[str]:
    faults = page.evaluate(FOUND)
    if "1337" in page.evaluate("document.body.innerText"):
        faults.append("what stands in braces was computed")
    if wide:
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            page.wait_for_timeout(150)
            reached = page.evaluate("document.documentElement.scrollWidth")
            if reached > width:
                faults.append(f"{reached} px wide where {width} are there: {widest(page, width)}")
    return faults


def widest(page: Page, width: int) -> str:
    """The innermost element that stands out on the right."""
    return page.evaluate(
        """(width) => [...document.body.querySelectorAll("*")].filter((node) => node.getBoundingClientRect().right > width + 1)
        .slice(0, 3).map((node) => node.outerHTML.slice(0, 160)).join(" | ")""",
        width,
    )


def test_it_never_becomes_more_than_text_on_a_page(world, watched, server):  # noqa: F811
    visitor, _ends = world
    found = crawl(visitor, ["/", "/help/"])
    broken = [fault for fault in found.faults if re.match(r"5\d\d ", fault)]
    pages = found.whole
    for cookie in visitor.http.cookies.jar:
        watched.context.add_cookies([{"name": cookie.name, "value": cookie.value, "url": server.url}])
    faults = {}
    for address in one_of_a_kind(pages):
        watched.goto(server.url + address)
        watched.wait_for_timeout(300)  # what htmx fetches on load
        if wrong := faults_of(watched):
            faults[address] = wrong
    print(f"{len(pages)} pages, {len(one_of_a_kind(pages))} opened")
    assert not broken
    assert not faults, json.dumps(faults, indent=1, ensure_ascii=False)


def one_of_a_kind(pages: list[str]) -> list[str]:
    """Addresses that differ in more than what is asked for behind the question mark."""
    return list({re.sub(r"\?.*", "", address): address for address in reversed(pages)}.values())


def asked(page: Page) -> None:
    box = page.get_by_role("textbox").last
    box.fill(f"{MARKERS[0]} {MARKERS[1]}")
    box.press("Enter")
    expect(page.get_by_text("[x](javascript:ran())").first).to_be_visible()
    page.wait_for_timeout(500)


def test_it_never_becomes_more_than_text_in_the_chat(world, watched, server, peer):  # noqa: F811
    _visitor, ends = world
    peer.words = [f"{marker}\n\n" for marker in MARKERS] + ["W" * 5_000]
    watched.goto(f"{server.url}/chat/{ends[0].slug}/")
    asked(watched)
    assert not faults_of(watched)
    watched.reload()
    watched.wait_for_timeout(500)
    assert not faults_of(watched)


def test_it_never_becomes_more_than_text_in_a_foreign_page(world, watched, server, peer, site):  # noqa: F811
    """The page has no policy of its own, so whatever got through would run."""
    _visitor, ends = world
    address, pages = site
    for end in ends:
        type(end).objects.filter(pk=end.pk).update(allowed_sites=[address])
    peer.words = [f"{marker}\n\n" for marker in MARKERS] + ["W" * 5_000]
    tags = [f'<script src="{server.url}/widget.js" data-endpoint="{ends[0].slug}" async></script>']
    tags += [
        f'<script src="{server.url}/widget.js" data-endpoint="{ends[1].slug}" data-mode="carousel" data-item="t0"></script>'
    ]
    pages["/"] = f"<!doctype html><html lang=en><head><title>Shop</title></head><body>{''.join(tags)}</body></html>"
    watched.goto(address)
    watched.locator("atelier-chat .chat-card").first.wait_for()
    watched.get_by_role("button", name="Open the chat").click()
    asked(watched)
    assert not faults_of(watched)
