"""What an attacker tries at the pages and the addresses of programs: each attack with what must come of it."""

from __future__ import annotations

import json
import re
import statistics
import threading
import time
from types import SimpleNamespace
from urllib.parse import urljoin, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.test_access import things  # noqa: F401
from tests.test_every_route import SAFE, UNSAFE, Walker, asked_for, every_address, patterns, unavailable, walk  # noqa: F401

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


# Numbers and characters ------------------------------------------------------------------------------------------
@pytest.mark.database
@pytest.mark.parametrize("number", [0, 2**31, 2**63 - 1, 2**63, 2**64, 10**40])
def test_no_number_in_an_address_breaks_it(number, walk, things):  # noqa: F811
    walker, broken = walk("owner"), {}
    for route, _entry in patterns():
        if "<int:" not in route:
            continue
        address = re.sub(r"<int:\w+>", str(number), route)
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(things.get(match[1], "x")), address)
        for method in ("get", "post"):
            reply = walker.ask(method, address)
            if reply.code not in {404, 405, 302}:
                broken[f"{method} {address}"] = reply.code
    assert not broken


NUMBERS = [
    "0",
    "-1",
    str(2**63),
    "1e9",
    "1" * 5000,
    "\u0661",
    "\u00b2",
    "0x10",
    "NaN",
    "Infinity",
    "-0",
    "1_000",
    " 1 ",
    "\U0001d7d9",
]


@pytest.mark.database
@pytest.mark.parametrize("turn", range(0, len(NUMBERS), 5))
def test_no_number_in_a_field_breaks_a_page(turn, walk, things):  # noqa: F811
    walker, broken = walk("owner"), {}
    sent = {name: NUMBERS[(place + turn) % len(NUMBERS)] for place, name in enumerate(asked_for())}
    for template, address in every_address(things):
        for method in ("get", "post"):
            reply = walker.ask(method, address, sent)
            if reply.code >= 500 and not unavailable(template, reply):
                broken[f"{method} {template}"] = reply.code
    assert not broken


def test_no_character_0_reaches_the_database(walk, things):  # noqa: F811
    """SQLite keeps it, PostgreSQL answers with an error: so that nobody finds it only there, no query may have one."""
    walker, reached = walk("owner"), {}
    sent = dict.fromkeys(asked_for(), "a\x00b")
    for template, address in every_address(things):
        for method in ("get", "post"):
            with CaptureQueriesContext(connection) as queries:
                walker.ask(method, address, sent)
            if found := [one["sql"][:300] for one in queries if "\x00" in one["sql"]]:
                reached[f"{method} {template}"] = found
    assert not reached


# Ways in ---------------------------------------------------------------------------------------------------------
KELVIN, LONG_S, DOTLESS = "\u212a", "\u017f", "\u0131"


@pytest.mark.database
@pytest.mark.parametrize(
    ("theirs", "typed"),
    [
        ("kim@example.com", f"{KELVIN}im@example.com"),
        ("susi@example.com", f"{LONG_S}u{LONG_S}i@example.com"),
        ("mike@example.com", f"m{DOTLESS}ke@example.com"),
        ("kim@example.com", "\uff4bim@example.com"),
        ("kim@example.com", "kim@example.com\x00@evil.example"),
        ("kim@example.com", "kim@example.com, eve@evil.example"),
        ("kim@example.com", "kim@example.com\r\nBcc: eve@evil.example"),
        ("kim@example.com", "kim@example.com>,<eve@evil.example"),
    ],
)
def test_no_letter_that_looks_alike_gets_somebodys_link(client, owner, settings, theirs, typed):
    from allauth.account.models import EmailAddress

    owner.email = theirs
    owner.save()
    EmailAddress.objects.create(user=owner, email=theirs, primary=True, verified=True)
    settings.EMAIL_HOST = "mail.example"
    for path in ("/account/password/reset/",):
        client.post(path, {"email": typed})
    assert not [letter for letter in mail.outbox if theirs not in letter.to or len(letter.recipients()) > 1]
    assert not mail.outbox or typed.strip().isascii()


