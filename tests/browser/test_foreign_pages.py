"""The widget in other people's pages: whatever they do to their own elements, keys and views, chat and row stay whole."""

from __future__ import annotations

import http.server
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Page, expect

from endpoints import publishing
from tests.endpoints.conftest import model, peer, running_peer, server  # noqa: F401
from tests.endpoints.things import make_recommender
from tests.live import free_port

pytestmark = pytest.mark.django_db(transaction=True)
BODY = "<h1>Our shop</h1>"


@pytest.fixture(autouse=True, scope="module")
def beside_a_browser():
    """The browser's driver keeps an event loop in this thread, in which Django would refuse to ask the database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


def published(model, owner, name):  # noqa: F811
    """Publishing waits for the engine, which this thread with its running loop may not do."""
    from django.db import connection

    def work():
        try:
            return publishing.publish(model, owner, name=name, visibility="link")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


@pytest.fixture
def site():
    """A web site of somebody else's: its address, and its pages by path."""
    pages: dict[str, str] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = pages.get(self.path, "")
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args):
            pass

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_address[1]}", pages
    httpd.shutdown()


@pytest.fixture
def shop(site, peer, model, team, owner, server, page: Page):  # noqa: F811
    """Opens a page of the shop; CHAT and ROW in it become the tags as the studio gives them."""
    from projects.models import Project

    project = Project.objects.create(team=team, name="Shop", use_case="recommendation", created_by=owner)
    row = published(make_recommender(project), owner, "Shop helper")
    endpoint = published(model, owner, "Kettle help")
    address, pages = site
    for one in (endpoint, row):
        one.allowed_sites = [address]
        one.save()
    source = f'src="{server.url}/widget.js"'

    def visit(body: str, head: str = "", attributes: str = "lang=en") -> Page:
        tags = {
            "CHAT": f'<script {source} data-endpoint="{endpoint.slug}" async></script>',
            "ROW_SETTINGS": f's.src="{server.url}/widget.js";s.dataset.endpoint="{row.slug}";s.dataset.mode="carousel";',
            "ROW": f'<script {source} data-endpoint="{row.slug}" data-mode="carousel" data-item="t0" async></script>',
            "SLUG": endpoint.slug,
            "SOURCE": source,
        }
        for name, tag in tags.items():
            body = body.replace(name, tag)
        pages["/"] = (
            f"<!doctype html><html {attributes}><head><title>Shop</title>{head}</head><body>{body}</body></html>"
        )
        page.goto(address)
        return page

    return visit


def launcher(page: Page):
    return page.get_by_role("button", name="Open the chat")


def open_chat(page: Page):
    launcher(page).click()
    box = page.get_by_role("textbox", name="Write a message")
    expect(box).to_be_visible()
    return box


def cards(page: Page):
    return page.locator("atelier-chat .chat-card")


def at_the_corner(page: Page) -> bool:
    """The button stands 20 px from both edges, give or take the lift that a mouse over it gives."""
    box = launcher(page).bounding_box()
    width, height = page.evaluate("[document.documentElement.clientWidth, innerHeight]")
    right, below = width - box["x"] - box["width"], height - box["y"] - box["height"]
    return abs(right - 20) < 8 and abs(below - 20) < 8


@pytest.mark.parametrize(
    "style",
    [
        "html{font-size:62.5%} body{font-size:1.6rem}",
        "html{font-size:24px}",
        "body>*{transform:translateZ(0);max-width:600px;margin:0 auto;display:block}",
        "body{transform:translateX(0);opacity:.4;filter:blur(2px);will-change:transform;overflow:hidden}",
        "*{font-size:9px!important;position:static!important;transform:rotate(3deg)!important;opacity:.2!important}",
        "atelier-chat{display:none!important;width:10px;contain:strict}",
        "body{perspective:100px;contain:paint;visibility:hidden}",
    ],
)
def test_it_looks_the_same_whatever_the_pages_styles_say(shop, style):
    page = shop(f'<div style="height:3000px">long</div>{BODY}CHAT', f"<style>{style}</style>")
    box = open_chat(page)
    page.get_by_role("button", name="Close the chat").last.click()
    expect(launcher(page)).to_be_visible()
    assert at_the_corner(page)
    launcher(page).click()
    assert box.evaluate("node => getComputedStyle(node).fontSize") == "16px"
    host = page.locator("atelier-chat")
    assert host.evaluate("node => [getComputedStyle(node).opacity, getComputedStyle(node).transform]") == ["1", "none"]


def test_it_answers_in_a_page_that_transforms_and_blurs_its_body(shop):
    page = shop(f"{BODY}CHAT", "<style>body{transform:scale(.5);opacity:.3}</style>")
    box = open_chat(page)
    box.fill("Tell me a story")
    box.press("Enter")
    expect(page.get_by_text("word0 word1").first).to_be_visible()


def test_it_says_why_enter_does_not_send_while_an_answer_is_written(shop, peer):  # noqa: F811
    peer.pause = 0.5
    box = open_chat(shop("CHAT"))
    box.fill("Tell me a story")
    box.press("Enter")
    status = box.page.locator(".chat-status")
    expect(box.page.get_by_text("word0").first).to_be_visible()
    box.fill("And another one")
    box.press("Enter")
    expect(status).to_contain_text("still being written")
    expect(box).to_have_value("And another one")
    expect(status).to_have_text("")  # once the answer is there
    box.press("Enter")
    expect(box).to_have_value("")


