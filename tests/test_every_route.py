"""Every address with every method, as everybody: nobody breaks it, changes what is not theirs, or passes without a token."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from django import forms
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.test_access import OPEN, OPEN_PREFIXES, addresses, fill, patterns, template_of, things  # noqa: F401

SAFE = ("get", "head", "options")
UNSAFE = ("post", "put", "patch", "delete")
ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("studio", "projects", "training", "endpoints")
# A session is whose browser this is, and when a key was used last is noted: neither is anybody's work.
NOT_WORK = re.compile(r'"django_session"|"last_used" =|"last_login" =')
WRITE = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
OURS = ("Kettle", "olga@example.com")
JSON = {"content_type": "application/json"}
HOSTILE = ("", "\x00", "9" * 40, "-1", "½", "../../etc/passwd", "a" * 5000, "[[[[", '{"a": NaN}', "%s{{7*7}}")

pytestmark = pytest.mark.django_db


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens to the rows meanwhile is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Walker:
    """A browser that tells what an address answered and which rows it wrote, and then takes that back."""

    def __init__(self, client: Client) -> None:
        self.client = client
        client.raise_request_exception = False
        self.cookies = client.cookies.output(header="", sep=";")

    def ask(self, method: str, address: str, data: object = None, **more: object) -> SimpleNamespace:
        cookies = {name: morsel.value for name, morsel in self.client.cookies.items()}
        with undone(), CaptureQueriesContext(connection) as queries:
            response = (
                getattr(self.client, method)(address, data, **more) if data else getattr(self.client, method)(address)
            )
            body = b"".join(response) if getattr(response, "streaming", False) else response.content
        self.client.cookies.clear()
        for name, value in cookies.items():
            self.client.cookies[name] = value
        writes = [one["sql"] for one in queries if WRITE.match(one["sql"]) and not NOT_WORK.search(one["sql"])]
        return SimpleNamespace(code=response.status_code, body=body.decode("utf-8", "replace"), writes=writes)


@pytest.fixture
def walk(as_, request):
    def of(who: str) -> Walker:
        return Walker(Client() if who == "nobody" else as_(request.getfixturevalue(who)))

    return of


def every_address(things) -> list[tuple[str, str]]:  # noqa: F811
    """Open ones too; what stands for other names of the same address is left out."""
    found = []
    for route, entry in patterns():
        template = template_of(route, entry)
        if "^" in route or template.startswith("/static/"):
            continue
        known = {**things, "key": "1:abc", "uidb36": "1", "model": "kettle", "path": "x"}
        found.append((template, fill(template, entry, known)))
    return found


def private(template: str) -> bool:
    return template not in OPEN and not template.startswith(OPEN_PREFIXES)


# On PostgreSQL too: nearly every query of every page is asked, and every write is tried. Who is refused asks less.
OWNER = pytest.param("owner", marks=pytest.mark.database)
# What somebody without the right hears. Whoever may change things is judged by what is written, not by a number.
REFUSED = {"nobody": {302, 401, 403, 404, 405}, "stranger": {404, 405}, "viewer": {403, 404, 405}}


@pytest.mark.parametrize("who", ["nobody", "stranger", "viewer", pytest.param("editor", marks=pytest.mark.slow), OWNER])
def test_no_method_breaks_leaks_or_changes_what_it_may_not(who, walk, things):  # noqa: F811
    walker, wrong = walk(who), {}
    for template, address in every_address(things):
        for method in SAFE + UNSAFE:
            reply = walker.ask(method, address)
            if faults := list(faults_of(who, method, template, reply)):
                wrong[f"{method} {template}"] = (reply.code, *faults)
    assert not wrong


def faults_of(who: str, method: str, template: str, reply: SimpleNamespace) -> Iterator[object]:
    outside, a_row = who in {"nobody", "stranger"}, "{" in template and private(template)
    if reply.code >= 500 and not unavailable(template, reply):
        yield "broken"
    if method in SAFE and reply.writes:
        yield "looking changed something", reply.writes
    if (outside or who == "viewer") and private(template) and (a_row or who == "nobody") and reply.writes:
        yield "changed what is not theirs", reply.writes
    if a_row and who in REFUSED and (outside or method == "post") and reply.code not in REFUSED[who]:
        yield "not refused"
    if outside and private(template) and (shown := [word for word in OURS if word in reply.body]):
        yield "shown", shown


@pytest.mark.slow
def test_it_changes_nothing_without_the_forms_token(owner, things):  # noqa: F811
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    walker, passed = Walker(client), {}
    for template, address in every_address(things):
        if template.startswith("/v1/"):
            continue  # a key in a header, which no foreign form can send, and never the cookie: see below
        for method in UNSAFE:
            reply = walker.ask(method, address)
            if reply.writes or reply.code not in {403, 405}:
                passed[f"{method} {template}"] = (reply.code, reply.writes)
    assert not passed


def test_the_cookie_opens_no_address_of_programs(walk, things):  # noqa: F811
    walker, wrong = walk("owner"), {}
    for template, address in every_address(things):
        if template.startswith("/v1/"):
            for method in SAFE + UNSAFE:
                reply = walker.ask(method, address)
                if reply.writes or not (reply.code in {401, 404, 405} or (method == "options" and reply.code == 204)):
                    wrong[f"{method} {template}"] = (reply.code, reply.writes)
    assert not wrong


# What is sent with it -------------------------------------------------------------------------------------------
def asked_for() -> list[str]:
    """The names of all fields that a view or a form reads."""
    names: set[str] = set()
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            names.update(
                re.findall(r"(?:POST|GET)(?:\.get|\.getlist)?[(\[]\"([\w-]+)\"", file.read_text(encoding="utf-8"))
            )
        for info in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            if "form" in info.name and "__main__" not in info.name:
                for value in vars(importlib.import_module(info.name)).values():
                    if isinstance(value, type) and issubclass(value, forms.BaseForm):
                        names.update(getattr(value, "base_fields", {}))
    return sorted(names)


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(0, len(HOSTILE), 2))
def test_it_never_breaks_whatever_is_sent(turn, walk, things):  # noqa: F811
    """Every field has another of the values, so that one field's refusal does not hide the next one."""
    walker, broken = walk("owner"), {}
    sent = {name: HOSTILE[(place + turn) % len(HOSTILE)] for place, name in enumerate(asked_for())}
    for template, address in every_address(things):
        for method, data, more in (("post", sent, {}), ("get", sent, {}), ("put", '{"a": ', JSON)):
            reply = walker.ask(method, address, data, **more)
            if reply.code >= 500 and not unavailable(template, reply):
                broken[f"{method} {template}"] = reply.code
    assert not broken