@pytest.mark.database
def test_no_account_is_made_with_letters_that_look_alike(client, owner, team):
    from projects.models import Invitation
    from studio.models import User

    for n, email in enumerate((f"olga@e{KELVIN}ample.com", f"{KELVIN}im@example.com", f"o{LONG_S}ga@example.com")):
        _row, token = Invitation.issue(team, "editor", owner)
        client.post(f"/invite/{token}/", {"name": f"P{n}", "email": email, "password": "a long enough one 42"})
        assert not User.objects.exclude(pk=owner.pk).filter(email__contains=KELVIN).exists()
        Client().post("/account/logout/")
    assert not any(not user.email.rpartition("@")[0].isascii() for user in User.objects.all())


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_two_who_hold_one_link_become_one_member_and_one_account(owner, team):
    from projects.models import Invitation, Membership
    from studio.models import User

    _row, token = Invitation.issue(team, "editor", owner)
    codes = at_once(
        lambda n: Client(raise_request_exception=False).post(
            f"/invite/{token}/", {"name": f"P{n}", "email": f"p{n}@example.com", "password": "a long enough one 42"}
        ),
        4,
    )
    assert sorted(one.status_code for one in codes)[0] == 302
    assert all(one.status_code < 500 for one in codes)
    assert Membership.objects.filter(team=team).count() == 2
    assert User.objects.count() == 2


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_two_first_visitors_are_one_owner():
    from projects.models import Membership
    from studio import people
    from studio.models import User

    people.forget_anybody()
    form = {"password": "a long enough one 42", "team": "T", "language": "en"}
    codes = at_once(
        lambda n: Client(raise_request_exception=False).post(
            "/setup/", form | {"name": f"P{n}", "email": f"p{n}@example.com"}
        ),
        4,
    )
    people.forget_anybody()
    assert all(one.status_code < 500 for one in codes), [one.status_code for one in codes]
    assert (User.objects.count(), Membership.objects.filter(role="owner").count()) == (1, 1)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_link_for_a_new_password_works_once(owner, as_):
    from studio import people

    path = people.reset_path(owner)
    first, second = Client(), Client()
    pages = [one.get(path, follow=True) for one in (first, second)]
    answers = [
        one.post(
            page.request["PATH_INFO"], {"password1": f"a new one number {n}", "password2": f"a new one number {n}"}
        )
        for n, (one, page) in enumerate(zip((first, second), pages, strict=True))
    ]
    owner.refresh_from_db()
    assert [owner.check_password(f"a new one number {n}") for n in range(2)] == [True, False], answers
    assert Client().get(path, follow=True).context.get("token_fail") is True


def test_a_session_that_was_planted_is_not_the_one_after_sign_in(owner):
    client = Client()
    client.get("/account/login/?next=/team/")
    planted = "plantedbysomebody0123456789abcdef"
    client.cookies["sessionid"] = planted
    client.post("/account/login/", {"login": owner.email, "password": PASSWORD})
    after = client.cookies["sessionid"].value
    assert after != planted
    assert Client(headers={"cookie": f"sessionid={planted}"}).get("/team/").status_code == 302


AWAY = [
    "//evil.example", "///evil.example", "\\\\evil.example", "/\\evil.example", "https:evil.example", "https:///evil.example",
    "/%0d%0aLocation:%20https://evil.example", "/\r\nLocation: https://evil.example", "javascript:alert(1)", "/\t/evil.example",
    "\t//evil.example", "/;@evil.example", "http://localhost@evil.example/", "http://testserver.evil.example/", "/\x00/evil",
    "//evil.example\\@testserver", "https://testserver:80@evil.example", "/..//evil.example", "\u2215\u2215evil.example",
]  # fmt: skip


@pytest.mark.parametrize("there", AWAY)
def test_no_page_sends_anybody_away(there, owner, as_, things):  # noqa: F811
    tries = [
        (Client(), "post", "/account/login/", {"login": owner.email, "password": PASSWORD, "next": there}),
        (as_(owner), "get", "/account/login/", {"next": there}),
        (as_(owner), "post", "/account/logout/", {"next": there}),
        (as_(owner), "post", "/language/", {"language": "en", "next": there}),
        (as_(owner), "post", f"/messages/{things['messages']}/correct/", {"correction": "x", "next": there}),
    ]
    for client, method, path, data in tries:
        client.raise_request_exception = False
        reply = getattr(client, method)(path, data)
        place = reply.headers.get("Location", "/")
        assert reply.status_code < 500, (path, reply.status_code)
        bare = re.sub(r"[\t\r\n]", "", place).replace("\\", "/")  # as a browser reads it
        whole = urlsplit(urljoin("http://testserver/here/", bare))
        assert (whole.scheme, whole.netloc) == ("http", "testserver"), (path, place)
        assert place.isprintable(), (path, place)


