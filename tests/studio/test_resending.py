"""A form that meets the sign-in: what was typed comes back, and is sent with one press."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from studio import kept

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
FIELD = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')


def hidden(answer, action="/account/login/"):
    form = answer.content.decode().split(f'action="{action}"')[1].split("</form>")[0]
    fields = [(html.unescape(name), html.unescape(text)) for name, text in FIELD.findall(form)]
    return {name: text for name, text in fields if name != "csrfmiddlewaretoken"}


@pytest.fixture
def olga(owner):
    """Her browser after her session ended."""
    return Client(headers={"Referer": "http://testserver/projects/"})


def signs_in(client, person, refused, **more):
    body = {"login": person.email, "password": PASSWORD, **hidden(refused), **more}
    return client.post("/account/login/", body)


def test_it_sends_what_was_typed_after_the_sign_in(olga, owner, project):
    typed = {"name": 'Kettles, "all" <b>\nof them'}
    refused = olga.post(f"/projects/{project.pk}/rename/", typed)
    assert refused.status_code == 401
    assert "What you typed is kept" in refused.content.decode()
    project.refresh_from_db()
    assert project.name == "Kettle support"
    there = signs_in(olga, owner, refused)
    assert there["Location"] == "/unsent/"
    page = olga.get("/unsent/")
    address = f"/projects/{project.pk}/rename/"
    assert hidden(page, address) == typed
    assert "It was sent from the page /projects/." in " ".join(page.content.decode().split())
    olga.post(address, hidden(page, address))
    project.refresh_from_db()
    assert project.name.startswith("Kettles")
    assert olga.get("/unsent/")["Location"] == "/"


def test_it_keeps_the_settings_of_a_training(olga, owner, ready_for_training):
    address = f"/datasets/{ready_for_training.pk}/train/"
    refused = olga.post(address, {"preset": "thorough", "epochs": "7"})
    signs_in(olga, owner, refused)
    fields = hidden(olga.get("/unsent/"), address)
    assert fields == {"preset": "thorough", "epochs": "7"}
    sent = olga.post(address, fields)
    run = ready_for_training.runs.get()
    assert sent["Location"] == f"/runs/{run.pk}/"
    assert (run.preset, run.config["epochs"], run.created_by) == ("thorough", 7, owner)
    assert olga.get("/unsent/")["Location"] == "/", "it was sent, so it waits no more"


@pytest.fixture
def ready_for_training(project, owner, monkeypatch):
    from tests.training.conftest import ready_dataset
    from training import runs

    monkeypatch.setattr(runs.current_app, "send_task", lambda *_args, **_options: None)
    return ready_dataset(project, owner)


def test_it_keeps_it_over_a_wrong_password(olga, owner, project):
    refused = olga.post(f"/projects/{project.pk}/rename/", {"name": "Kettles"})
    again = signs_in(olga, owner, refused, password="wrong")
    assert "What you typed is kept" in again.content.decode()
    assert signs_in(olga, owner, again)["Location"] == "/unsent/"


def test_it_leads_a_press_of_a_button_to_a_page_that_is_there(olga, owner, project):
    refused = olga.post(f"/projects/{project.pk}/archive/")
    signs_in(olga, owner, refused)
    page = olga.get("/unsent/").content.decode()
    assert f'action="/projects/{project.pk}/archive/"' in page
    assert "What will be sent" not in page


@pytest.mark.parametrize("body", [{"name": "x" * (kept.LONGEST + 1)}, {"new_password": "secret"}])
def test_it_says_so_where_it_cannot_be_kept(olga, owner, project, body):
    refused = olga.post(f"/projects/{project.pk}/rename/", body)
    assert "Sign in, and do it again." in refused.content.decode()
    assert "secret" not in refused.content.decode()
    assert signs_in(olga, owner, refused)["Location"] == "/projects/"


@pytest.mark.parametrize("text", ["", "x", "eyJ0byI6Ii8ifQ:1abc:forged", "a" * 5_000])
def test_it_takes_nothing_that_it_did_not_sign(owner, text):
    client = Client()
    answer = client.post("/account/login/", {"login": owner.email, "password": PASSWORD, "unsent": text})
    assert answer["Location"] == "/"
    assert kept.KEPT not in client.session


@pytest.mark.parametrize("text", ["x", "eyJ0byI6Ii8ifQ:1abc:forged"])
def test_it_promises_nothing_of_what_it_did_not_sign(owner, text):
    answer = Client().post("/account/login/", {"login": owner.email, "password": "wrong", "unsent": text})
    assert "What you typed is kept" not in answer.content.decode()


def test_it_stores_nothing_for_a_stranger(project):
    client = Client()
    client.post(f"/projects/{project.pk}/rename/", {"name": "x"})
    assert kept.KEPT not in client.session


def test_it_leaves_a_page_as_it_is_when_a_part_of_it_was_sent(project):
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver/projects/{project.pk}/"}
    answer = Client().post(f"/projects/{project.pk}/archive/", headers=headers)
    assert (answer.status_code, answer["HX-Retarget"]) == (200, "#messages")
    assert f'href="/account/login/?next=%2Fprojects%2F{project.pk}%2F"' in answer.content.decode()


def test_a_part_that_only_looks_says_so_once_and_leaves_what_is_typed_beside_it(project):
    """The page on which one labels asks every twenty seconds, and has fields of its own."""
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver/projects/{project.pk}/?page=2"}
    answer = Client().get(f"/projects/{project.pk}/", headers=headers)
    assert (answer.status_code, answer["HX-Retarget"]) == (286, "#messages")  # 286: htmx asks no more
    assert "HX-Redirect" not in answer.headers
    assert f'href="/account/login/?next=%2Fprojects%2F{project.pk}%2F%3Fpage%3D2"' in answer.content.decode()


def test_it_leaves_it_with_a_press(olga, owner, project):
    signs_in(olga, owner, olga.post(f"/projects/{project.pk}/rename/", {"name": "Kettles"}))
    assert olga.post("/unsent/", {"name": "Kettles"})["Location"] == "/projects/"
    assert olga.get("/unsent/")["Location"] == "/"
    project.refresh_from_db()
    assert project.name == "Kettle support"


def test_it_keeps_it_where_it_did_not_arrive(olga, owner, project):
    """What was refused may be taken later: data that is worked on, a database that was away."""
    address = f"/projects/{project.pk + 1}/rename/"
    signs_in(olga, owner, olga.post(address, {"name": "Kettles"}))
    assert olga.post(address, hidden(olga.get("/unsent/"), address)).status_code == 404
    assert hidden(olga.get("/unsent/"), address) == {"name": "Kettles"}


def test_it_keeps_nothing_for_a_day(olga, owner, project, monkeypatch):
    refused = olga.post(f"/projects/{project.pk}/rename/", {"name": "Kettles"})
    monkeypatch.setattr(kept, "FOR", -1)
    again = signs_in(olga, owner, refused, password="wrong").content.decode()
    assert "What you typed is kept" not in again and "Sign in, and do it again." in again
    assert signs_in(olga, owner, refused)["Location"] == "/projects/"


@pytest.mark.parametrize("told", ["http://evil.example/x", "//evil.example", "http://[bad", "javascript:alert(1)"])
def test_it_leads_to_no_page_of_others(project, told):
    headers = {"HX-Request": "true", "HX-Current-URL": told}
    answer = Client().get(f"/projects/{project.pk}/", headers=headers)
    assert 'href="/account/login/?next=%2F"' in answer.content.decode()