def unavailable(template: str, reply: SimpleNamespace) -> bool:
    """No engine runs here and no model was trained; that is said, in a sentence and with the right status."""
    said = any(word in reply.body for word in ("missing or damaged", "cannot be reached"))
    return reply.code == 503 and (template == "/readyz" or said)


THEIRS = 7_770_017
THEIR_ID = UUID("77700170-0000-4000-8000-000000000017")
MARK = "Marmalade"


@pytest.fixture
def theirs(stranger):
    """Rows of another team, all with one number, so that any field that takes a number is tried with each of them."""
    from endpoints.models import ApiKey, Conversation, Deployment, Endpoint, Feedback, Message, Scoring
    from projects.models import Dataset, Invitation, Membership, Project, Team, Upload
    from training.models import Evaluation, ModelVersion, TrainingRun

    team = Team.objects.create(pk=THEIRS, name=f"{MARK} team")
    Membership.objects.create(pk=THEIRS, team=team, user=stranger, role="owner")
    project = Project.objects.create(pk=THEIRS, team=team, name=MARK, use_case="support_bot", created_by=stranger)
    upload = Upload.objects.create(pk=THEIR_ID, project=project, created_by=stranger, name=MARK, size=10)
    dataset = Dataset.objects.create(
        pk=THEIRS, project=project, created_by=stranger, name=MARK, upload=upload, state="ready"
    )
    run = TrainingRun.objects.create(
        pk=THEIRS, project=project, dataset=dataset, created_by=stranger, base_model=MARK, state="succeeded"
    )
    model = ModelVersion.objects.create(pk=THEIRS, project=project, number=1, run=run)
    Evaluation.objects.create(pk=THEIRS, model=model, report={})
    endpoint = Endpoint.objects.create(
        pk=THEIRS, project=project, slug="marmalade", name=MARK, visibility="team", published=True
    )
    Deployment.objects.create(pk=THEIRS, endpoint=endpoint, model=model)
    key, _secret = ApiKey.issue(team, MARK, endpoint)
    ApiKey.objects.filter(pk=key.pk).update(id=THEIRS)
    talk = Conversation.objects.create(pk=THEIR_ID, endpoint=endpoint)
    message = Message.objects.create(pk=THEIRS, conversation=talk, role="assistant", text=MARK)
    Feedback.objects.create(pk=THEIRS, message=message, rating=-1, suggestion=MARK, correction=MARK)
    Scoring.objects.create(pk=THEIRS, endpoint=endpoint, name=MARK, created_by=stranger)
    invitation, _token = Invitation.issue(team, "editor", stranger)
    Invitation.objects.filter(pk=invitation.pk).update(id=THEIRS)