def test_who_has_an_account_is_not_told_by_the_time_it_takes(owner, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    owner.set_password(PASSWORD)
    owner.save()
    from django.core.cache import cache

    def seconds(email: str, tries: int = 3) -> float:
        took = []
        for n in range(tries):
            cache.clear()
            began = time.process_time()
            Client().post("/account/login/", {"login": email, "password": f"wrong {n}"})
            took.append(time.process_time() - began)
        return statistics.median(took)

    seconds(owner.email, tries=1)
    known, unknown = seconds(owner.email), seconds("nobody@example.com")
    assert 0.6 < known / unknown < 1.6, (known, unknown)


# What strangers can fill -----------------------------------------------------------------------------------------
def test_a_stranger_leaves_no_session_behind(walk, things):  # noqa: F811
    """Anybody can ask a million times; a row each would fill the disk."""
    left, client = {}, Client(raise_request_exception=False)
    for template, address in every_address(things):
        for method in (*SAFE, *UNSAFE):
            client.cookies.clear()
            before = Session.objects.count()
            getattr(client, method)(address)
            if Session.objects.count() > before:
                left[f"{method} {template}"] = dict(Session.objects.latest("expire_date").get_decoded())
    for path, data in (
        ("/account/login/", {"login": "x@example.com", "password": "wrong"}),
        ("/account/password/reset/", {"email": "x@example.com"}),
        ("/language/", {"language": "zh-hans"}),
        ("/setup/", {"name": "x"}),
    ):
        before = Session.objects.count()
        Client(raise_request_exception=False).post(path, data)
        if Session.objects.count() > before:
            left[f"post {path} filled in"] = dict(Session.objects.latest("expire_date").get_decoded())
    assert not left


def test_sessions_that_ran_out_are_removed(client, owner, as_):
    from django.utils import timezone

    from studio import sweeping

    as_(owner).get("/")
    Session.objects.update(expire_date=timezone.now())
    sweeping._last = -sweeping.EVERY
    sweeping.sweep()
    assert not Session.objects.exists()


# Programs --------------------------------------------------------------------------------------------------------
BODIES = [
    b"", b"null", b"[]", b'""', b"1", b"{", b'{"model": "kettle", "model": "other"}', b'{"model": 1e999}', b'{"model": NaN}',
    b'{"messages": ' + b"[" * 100_000, b'{"a": ' * 20_000, b'{"model": ' + b"9" * 100_000 + b"}",
    b'{"model": "kettle", "messages": [{"role": "user", "content": "\\ud800"}]}',
    b'{"model": "kettle\\u0000", "messages": [{"role": "user", "content": "a\\u0000"}]}',
    b'{"model": "kettle", "messages": {"role": "user"}}', b'{"model": ["kettle"], "messages": []}',
    b'{"model": "kettle", "messages": [{"role": "user", "content": "a"}], "max_tokens": 1' + b"0" * 400 + b"}",
    b'{"model": "kettle", "messages": [{"role": "user", "content": "a"}], "temperature": 1e999}',
    b'{"model": "kettle", "messages": [{"role": "user", "content": "a"}], "seed": ' + b"9" * 40 + b"}",
    b'{"model": "kettle", "messages": [{"role": "user", "content": "a"}], "stop": ' + json.dumps(["x" * 9] * 999).encode() + b"}",
    b'{"model": "kettle", "messages": [{"role": "user", "content": "a"}], "metadata": {"conversation_id": {"a": [1]}}}',
    b'{"model": "kettle", "messages": [{"role": "user", "content": "a"}], "user": ' + b"[" * 900 + b"]" * 900 + b"}",
    b'{"__class__": "os.system", "model": {"$ne": null}, "messages": [{"role": "__proto__", "content": null}]}',
    b'\xef\xbb\xbf{"model": "kettle"}', '{"model": "kettle"}'.encode("utf-16"), '{"model": "kettle"}'.encode("utf-32"),
    b'{"model": "kettle", "input": [' + b'"a",' * 5000 + b'"a"]}', b'{"model": "kettle", "input": {"a": 1}}',
    b'{"model": "kettle", "history": [1, null, {"a": 2}], "k": -1}', b'{"model": "kettle", "k": 9999999999999999999999}',
    b'{"model": "kettle", "history": [], "rules": {"price_min": -1e308, "price_max": 1e999, "exclude": [[]]}}',
]  # fmt: skip


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/classify", "/v1/recommend"])
def test_no_body_breaks_an_address_of_programs(path, things, team):  # noqa: F811
    from endpoints.models import ApiKey

    _row, secret = ApiKey.issue(team, "attacker")
    client = Client(raise_request_exception=False, headers={"authorization": f"Bearer {secret}"})
    broken = {}
    for body in BODIES:
        began = time.monotonic()
        reply = client.post(path, body, content_type="application/json")
        kind = reply.headers["Content-Type"]
        if (reply.status_code >= 500 and reply.status_code != 503) or not kind.startswith("application/json"):
            broken[body[:80]] = (reply.status_code, kind)
        if time.monotonic() - began > 5:
            broken[body[:80]] = "slow"
    assert not broken


@pytest.mark.parametrize("origin", ["null", "", "file://", "https://evil.example", "https://shop.example.evil.example",
                                    "https://evilshop.example", "https://shop.example:444", "http://shop.example",
                                    "https://shop.example\r\nX: y", "https://SHOP.example@evil.example", "*"])  # fmt: skip
def test_no_foreign_origin_reads_an_assistants_settings(origin, things):  # noqa: F811
    from endpoints.models import Endpoint

    Endpoint.objects.update(visibility="public", allowed_sites=["https://shop.example"])
    key = Endpoint.objects.get().publishable_key
    for reply in (
        Client().get("/widget/kettle.json", headers={"origin": origin}),
        Client().get("/v1/models", headers={"origin": origin, "authorization": f"Bearer {key}"}),
        Client().options("/v1/chat/completions", headers={"origin": origin, "access-control-request-method": "POST"}),
    ):
        allowed = reply.headers.get("Access-Control-Allow-Origin", "")
        assert not allowed or (allowed == "*" and not reply.headers.get("Access-Control-Allow-Credentials")), (
            reply.headers
        )


@pytest.mark.parametrize(
    "header", ["host", "x-forwarded-host", "x-original-host", "x-host", "forwarded", "x-forwarded-server"]
)
def test_no_page_repeats_a_host_that_a_request_names(header, client, owner, things):  # noqa: F811
    value = "host=evil.example" if header == "forwarded" else "evil.example"
    for path in ("/account/login/", "/help/", "/setup/", "/chat/kettle/", "/widget.js", "/widget/kettle.json", "/api/schema",
                 "/v1", "/v1/models", "/chat/completions"):  # fmt: skip
        reply = client.get(path, headers={header: value})
        body = b"".join(reply) if reply.streaming else reply.content
        assert b"evil.example" not in body, (header, path)
        assert "evil.example" not in str(reply.headers), (header, path)


def test_no_page_of_somebody_is_kept_by_a_cache_between(owner, as_, things):  # noqa: F811
    kept = {}
    client = as_(owner)
    client.raise_request_exception = False
    for template, address in every_address(things):
        reply = client.get(address)
        said = reply.headers.get("Cache-Control", "")
        open_to_all = template in ("/widget.js", "/favicon.ico", "/api/schema") or template.startswith("/static")
        if reply.status_code == 200 and "public" in said and not open_to_all:
            kept[template] = said
        closed = any(word in said for word in ("no-store", "private")) or "Cookie" in reply.headers.get("Vary", "")
        if reply.status_code == 200 and not (open_to_all or closed or reply.streaming):
            kept[template] = (said, reply.headers.get("Vary"))
        if getattr(reply, "streaming", False):
            b"".join(reply)
    assert not kept


# At the same moment ----------------------------------------------------------------------------------------------
def at_once(work, many: int) -> list:
    """The work of so many threads that begin together."""
    barrier, found = threading.Barrier(many), [None] * many

    def run(n: int) -> None:
        try:
            barrier.wait(10)
            found[n] = work(n)
        except Exception as error:
            found[n] = SimpleNamespace(status_code=599, error=error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_project_named_twice_at_once_and_a_team_left_by_both_owners_stay_whole(owner, team, as_):
    from projects.models import Membership
    from tests.conftest import member

    other = member(team, "otto@example.com", "owner")
    rows = [Membership.objects.get(team=team, user=user) for user in (owner, other)]
    clients = [as_(owner), as_(other)]
    for client in clients:
        client.raise_request_exception = False
    found = at_once(lambda n: clients[n].post(f"/team/members/{rows[n].pk}/remove/"), 2)
    assert all(one.status_code < 500 for one in found)
    assert Membership.objects.filter(team=team, role="owner").count() >= 1


@pytest.mark.database
def test_what_two_stored_at_once_is_a_sentence(owner, as_, things):  # noqa: F811
    """The database lets one; the other reads what became of it, on whatever page it was."""
    from django.db import IntegrityError

    from projects import errors

    for text in (
        "UNIQUE constraint failed: endpoints_endpoint.slug",
        'duplicate key value violates unique constraint "x"',
    ):
        said = errors.trouble(IntegrityError(text))
        assert said is not None
        assert said.status == 409
    assert errors.trouble(IntegrityError("NOT NULL constraint failed: x.y")) is None
