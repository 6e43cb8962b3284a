"""A studio with everything in it, and everything that its pages offer: nobody meets an error or a dead end."""

from __future__ import annotations

import re
import time
from functools import cache

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Page

from projects.usecases import all_use_cases
from tests.browser.crawl import Crawl, Visitor, crawl
from tests.browser.road import CHINESE, ENGLISH, PASSWORD, Town
from tests.live import ROOT

FIRST_OF_A_FAMILY = list({case.family: case for case in reversed(all_use_cases())}.values())
PEOPLE = {"owner": "olga@example.com", "editor": "eddy@example.com", "viewer": "vera@example.com"}
FAR = "a kettle that never boils"
# What takes something away that the other walks need, or starts an hour of work.
NOT_TRIED = re.compile(
    r"delete|logout|unpublish|revoke|remove|archive|reset|set_language|switch_team|label_done|retrain|relabelled"
    r"|follow|again|training:new|cancel|password|role|setup"
)
# Addresses that no page shows: for programs, for letters, for machines.
NOT_PAGES = {
    "studio:healthz", "studio:readyz", "studio:metrics", "studio:favicon", "studio:setup", "studio:invitation",
    "endpoints:widget_settings", "endpoints:no_address", "endpoints:no_version", "endpoints:download_scoring",
    "projects:upload", "projects:label_state",
    "studio:resend",  # after a sign-in that a form had met, see test_resending
}  # fmt: skip


@pytest.fixture
def studio_with_everything(town: Town, page: Page) -> dict[str, Visitor]:
    """Something of each family published, and besides what goes wrong, waits or is half done. By pages alone."""
    for case in FIRST_OF_A_FAMILY:
        town.published(case, page)
        page.goto("about:blank")  # what the last page still asks for would bring a second cookie
        page.context.clear_cookies()
    owner = Visitor(town.studio.url).signed_in(PEOPLE["owner"], PASSWORD)
    people = {"owner": owner}
    for role in ("editor", "viewer"):
        shown = owner.fill("/team/", "/invite/", email=PEOPLE[role], role=role).text
        link = re.search(r'id="once">([^<]+)<', shown)
        assert link, shown
        people[role] = Visitor(town.studio.url)
        people[role].fill(link[1].strip(), name=role.title(), email=PEOPLE[role], password1=FAR, password=FAR)
    for endpoint in [one.endpoint for one in town.made.values()]:
        talk(owner, endpoint.removeprefix(town.studio.url))
    half_done(owner)
    return people


def talk(owner: Visitor, endpoint: str) -> None:
    """A key, a question through the API, and its answer corrected."""
    shown = owner.fill(endpoint, "/keys/", name="Shop").text
    key, slug = re.search(r'id="key">([^<]+)<', shown), re.search(r"/chat/([\w-]+)/", shown)
    assert key
    assert slug
    body = {"model": slug[1], "messages": [{"role": "user", "content": "Do you ship abroad?"}]}
    headers = {"Authorization": f"Bearer {key[1]}"}
    assert owner.http.post("/v1/chat/completions", json=body, headers=headers).status_code == 200
    _reply, page = owner.get(endpoint + "score/")
    uploads = [form for form in page.forms if form.has_file]
    if uploads:
        table = "review\n" + "".join(f"Order {n} was lovely\n" for n in range(12))
        owner.submit(uploads[0], {"file": ("reviews.csv", table.encode(), "text/csv")})


