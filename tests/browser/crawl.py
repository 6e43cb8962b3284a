"""Follows everything that a page offers: links, frames, what htmx fetches, forms; as one person, in one language."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx2 as httpx
from django.urls import Resolver404, resolve

MOST_PAGES = 3000
MOST_ALIKE = 6
"""Addresses that differ in the values of their question alone: the seventh filter of a list is like the sixth."""
FAR_ON = re.compile(r"[?&]page=(?:[3-9]|\d\d)")  # the third page of a list is like the second
CHATS = {"data-chat", "data-chat-preview", "data-endpoint"}  # a script puts a chat there, in which one goes on
VOID = {"input", "br", "img", "link", "meta", "hr", "source", "use", "path"}


@dataclass
class Form:
    """A form as it stands on a page, with what would be sent if nothing were changed."""

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    required_without_choice: list[str] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    has_file: bool = False
    offered: bool = False  # there is a button to send it with

    def values(self) -> dict[str, str]:
        return self.fields | dict(self.buttons[:1])


class Reader(HTMLParser):
    """What a page offers."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.links: list[str] = []
        self.named: list[str] = []
        self.forms: list[Form] = []
        self.form: Form | None = None
        self.select: tuple[str, bool, list[str]] | None = None
        self.area: str | None = None
        self.main = 0
        self.ways_on = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.ways_on += (tag == "a" and given.get("href", "#")[0:1] != "#") or tag == "button"
        self.ways_on += bool(CHATS & given.keys())
        for name in ("href",) if tag == "a" else ("hx-get", "src") if tag != "script" else ("src",):
            if given.get(name):
                self.links.append(given[name])
        if tag != "a" and given.get("hx-get"):
            self.links.append(given["hx-get"])
        self.named += [value for name, value in given.items() if name.endswith("-url") and value]
        self._in_form(tag, given)

    def _in_form(self, tag: str, given: Mapping[str, str]) -> None:
        if tag == "form":
            self.form = Form(given.get("method", "get").lower(), urljoin(self.url, given.get("action") or self.url))
            self.forms.append(self.form)
        if self.form is None or "disabled" in given:
            return
        name = given.get("name", "")
        self.form.offered |= tag == "button" and given.get("type", "submit") == "submit"
        if tag == "button" and name:
            self.form.buttons.append((name, given.get("value", "")))
        elif tag == "input" and given.get("type") == "file":
            self.form.has_file = True
        elif tag == "input" and name and (given.get("type") not in ("radio", "checkbox") or "checked" in given):
            self.form.fields[name] = given.get("value", "")
        elif tag == "select":
            self.select = (name, "required" in given, [])
        elif tag == "option" and self.select:
            self.select[2].append(given.get("value", ""))
            if "selected" in given or len(self.select[2]) == 1:
                self.form.fields[self.select[0]] = given.get("value", "")
        elif tag == "textarea" and name:
            self.area, self.form.fields[name] = name, ""

    def handle_data(self, data: str) -> None:
        if self.form and self.area:
            self.form.fields[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = None
        if tag == "select" and self.select and self.form:
            name, required, options = self.select
            if required and not [value for value in options if value]:
                self.form.required_without_choice.append(name)
            self.select = None
        if tag == "form":
            self.form = None


def name_of(address: str) -> str:
    """The URL's name, as Django knows it; empty for an address that nobody answers."""
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return ""


class Visitor:
    """A browser without eyes: cookies, forms with their tokens, redirects."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.http = httpx.Client(base_url=site, follow_redirects=True, timeout=120)

    def get(self, address: str) -> tuple[Any, Reader]:
        reply = self.http.get(address)
        return reply, self.read(reply)

    def read(self, reply: Any) -> Reader:
        page = Reader(str(reply.url))
        if reply.headers.get("content-type", "").startswith("text/html"):
            page.feed(reply.text)
        return page

    def submit(self, form: Form, files: Mapping[str, Any] | None = None, **values: str) -> Any:
        headers = {"Referer": self.site + "/"}
        return self.http.post(form.action, data=form.values() | values, files=files, headers=headers)

    def form(self, address: str, ending: str = "") -> Form:
        """The form of a page whose address ends so; without an ending the page's own, not those of its menu."""
        _reply, page = self.get(address)
        posts = [one for one in page.forms if one.method == "post"]
        own = [one for one in posts if name_of(one.action) not in ("set_language", "account_logout")]
        return next(one for one in (posts if ending else own) if urlsplit(one.action).path.endswith(ending))

    def fill(self, address: str, ending: str = "", files: Mapping[str, Any] | None = None, **values: str) -> Any:
        return self.submit(self.form(address, ending), files, **values)

    def speak(self, language: str) -> None:
        self.fill("/help/", "/language/", language=language)

    def signed_in(self, email: str, password: str) -> Visitor:
        self.fill("/account/login/", "/login/", login=email, password=password)
        return self


@dataclass
class Crawl:
    """What was found on the way."""

    reached: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    forms: dict[str, list[Form]] = field(default_factory=dict)
    pages: int = 0
    addresses: list[str] = field(default_factory=list)  # in the order in which they answered well
    whole: list[str] = field(default_factory=list)  # those among them that a person opens, not parts of a page


def crawl(visitor: Visitor, starts: list[str]) -> Crawl:
    """Follows everything from some addresses on."""
    crawled, seen, alike = Crawl(), set(), Counter[tuple[str, ...]]()
    waiting = [(address, "the start") for address in starts]
    while waiting:
        address, shown_on = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        assert len(seen) < MOST_PAGES, f"ever new addresses, such as {address}"
        if question := parse_qs(urlsplit(address).query, keep_blank_values=True):
            kind = (name_of(address), *sorted(question))
            alike[kind] += 1
            if alike[kind] > MOST_ALIKE:
                continue
        crawled.reached.add(name_of(address))
        reply, page = visitor.get(address)
        crawled.pages += 1
        crawled.reached.add(name_of(str(reply.url)))
        crawled.faults += faults_of(address, shown_on, reply, page)
        if not reply.is_success:
            continue
        crawled.addresses.append(address)
        crawled.whole += [address] if is_whole(reply) else []
        crawled.reached |= {name_of(named) for named in page.named}
        for form in page.forms:
            if form.method == "get":
                page.links.append(f"{form.action.split('?')[0]}?{urlencode(form.values())}")
            else:
                crawled.forms.setdefault(name_of(form.action), []).append(form)
                crawled.reached.add(name_of(form.action))
        waiting += [(one, address) for one in ours(visitor.site, str(reply.url), page.links)]
    return crawled


def ours(site: str, base: str, links: list[str]) -> Iterator[str]:
    for link in links:
        whole = urljoin(base, link).split("#")[0]
        if whole.startswith(site + "/") and not whole.startswith(site + "/static/") and not FAR_ON.search(whole):
            yield whole.removeprefix(site)


def is_whole(reply: Any) -> bool:
    return reply.headers.get("content-type", "").startswith("text/html") and "</html>" in reply.text


def faults_of(address: str, shown_on: str, reply: Any, page: Reader) -> list[str]:
    faults = []
    if reply.status_code >= 400:
        return [f"{reply.status_code} at {address}, shown on {shown_on}"]
    whole = is_whole(reply)
    if whole and not page.ways_on:
        faults.append(f"no way on from {address}")
    faults += [f"{name} cannot be chosen at {address}" for form in page.forms for name in form.required_without_choice]
    if whole and re.search(r"<label[^>]*>\s*</label>", reply.text):
        faults.append(f"a field without a label at {address}")
    return faults
