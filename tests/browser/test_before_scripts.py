"""What a person does while the scripts of a page are still on their way."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.crawl import Visitor
from tests.browser.small import PASSWORD


def test_it_takes_a_file_that_was_chosen_before_the_script_was_there(page, small_studio):
    owner = Visitor(small_studio).signed_in("olga@example.com", PASSWORD)
    page.context.add_cookies(
        [{"name": one.name, "value": one.value, "url": small_studio} for one in owner.http.cookies.jar]
    )
    held = []
    page.route("**/js/upload.js", lambda route: held.append(route))
    page.goto(f"{small_studio}/projects/1/data/", wait_until="commit")
    rows = "question,answer\n" + "".join(f"Where is parcel {n}?,It is at the desk {n}.\n" for n in range(30))
    file = {"name": "faq.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    page.locator("#file").set_input_files(file)
    for _second in range(100):
        if held:
            break
        page.wait_for_timeout(100)
    held[0].continue_()
    expect(page).to_have_url(re.compile(r"/datasets/\d+/"))
