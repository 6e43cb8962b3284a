"""One event is one line of the log, whatever strangers send."""

from __future__ import annotations

import io
import logging
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client
from django.utils.module_loading import import_string

FORGED = "2026-01-01 00:00:00 ERROR studio: the owner's password is hunter2"
MARKS = (
    f"a\r\n{FORGED}",
    f"a\n{FORGED}",
    f"a\x1b[2J\x1b]0;x\x07{FORGED}",
    f"a\u2028{FORGED}",
    f"a\x85{FORGED}",
    f"a\u202e{FORGED}",
    f"a\x00\x0b\x0c{FORGED}",
)


@pytest.fixture
def lines():
    """What the console of the studio would show."""
    shape = settings.LOGGING["formatters"]["line"]
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(import_string(shape["()"])(shape["fmt"]))
    logging.getLogger().addHandler(handler)
    before = logging.getLogger().level
    logging.getLogger().setLevel(logging.DEBUG)
    yield lambda: stream.getvalue()
    logging.getLogger().removeHandler(handler)
    logging.getLogger().setLevel(before)


def clean(text: str) -> bool:
    return not any(sign in text for sign in "\r\x1b\x00\x0b\x0c\x85\u2028\u202e")


@pytest.mark.parametrize("text", MARKS, ids=range(len(MARKS)))
def test_a_forged_line_is_part_of_the_true_one(lines, text):
    log = logging.getLogger("studio.test")
    log.warning("A file of the name %s was refused", text)
    try:
        raise ValueError(text)
    except ValueError:
        log.exception("A page failed: %s", text)
    said = lines()
    assert said.count(FORGED) == 3
    assert clean(said)
    assert not any(line.startswith("2026-01-01") for line in said.splitlines())


@pytest.mark.django_db
@pytest.mark.parametrize("text", MARKS, ids=range(len(MARKS)))
def test_no_address_and_no_header_writes_a_line_of_its_own(lines, text, owner):
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.get(f"/{quote(text)}/")
    client.post(f"/{quote(text)}/", {"x": text})
    client.get("/", headers={"host": text, "referer": text, "user-agent": text})
    client.post("/account/login/", {"login": text, "password": text}, headers={"origin": text, "cookie": text})
    client.post("/v1/chat/completions", text, content_type="application/json", headers={"authorization": text})
    client.post("/v1/chat/completions", {"model": text}, content_type=text)
    assert clean(lines())
    assert not any(line.startswith("2026-01-01") for line in lines().splitlines())
