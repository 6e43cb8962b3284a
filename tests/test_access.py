"""Every address, walked as nobody, a stranger, a viewer, an editor and the owner: nobody sees what is not theirs."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, SlugConverter, StringConverter, UUIDConverter

# Addresses that are meant for everybody. What they show to whom is tested beside their views.
OPEN = {
    "/setup/",
    "/language/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/widget.js",
    "/favicon.ico",
    "/help/",
    "/invite/{token}/",
    "/chat/{slug}/",
    "/widget/{slug}.json",
    "/robots.txt",
}
OPEN_PREFIXES = ("/account/", "/v1/", "/api/", "/static/")


def patterns(resolver=None, prefix=""):
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route)
        elif isinstance(entry, URLPattern):
            yield "/" + route, entry


def template_of(route: str, entry: URLPattern) -> str:
    import re

    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)


@pytest.fixture
def things(project, owner, tmp_path):
    """One row of each kind, all of the cast's team."""
    from endpoints.models import ApiKey, Conversation, Deployment, Endpoint, Feedback, Message, Scoring
    from projects.models import Dataset, Invitation, Upload
    from training.models import Evaluation, ModelVersion, TrainingRun

    upload = Upload.objects.create(project=project, created_by=owner, name="faq.csv", size=10)
    dataset = Dataset.objects.create(project=project, created_by=owner, name="faq.csv", upload=upload)
    run = TrainingRun.objects.create(
        project=project, dataset=dataset, created_by=owner, base_model="smollm2-135m-instruct"
    )
    model = ModelVersion.objects.create(project=project, number=1, run=run)
    Evaluation.objects.create(model=model, report={})
    endpoint = Endpoint.objects.create(project=project, slug="kettle", name="Kettle", visibility="team", published=True)
    deployment = Deployment.objects.create(endpoint=endpoint, model=model, created_by=owner)
    key, _secret = ApiKey.issue(project.team, "site", endpoint)
    conversation = Conversation.objects.create(endpoint=endpoint)
    message = Message.objects.create(conversation=conversation, role="assistant", text="Hello")
    feedback = Feedback.objects.create(message=message, rating=-1, correction="Hi")
    scoring = Scoring.objects.create(endpoint=endpoint, name="reviews.csv", created_by=owner)
    invitation, token = Invitation.issue(project.team, "editor", owner)
    return {
        "projects": project.pk,
        "uploads": upload.pk,
        "datasets": dataset.pk,
        "runs": run.pk,
        "models": model.pk,
        "endpoints": endpoint.pk,
        "deployments": deployment.pk,
        "keys": key.pk,
        "conversations": conversation.pk,
        "messages": message.pk,
        "feedback": feedback.pk,
        "corrections": feedback.pk,
        "scorings": scoring.pk,
        "invitations": invitation.pk,
        "team": project.team.pk,
        "teams": project.team.pk,
        "members": project.team.memberships.get(user=owner).pk,
        "slug": "kettle",
        "token": token,
        "flag": "empty",
        "preset": "quick",
        "side": "base",
        "which": "base",
    }


def addresses(things):
    """(template, address) of every private page, filled with the team's own rows."""
    for route, entry in patterns():
        template = template_of(route, entry)
        if template in OPEN or template.startswith(OPEN_PREFIXES) or "^" in route:
            continue
        yield template, fill(template, entry, things)


def fill(template, entry, things):
    segments, values = template.strip("/").split("/"), {}
    for name, converter in entry.pattern.converters.items():
        position = segments.index(next(part for part in segments if "{" + name + "}" in part))
        kind = segments[position - 1] if position else ""
        if name in things:
            values[name] = things[name]
        elif kind in things:
            values[name] = things[kind]
        else:
            known = (IntConverter, StringConverter, SlugConverter, UUIDConverter)
            assert isinstance(converter, known), f"{template}: say in tests/test_access.py what <{name}> is"
            raise AssertionError(f"{template}: say in tests/test_access.py which row '{kind}/<{name}>' is")
    return template.format(**values)


def status(client: Client, method: str, address: str) -> int:
    response = getattr(client, method)(address)
    if getattr(response, "streaming", False):
        b"".join(response)  # read to its end: closing it early closes the test's own database connection
    return response.status_code


@pytest.mark.django_db
def test_it_shows_nothing_to_nobody(things):
    leaks = {}
    for template, address in addresses(things):
        for method in ("get", "post"):
            code = status(Client(), method, address)
            if code not in {302, 401, 403, 404, 405}:
                leaks[f"{method} {template}"] = code
    assert not leaks


@pytest.mark.django_db
def test_it_hides_a_teams_rows_from_a_stranger(things, stranger, as_):
    leaks = {}
    client = as_(stranger)
    for template, address in addresses(things):
        if "{" not in template:
            continue
        for method in ("get", "post"):
            code = status(client, method, address)
            if code not in {404, 405}:
                leaks[f"{method} {template}"] = code
    assert not leaks


@pytest.mark.django_db
def test_it_lets_a_viewer_look_but_not_touch(things, viewer, as_):
    touched = {}
    client = as_(viewer)
    for template, address in addresses(things):
        if "{" not in template:
            continue
        code = status(client, "post", address)
        if code not in {403, 404, 405}:
            touched[template] = code
    assert not touched


@pytest.mark.database
@pytest.mark.django_db
@pytest.mark.parametrize("who", ["owner", "editor", "viewer"])
def test_it_never_breaks_for_a_member(who, things, as_, request):
    client = as_(request.getfixturevalue(who))
    client.raise_request_exception = False
    broken = {}
    for template, address in addresses(things):
        code = status(client, "get", address)
        if code >= 500:
            broken[template] = code
    assert not broken


@pytest.mark.django_db
def test_it_says_not_found_for_rows_that_never_were(owner, as_):
    client = as_(owner)
    for address in ("/projects/999999/", "/datasets/999999/", f"/conversations/{uuid.uuid4()}/"):
        assert client.get(address).status_code == 404, address
