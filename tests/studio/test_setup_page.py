"""The first visit: everything leads to the set-up page, until there is an owner."""

from __future__ import annotations

import pytest

from projects.models import Membership
from studio.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.database]
GOOD = {
    "name": "Olga",
    "email": "olga@example.com",
    "password": "purple kettle whistles",
    "team": "Kettle & Co",
    "language": "en",
    "time_zone": "Europe/Vienna",
}


@pytest.mark.parametrize("address", ["/", "/account/login/", "/team/", "/account/signup/", "/nowhere/"])
def test_it_leads_the_first_visitor_to_the_setup(client, address):
    assert client.get(address).headers["Location"] == "/setup/"


def test_it_leaves_the_machinery_alone(client):
    assert client.get("/healthz").status_code == 200


def test_it_shows_the_rules_for_a_password(client):
    from django.contrib.auth.password_validation import get_default_password_validators

    assert "At least 10 characters" in client.get("/setup/").content.decode()
    names = [type(one).__name__ for one in get_default_password_validators()]
    assert names == ["UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator"]
    assert get_default_password_validators()[1].min_length == 10


def test_it_makes_the_owner_and_signs_them_in(client):
    answer = client.post("/setup/", GOOD)
    assert answer.status_code == 302
    user = User.objects.get()
    assert (user.email, user.time_zone, user.is_superuser) == ("olga@example.com", "Europe/Vienna", True)
    assert user.check_password(GOOD["password"])
    assert Membership.objects.get().role == "owner"
    assert Membership.objects.get().team.name == "Kettle & Co"
    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("password", "short", "too short"),
        ("password", "password1234", "too common"),
        ("email", "not an address", "valid email"),
        ("name", "", "required"),
        ("team", "", "required"),
    ],
)
def test_it_says_what_is_wrong(client, field, value, says):
    answer = client.post("/setup/", {**GOOD, field: value})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not User.objects.exists()


def test_it_ignores_a_time_zone_that_does_not_exist(client):
    client.post("/setup/", {**GOOD, "time_zone": "Mars/Base"})
    assert User.objects.get().time_zone == ""


def test_it_happens_once(client, owner):
    assert client.get("/setup/").headers["Location"] == "/account/login/"
    client.post("/setup/", {**GOOD, "email": "late@example.com"})
    assert User.objects.count() == 1


def test_it_lets_the_first_of_two_win(owner):
    from projects.errors import UserError
    from studio import people

    with pytest.raises(UserError, match="already"):
        people.set_up(people.NewPerson("Late", "late@example.com", "purple kettle whistles"), "Late")


@pytest.mark.parametrize(
    "elsewhere",
    [{"REMOTE_ADDR": "192.0.2.7"}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, {"HTTP_FORWARDED": "for=127.0.0.1"}],
)
def test_it_asks_others_than_this_machine_for_the_code_in_the_log(client, elsewhere, caplog, monkeypatch):
    from studio import setup_code

    monkeypatch.setattr(setup_code, "_said", False)
    assert "Set-up code" in client.get("/setup/", **elsewhere).content.decode()
    assert setup_code.code() in caplog.text
    for wrong in ("", "AAAAA-AAAAA", "ü"):
        assert client.post("/setup/", {**GOOD, "code": wrong}, **elsewhere).status_code == 422
    assert not User.objects.exists()
    typed = setup_code.code().lower().replace("-", " ")
    assert client.post("/setup/", {**GOOD, "code": typed}, **elsewhere).status_code == 302
    assert User.objects.get().is_superuser


def test_it_asks_everybody_behind_a_proxy(client, settings):
    settings.PROXIES = 1
    assert client.post("/setup/", GOOD).status_code == 422
    assert not User.objects.exists()


def test_it_asks_nobody_on_this_machine(client):
    assert "Set-up code" not in client.get("/setup/").content.decode()


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example"]
)
def test_it_asks_for_the_code_by_a_name_that_only_points_at_this_machine(client, host, settings):
    """A page on the Web can give its own name the address 127.0.0.1, and ask through the browser of whoever looks at it."""
    settings.ALLOWED_HOSTS = ["*"]
    assert client.post("/setup/", GOOD, headers={"host": host}).status_code == 422
    assert client.get("/metrics", headers={"host": host}).status_code == 401
    assert not User.objects.exists()


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_it_asks_no_code_of_a_browser_on_this_machine(client, host, settings):
    settings.ALLOWED_HOSTS = ["*"]
    assert client.post("/setup/", GOOD, headers={"host": host}).status_code == 302