@pytest.mark.slow
def test_no_field_reaches_another_teams_rows(walk, things, theirs):  # noqa: F811
    walker, crossed = walk("owner"), {}
    sent = dict.fromkeys(asked_for(), str(THEIRS))
    for template, address in every_address(things):
        for method in ("post", "get"):
            reply = walker.ask(method, address, sent)
            touched = [sql for sql in reply.writes if str(THEIRS) in sql and not kept_as_text(sql)]
            if MARK in reply.body or touched:
                crossed[f"{method} {template}"] = (reply.code, touched)
    assert not crossed


def kept_as_text(sql: str) -> bool:
    """A name that somebody gives may read like anybody's number."""
    return str(THEIRS) in re.findall(r"'([^']*)'", sql)


# What is overdue ------------------------------------------------------------------------------------------------
BEGUN = {"TrainingRun": "running", "Dataset": "reading", "Scoring": "running", "Message": "streaming"}


def grow_old() -> int:
    """Every row is at work, and every time in it long past, also those by which a worker is known to live."""
    from datetime import timedelta

    from django.apps import apps
    from django.db import models
    from django.utils import timezone

    long_ago, changed = timezone.now() - timedelta(days=400), 0
    for table in apps.get_models():
        if table.__module__.split(".")[0] not in PACKAGES or table.__name__ in ("User", "Endpoint", "ApiKey"):
            continue
        times = [
            field.name
            for field in table._meta.fields
            if isinstance(field, models.DateTimeField) and field.name != "ended"
        ]
        new = dict.fromkeys(times, long_ago)
        new |= {"worker": "gone"} if any(field.name == "worker" for field in table._meta.fields) else {}
        new |= {"state": BEGUN[table.__name__]} if table.__name__ in BEGUN else {}
        if new:
            changed += table._default_manager.update(**new)
    return changed


@pytest.mark.parametrize("who", ["nobody", "viewer", OWNER])
def test_looking_ends_cleans_and_frees_nothing(who, walk, things):  # noqa: F811
    """What became overdue is a worker's to end; whoever looks, or a program that fetches in advance, changes nothing."""
    assert grow_old() > 8
    walker, wrong = walk(who), {}
    for template, address in every_address(things):
        for method in SAFE:
            reply = walker.ask(method, address)
            if reply.writes or (reply.code >= 500 and not unavailable(template, reply)):
                wrong[f"{method} {template}"] = (reply.code, reply.writes)
    assert not wrong
