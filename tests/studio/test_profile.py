"""Name, language and time zone; the language of people who are not signed in; help and icons."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.django_db


def test_it_saves_the_profile(as_, owner):
    browser = as_(owner)
    browser.post("/profile/", {"name": "Olga K", "language": "zh-hans", "time_zone": "Asia/Shanghai"})
    owner.refresh_from_db()
    assert (owner.name, owner.language, owner.time_zone) == ("Olga K", "zh-hans", "Asia/Shanghai")
    assert '<html lang="zh-hans">' in browser.get("/profile/").content.decode()


def test_it_writes_days_as_the_person_chose(as_, owner, team):
    from projects.models import AuditEvent

    browser = as_(owner)
    event = AuditEvent.record(team, owner, "team.created")
    AuditEvent.objects.filter(pk=event.pk).update(at="2026-01-31T20:00:00Z")
    assert "31 January 2026" in browser.get("/team/record/", headers={"accept-language": "en-GB"}).content.decode()
    form = {"name": "O", "language": "en", "region": "US"}
    assert browser.post("/profile/", {**form, "region": "XX"}).status_code == 422
    assert browser.post("/profile/", form).status_code == 302
    page = browser.get("/team/record/", headers={"accept-language": "en-GB"}).content.decode()
    assert "January 31, 2026" in page or "1/31/2026" in page
    assert "December" not in browser.get("/profile/").content.decode()


def test_it_refuses_a_zone_that_does_not_exist(as_, owner):
    assert as_(owner).post("/profile/", {"name": "O", "language": "en", "time_zone": "Mars"}).status_code == 422


def test_it_lists_places_and_whatever_was_chosen_before(as_, owner):
    page = as_(owner).get("/profile/").content.decode()
    assert "Europe/Vienna" in page and "Factory" not in page and "Etc/GMT-14" not in page
    owner.time_zone = "US/Eastern"
    owner.save()
    page = as_(owner).get("/profile/").content.decode()
    assert 'value="US/Eastern" selected' in " ".join(page.split())


def test_it_shows_times_in_the_zone_of_the_person(as_, owner, team):
    owner.time_zone = "Asia/Shanghai"
    owner.save()
    from projects.models import AuditEvent

    event = AuditEvent.record(team, owner, "team.created")
    AuditEvent.objects.filter(pk=event.pk).update(at="2026-01-01T20:00:00Z")
    assert "2026-01-02T04:00:00+08:00" in as_(owner).get("/team/record/").content.decode()


def test_it_remembers_the_language_of_an_anonymous_visitor(client, owner):
    answer = client.post("/language/", {"language": "zh-hans", "next": "/account/login/"})
    assert answer.headers["Location"] == "/account/login/"
    assert '<html lang="zh-hans">' in client.get("/account/login/").content.decode()


def test_it_keeps_a_language_with_the_account(as_, owner):
    as_(owner).post("/language/", {"language": "zh-hans", "next": "/profile/"})
    owner.refresh_from_db()
    assert owner.language == "zh-hans"


def test_it_ignores_a_language_that_we_do_not_speak(as_, owner):
    as_(owner).post("/language/", {"language": "tlh"})
    owner.refresh_from_db()
    assert owner.language == ""


def test_it_helps_everybody(as_, client, owner):
    assert client.get("/help/").status_code == 200
    assert as_(owner).get("/help/").status_code == 200


def test_it_has_an_icon(client, owner):
    assert client.get("/favicon.ico").headers["Location"].endswith("logo.svg")


@pytest.mark.parametrize("address", ["/profile/", "/team/", "/team/record/"])
def test_it_requires_sign_in(client, owner, address):
    assert client.get(address).headers["Location"] == f"/account/login/?next={address}"


@pytest.mark.parametrize("reader", ["en", "zh-hans"])
def test_it_names_each_language_in_that_language(reader, as_, owner):
    owner.language = reader
    owner.save()
    page = as_(owner).get("/profile/").content.decode()
    assert re.findall(r'<button name="language"[^>]*>(.*?)</button>', page) == ["English", "简体中文"]
    assert re.findall(r'<option value="(?:en|zh-hans)"[^>]*>(.*?)</option>', page) == ["English", "简体中文"]