def test_it_keeps_keys_and_pastes_from_the_page(shop):
    types = "keydown keypress keyup beforeinput input paste copy cut"
    page = shop(
        f"<script>window.hits=[];for(const t of '{types}'.split(' '))document.addEventListener(t,e=>hits.push(t))</script>CHAT"
    )
    box = open_chat(page)
    page.evaluate("hits.length = 0")
    box.type("k/?s")
    box.press("Control+a")
    box.press("Control+c")
    box.press("Control+v")
    box.press("Shift+Enter")
    assert page.evaluate("hits") == []
    box.press("Escape")
    expect(launcher(page)).to_be_visible()


def test_it_shows_chat_and_rows_of_one_page(shop):
    page = shop(f"{BODY}ROW<p>between</p>ROW CHAT")
    expect(page.locator("atelier-chat")).to_have_count(3)
    expect(cards(page)).to_have_count(2 * cards(page).locator("xpath=ancestor::ol").first.locator("li").count())
    open_chat(page)


def test_it_shows_one_chat_for_two_equal_tags(shop):
    page = shop(f"{BODY}CHAT CHAT")
    expect(launcher(page)).to_have_count(1)
    page.evaluate("Atelier.open()")
    expect(page.get_by_role("textbox", name="Write a message")).to_be_visible()


def test_it_works_as_a_module(shop):
    open_chat(shop(f'{BODY}<script type="module" SOURCE data-endpoint="SLUG"></script>'))


def test_it_mounts_a_module_tag_that_comes_later(shop):
    page = shop(f'{BODY}<script type="module" SOURCE data-endpoint="SLUG"></script>')
    expect(launcher(page)).to_be_visible()
    source = page.locator("script[src]").get_attribute("src")
    page.evaluate(
        "([src, slug]) => {const s=document.createElement('script');s.type='module';s.src=src;s.dataset.endpoint=slug;"
        "s.dataset.mode='carousel';s.dataset.item='t0';document.body.append(s)}",
        [source, "shop-helper"],
    )
    expect(cards(page).first).to_be_visible()


def test_it_says_in_one_line_what_a_tag_without_a_name_needs(shop):
    said = []
    page = shop(BODY)
    page.on("console", lambda message: said.append(message.text))
    shop(f"{BODY}<script SOURCE></script>")
    page.wait_for_timeout(500)
    assert len([text for text in said if "data-endpoint" in text]) == 1


def test_it_shows_a_row_where_a_page_mounts_twice(shop):
    add = "function add(){const s=document.createElement('script');ROW_SETTINGS s.dataset.item='t0';s.async=true;"
    add += "document.querySelector('main').append(s);return s}"
    page = shop(f"<main></main><script>{add} const a=add();a.remove();add();</script>")
    expect(page.locator("main atelier-chat")).to_have_count(1)
    expect(cards(page).first).to_be_visible()


def test_it_shows_the_row_of_the_next_view_and_takes_the_last_one_away(shop):
    add = "function add(item){const m=document.querySelector('main');m.textContent='';const s=document.createElement('script');"
    add += "ROW_SETTINGS s.dataset.item=item;m.append(s)}"
    page = shop(f"<main></main><script>{add} add('t0')</script>")
    expect(cards(page).first).to_be_visible()
    page.evaluate("add('t1')")
    expect(page.locator("atelier-chat")).to_have_count(1)
    expect(cards(page).first).to_be_visible()
    page.evaluate("document.querySelector('main').textContent = ''")
    expect(page.locator("atelier-chat")).to_have_count(0)


def test_it_draws_a_row_again_when_its_tag_gets_another_item(shop, peer):  # noqa: F811
    page = shop(f"<main>ROW</main>{BODY}")
    expect(cards(page).first).to_be_visible()
    with page.expect_request("**/v1/recommend") as asked:
        page.locator("script[data-mode]").evaluate("node => node.dataset.item = 't3'")
    assert asked.value.post_data_json["item"] == "t3"


def test_it_stays_when_a_page_swaps_its_body(shop):
    page = shop(f"{BODY}CHAT")
    open_chat(page)
    page.evaluate("document.body.innerHTML = '<h1>Next</h1>'")
    expect(page.get_by_role("textbox", name="Write a message")).to_be_visible()
    page.evaluate("document.body.replaceWith(document.createElement('body'))")
    expect(page.get_by_role("textbox", name="Write a message")).to_be_visible()


def test_it_reads_from_left_to_right_in_a_page_that_does_not(shop):
    page = shop(f"{BODY}CHAT", attributes="lang=en dir=rtl")
    box = open_chat(page)
    assert box.evaluate("node => getComputedStyle(node).direction") == "ltr"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    "size", [(640, 450), (360, 640), (640, 320)]
)  # a window of 1280 × 900 at 200 %, a phone, a low one
def test_it_fits_a_small_window(shop, page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    shop(f"{BODY}CHAT")
    box = open_chat(page)
    place, panel = box.bounding_box(), page.get_by_role("dialog").bounding_box()
    assert panel["x"] >= 0 and panel["y"] >= 0
    assert panel["x"] + panel["width"] <= size[0] and panel["y"] + panel["height"] <= size[1]
    assert place["y"] + place["height"] <= size[1]
    expect(page.get_by_role("button", name="Close the chat").first).to_be_in_viewport()


def test_it_moves_nothing_where_a_person_wants_less_motion(shop, page):
    page.emulate_media(reduced_motion="reduce")
    shop(f"{BODY}CHAT")
    open_chat(page)
    moving = page.evaluate(
        "[...document.querySelector('atelier-chat').shadowRoot.querySelectorAll('*')]"
        ".flatMap(node => node.getAnimations()).length"
    )
    assert moving == 0
