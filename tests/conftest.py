"""The cast: an owner, an editor and a viewer in one team, and a stranger in another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.test import Client


def pytest_collection_modifyitems(items):
    """The browser last: its driver keeps an event loop running that asynchronous tests would trip over."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None or "tests/browser" in str(item.path))


def pytest_configure(config):
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    from django.conf import settings

    settings.DATA_ROOT = Path(os.environ["ATELIER_HOME"]) / worker / "data"
    settings.QUEUE_ROOT = Path(os.environ["ATELIER_HOME"]) / worker / "queue"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path):
    settings.DATA_ROOT = tmp_path / "data"


def person(email: str):
    from django.contrib.auth import get_user_model

    return get_user_model().objects.create_user(email, "correct horse battery", name=email.split("@")[0].title())


@pytest.fixture
def team(db):
    from projects.models import Team

    return Team.objects.create(name="Kettle & Co")


def member(team, email, role):
    from projects.models import Membership

    user = person(email)
    Membership.objects.create(team=team, user=user, role=role)
    return user


@pytest.fixture
def owner(team):
    return member(team, "olga@example.com", "owner")


@pytest.fixture
def editor(team):
    return member(team, "eddy@example.com", "editor")


@pytest.fixture
def viewer(team):
    return member(team, "vera@example.com", "viewer")


@pytest.fixture
def stranger(db):
    from projects.models import Team

    return member(Team.objects.create(name="Elsewhere"), "stan@example.com", "owner")


@pytest.fixture
def project(team, owner):
    from projects.models import Project

    return Project.objects.create(team=team, name="Kettle support", use_case="support_bot", created_by=owner)


@pytest.fixture
def as_():
    """A signed-in browser: `as_(owner).get("/")`."""

    def sign_in(user) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in
