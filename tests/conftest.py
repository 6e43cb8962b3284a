"""The cast: an owner, an editor and a viewer in one team, and a stranger in another."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from django.test import Client


def pytest_collection_modifyitems(config, items):
    """The browser last: its driver's event loop trips asynchronous tests up."""
    from django.conf import settings

    if "sqlite" not in settings.DATABASES["default"]["ENGINE"]:
        elsewhere = [item for item in items if item.get_closest_marker("sqlite")]
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if item not in elsewhere]
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None or "tests/browser" in str(item.path))


def pytest_collection(session):
    """Torch and Django come with a million objects that stay; looking through them again and again took a sixth of the
    time until the first test."""
    gc.disable()


def pytest_collection_finish(session):
    gc.freeze()
    gc.enable()


def pytest_configure(config):
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    from django.conf import settings

    settings.DATA_ROOT = Path(os.environ["ATELIER_HOME"]) / worker / "data"
    settings.QUEUE_ROOT = Path(os.environ["ATELIER_HOME"]) / worker / "queue"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """A test with transactions of its own empties all tables at its end. Django then looks for the permissions of every
    model, which takes twenty times as long as the emptying, and nobody here asks for one. The kinds of content come back:
    `studio.people` locks the first of them."""
    from django.apps import apps
    from django.contrib.contenttypes.models import ContentType
    from django.db.models.signals import post_migrate

    with django_db_blocker.unblock():
        kinds = list(ContentType.objects.order_by("pk"))

    def bring_back(using, **_more):
        ContentType.objects.using(using).bulk_create(kinds, ignore_conflicts=True)

    receivers, post_migrate.receivers = post_migrate.receivers, []
    post_migrate.sender_receivers_cache.clear()
    post_migrate.connect(bring_back, sender=apps.get_app_config("contenttypes"), weak=False)
    yield
    post_migrate.receivers = receivers
    post_migrate.sender_receivers_cache.clear()


@pytest.fixture(scope="session", autouse=True)
def one_look_at_static_files():
    """Each `Client` begins as a fresh web process does, and looked through all files of styles and scripts: 60 ms."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    look, seen = WhiteNoiseMiddleware.add_files_from_finders, {}

    def add_files_from_finders(self):
        given = (self.static_prefix, self.max_age, self.allow_all_origins, self.charset, str(self.add_headers_function))
        if given not in seen:
            look(self)
            seen[given] = self.files
        self.files = {**seen[given], **self.files}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", add_files_from_finders)
        yield


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path):
    settings.DATA_ROOT = tmp_path / "data"


@pytest.fixture(autouse=True)
def nobodys_language_and_zone():
    """A request leaves its reader's language active in its thread; here the next test would read it."""
    from django.utils import timezone, translation

    translation.activate("en")
    timezone.deactivate()


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
