"""Sign-in, sign-out, forgotten passwords, and limits on trying."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import override_settings
from django.urls import clear_url_caches

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def sign_in(client, email="olga@example.com", password=PASSWORD, **more):
    return client.post("/account/login/", {"login": email, "password": password, **more})


def test_it_signs_in(client, owner):
    answer = sign_in(client)
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(owner.pk)


def test_it_signs_in_whatever_the_case_of_the_address(client, owner):
    assert sign_in(client, email="Olga@Example.COM").status_code == 302


def test_it_goes_on_where_the_person_wanted_to_go(client, owner):
    assert client.get("/team/").headers["Location"] == "/account/login/?next=/team/"
    assert sign_in(client, next="/team/").headers["Location"] == "/team/"


def test_it_does_not_send_people_to_other_sites(client, owner):
    assert "evil" not in sign_in(client, next="https://evil.example/").headers["Location"]


def test_it_refuses_a_wrong_password_without_saying_which_part_is_wrong(client, owner):
    wrong = sign_in(client, password="wrong").content.decode()
    unknown = sign_in(client, email="nobody@example.com", password="wrong").content.decode()
    sentence = "The e-mail address or the password is not right."
    assert sentence in wrong
    assert sentence in unknown
    assert "_auth_user_id" not in client.session


def test_it_limits_attempts_even_with_the_right_password_afterwards(client, owner):
    for _ in range(5):
        sign_in(client, password="wrong")
    answer = sign_in(client)
    assert answer.status_code in {200, 429}
    assert "Too many attempts" in answer.content.decode() or answer.status_code == 429
    assert "_auth_user_id" not in client.session


def test_it_keeps_no_sign_up_open(client, owner):
    page = client.get("/account/signup/")
    assert "by invitation" in page.content.decode()
    client.post("/account/signup/", {"email": "x@example.com", "password1": PASSWORD})
    from studio.models import User

    assert User.objects.count() == 1


def test_it_signs_out_by_post_only(client, owner, as_):
    browser = as_(owner)
    assert browser.get("/account/logout/").status_code == 200
    assert "_auth_user_id" in browser.session
    browser.post("/account/logout/")
    assert "_auth_user_id" not in browser.session


def test_it_says_who_can_help_when_there_is_no_mail(client, owner):
    page = client.get("/account/password/reset/").content.decode()
    assert "not set up to send mail" in page
    assert client.post("/account/password/reset/", {"email": "olga@example.com"}).status_code == 200
    assert not mail.outbox


@pytest.fixture
def with_mail(settings):
    """The addresses depend on whether there is mail, so they are read again."""
    import importlib

    import studio.urls

    def reload():
        importlib.reload(studio.urls)
        clear_url_caches()

    with override_settings(EMAIL_HOST="mail.example", ACCOUNT_EMAIL_VERIFICATION="mandatory"):
        reload()
        yield
    reload()


def test_it_mails_a_link_that_sets_a_password_once(client, owner, with_mail):
    page = client.post("/account/password/reset/", {"email": "olga@example.com"}, follow=True)
    assert page.status_code == 200
    link = next(word for word in mail.outbox[0].body.split() if "/password/reset/key/" in word)
    path = link.split("testserver")[1]
    form = client.get(path, follow=True)
    where = form.redirect_chain[-1][0]
    words = {"password1": "purple kettle whistles", "password2": "purple kettle whistles"}
    client.post(where, words, follow=True)
    owner.refresh_from_db()
    assert owner.check_password("purple kettle whistles")
    client.logout()
    assert "no longer works" in client.get(path, follow=True).content.decode()


def test_it_does_not_tell_strangers_who_has_an_account(client, owner, with_mail):
    known = client.post("/account/password/reset/", {"email": "olga@example.com"})
    unknown = client.post("/account/password/reset/", {"email": "nobody@example.com"})
    assert known.headers["Location"] == unknown.headers["Location"]


def test_it_asks_to_confirm_the_address_where_mail_is_set_up(client, owner, with_mail):
    answer = sign_in(client)
    assert answer.headers["Location"] == "/account/confirm-email/"
    link = next(word for word in mail.outbox[0].body.split() if "/confirm-email/" in word)
    client.post(link.split("testserver")[1])
    assert sign_in(client).status_code == 302
    assert client.session["_auth_user_id"] == str(owner.pk)


@pytest.mark.parametrize(
    "address",
    [
        "/account/login/",
        "/account/signup/",
        "/account/password/reset/",
        "/account/password/reset/done/",
        "/account/password/reset/key/1-bad/",
        "/account/password/reset/key/done/",
        "/account/inactive/",
        "/account/confirm-email/",
        "/account/confirm-email/bad/",
    ],
)
def test_it_draws_every_page_in_our_design(client, owner, with_mail, address):
    page = client.get(address, follow=True).content.decode()
    assert 'class="door-card"' in page
    assert "Menu:" not in page


@pytest.mark.parametrize("address", ["/account/password/change/", "/account/reauthenticate/", "/account/email/"])
def test_it_draws_the_pages_of_the_account(as_, owner, with_mail, address):
    page = as_(owner).get(address, follow=True).content.decode()
    assert 'class="door-card"' in page


def test_it_changes_the_password(as_, owner):
    browser = as_(owner)
    words = {"oldpassword": PASSWORD, "password1": "purple kettle whistles", "password2": "purple kettle whistles"}
    assert browser.post("/account/password/change/", words).status_code == 302
    owner.refresh_from_db()
    assert owner.check_password("purple kettle whistles")


def test_it_explains_a_form_that_is_too_old(owner):
    from django.test import Client

    answer = Client(enforce_csrf_checks=True).post("/account/login/", {"login": "x", "password": "y"})
    assert answer.status_code == 403
    assert "open too long" in answer.content.decode()