def half_done(owner: Visitor) -> None:
    """A project without data, one put away, a file that is none, texts without labels, a training that must fail."""
    new_project(owner, "support_bot", "Empty")
    owner.fill(new_project(owner, "support_bot", "Put away"), "/archive/")
    picture = {"file": ("kettle.png", b"\x89PNG\r\n\x1a\n" + bytes(200), "image/png")}
    broken = new_project(owner, "support_bot", "Broken")
    data = next(form for form in owner.get(broken + "data/")[1].forms if form.has_file)
    owner.submit(data, picture)
    texts = "review\n" + "".join(f"The kettle number {n} sings of {n * 7}\n" for n in range(40))
    ready(owner, new_project(owner, "sentiment", "Unlabelled"), texts)
    same = "question,answer\n" + "".join(
        f"What about kettle {n} and tea {n * 3}?,{('Please ask us.', 'Please write.')[n % 2]}\n" for n in range(40)
    )
    dataset = ready(owner, new_project(owner, "support_bot", "Same answers"), same)
    run = owner.fill(f"{dataset}train/", preset="quick")
    for _second in range(240):
        if "progress" not in owner.http.get(f"{run.url.path}state/").text:
            break
        time.sleep(1)


def new_project(owner: Visitor, use_case: str, name: str) -> str:
    """Its address."""
    made = owner.fill(f"/new/?use_case={use_case}", name=name)
    return made.url.path.removesuffix("data/")


def ready(owner: Visitor, project: str, rows: str) -> str:
    """Pasted, read and used; the address of the data."""
    dataset = owner.fill(project + "data/", "/paste/", text=rows).url.path
    for ending in ("/use/", "/train/"):
        for _second in range(240):
            reply, page = owner.get(dataset)
            if any(form.action.endswith(ending) for form in page.forms) or "every 1s" not in reply.text:
                break
            time.sleep(1)
        for form in [one for one in page.forms if one.action.endswith("/use/")][:1]:
            owner.submit(form)
    return dataset


def test_it_meets_nobody_with_an_error_or_a_dead_end(town: Town, studio_with_everything: dict[str, Visitor]):
    began, reached, faults = time.monotonic(), set(), []
    chats = [f"/chat/{one.tags[0].split('data-endpoint=')[1].split(chr(34))[1]}/" for one in town.made.values()]
    visitors = {**studio_with_everything, "nobody": Visitor(town.studio.url)}
    for role, visitor in visitors.items():
        for language in (ENGLISH, CHINESE):
            visitor.speak(language)
            found = crawl(visitor, ["/", "/help/", *(chats if role == "nobody" else [])])
            faults += [f"{role}, {language}: {fault}" for fault in found.faults]
            print(f"{role}, {language}: {found.pages} pages, {len(faults)} faults, {time.monotonic() - began:.0f} s")
            reached |= found.reached
        faults += [f"{role}: {fault}" for fault in pressed(role, visitor, found)]
    assert not faults, "\n".join(faults)
    missed = [name for name in pages_there_are() if name not in reached | NOT_PAGES and not offered_at_times(name)]
    assert not missed, f"no page leads to {missed}"


def offered_at_times(name: str) -> bool:
    """Whether a template offers it: much is offered only while something runs, waits or can be taken back."""
    return any(f"'{name}'" in text or f'"{name}"' in text for text in templates())


@cache
def templates() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html")]


def pressed(role: str, visitor: Visitor, found: Crawl) -> list[str]:
    """What goes wrong when the forms are sent as they stand. A viewer must be able to send all that is offered."""
    faults = []
    for name, forms in found.forms.items():
        forms = [form for form in forms if form.offered]
        if not forms:
            continue
        if NOT_TRIED.search(name) and (role != "viewer" or re.search("logout|remove|set_language|password", name)):
            continue
        reply = visitor.submit(forms[0])
        refused = (403, 404, 405) if role in ("viewer", "owner") else (405,)
        if reply.status_code >= 500 or reply.status_code in refused:
            faults.append(f"{reply.status_code} after sending {forms[0].action} as it stands")
    return faults


def pages_there_are(resolver: URLResolver | None = None, space: str = "") -> list[str]:
    """The names of all addresses of the four packages that answer somebody who looks."""
    names = []
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            names += pages_there_are(entry, entry.namespace or space)
        elif isinstance(entry, URLPattern) and entry.name and space in ("studio", "projects", "training", "endpoints"):
            names.append(f"{space}:{entry.name}")
    return names
