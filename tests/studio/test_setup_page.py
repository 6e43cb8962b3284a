"""The first visit: everything leads to the set-up page, until there is an owner."""

from __future__ import annotations

import pytest

from projects.models import Membership
from studio.models import User

pytestmark = pytest.mark.django_db
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
