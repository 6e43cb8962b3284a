"""Sign-in, sign-out, forgotten passwords, and limits on trying."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import override_settings
from django.urls import clear_url_caches

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def nobody_tried():
    cache.clear()


def sign_in(client, email="olga@example.com", password=PASSWORD, REMOTE_ADDR="127.0.0.1", **more):
    return client.post("/account/login/", {"login": email, "password": password, **more}, REMOTE_ADDR=REMOTE_ADDR)


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


def guess(client, times, address="192.0.2.7", **more):
    for _ in range(times):
        answer = sign_in(client, password="wrong", REMOTE_ADDR=address, **more)
    return answer


def test_it_limits_attempts_even_with_the_right_password_afterwards(client, owner):
    guess(client, 5)
    answer = sign_in(client, REMOTE_ADDR="192.0.2.7")
    assert "Too many attempts" in answer.content.decode()
    assert "Wait a minute" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_wrong_guesses_from_elsewhere_keep_nobody_out(client, owner):
    guess(client, 8, "203.0.113.9")
    assert sign_in(client, REMOTE_ADDR="192.0.2.7").status_code == 302


def test_the_delay_grows_with_each_wrong_guess(client, owner, monkeypatch):
    """A minute, two, four: after it one guess is free again, and only one."""
    from django.core.cache import cache

    from studio.attempts import Limit

    limit = Limit("pair olga", 5)
    waits = []
    for _ in range(9):
        limit.take()
        if seconds := limit.waiting():
            waits.append(seconds)
            cache.delete(f"{limit._key}:wait")  # as if it had passed
    assert [round(seconds / 60) for seconds in waits] == [1, 2, 4, 8, 15]


def test_many_guesses_at_once_are_no_way_round(owner):
    from studio.attempts import Limit

    assert sum(Limit("pair olga", 5).take() for _ in range(100)) <= 5


def test_one_network_may_not_try_every_account(client, owner):
    for number in range(25):
        answer = sign_in(client, f"person{number}@example.com", "wrong", REMOTE_ADDR="192.0.2.7")
    assert "Too many attempts" in answer.content.decode()


def test_an_ipv6_household_is_one_network(client, owner):
    for number in range(6):
        answer = guess(client, 1, f"2001:db8:1:2::{number + 1}")
    assert "Too many attempts" in answer.content.decode()


def test_a_person_is_let_in_where_they_are_known_whatever_strangers_guess(client, owner):
    from django.test import Client

    assert sign_in(client, REMOTE_ADDR="192.0.2.7").status_code == 302
    client.get("/")
    client.post("/account/logout/")
    guess(Client(), 60, "192.0.2.7")
    assert sign_in(client, REMOTE_ADDR="192.0.2.7").status_code == 302


def test_a_known_browser_may_not_guess_for_ever(client, owner):
    sign_in(client)
    client.get("/")
    client.post("/account/logout/")
    assert "Too many attempts" in guess(client, 11).content.decode()


def test_a_new_password_makes_a_person_new_in_every_browser(client, owner):
    sign_in(client)
    client.get("/")
    client.post("/account/logout/")
    owner.set_password("purple kettle whistles")
    owner.save()
    guess(client, 5)
    answer = sign_in(client, password="purple kettle whistles", REMOTE_ADDR="192.0.2.7")
    assert "Too many attempts" in answer.content.decode()


def test_a_forged_mark_of_a_known_browser_is_none(client, owner):
    client.cookies["known_here"] = f"{owner.pk}-aaaa:forged"
    guess(client, 5)
    assert "Too many attempts" in sign_in(client, REMOTE_ADDR="192.0.2.7").content.decode()


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
    assert link.startswith("http://localhost:8000/")
    path = link.removeprefix("http://localhost:8000")
    form = client.get(path, follow=True)
    where = form.redirect_chain[-1][0]
    words = {"password1": "purple kettle whistles", "password2": "purple kettle whistles"}
    client.post(where, words, follow=True)
    owner.refresh_from_db()
    assert owner.check_password("purple kettle whistles")
    client.logout()
    assert "no longer works" in client.get(path, follow=True).content.decode()


FORGED = [
    {"HTTP_HOST": "evil.example"},
    {"HTTP_X_FORWARDED_HOST": "evil.example"},
    {"HTTP_HOST": "localhost@evil.example"},
]


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize("email", ["olga@example.com", "nobody@example.com"])
def test_no_mail_leads_to_a_host_that_a_request_names(client, owner, with_mail, forged, email):
    client.post("/account/password/reset/", {"email": email}, **forged)
    sign_in_mail = client.post("/account/login/", {"login": "olga@example.com", "password": PASSWORD}, **forged)
    assert sign_in_mail.status_code in {200, 302, 400}
    for sent in mail.outbox:
        assert "evil" not in sent.body + sent.subject


def test_it_answers_only_to_its_own_names_once_it_has_an_address(client, owner, settings):
    from studio import env

    with_site = {"SITE_URL": "https://studio.example", "ALLOWED_HOSTS": "inner"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in with_site.items():
            patch.setenv(name, value)
        settings.ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", env.text("SITE_URL"))
    settings.SITE_URL, settings.SITE_URL_GIVEN = "https://studio.example", True
    for host, status in {
        "studio.example": 200, "localhost:8000": 200, "127.0.0.1": 200, "[::1]": 200, "inner": 200,
        "evil.example": 400, "studio.example.evil.example": 400, "169.254.169.254": 400,
    }.items():  # fmt: skip
        assert client.get("/account/login/", HTTP_HOST=host).status_code == status, host
    assert (
        client.get("/account/login/", HTTP_HOST="studio.example", HTTP_X_FORWARDED_HOST="evil.example").status_code
        == 200
    )


def test_it_does_not_tell_strangers_who_has_an_account(client, owner, with_mail):
    known = client.post("/account/password/reset/", {"email": "olga@example.com"})
    unknown = client.post("/account/password/reset/", {"email": "nobody@example.com"})
    assert known.headers["Location"] == unknown.headers["Location"]


def test_it_asks_to_confirm_the_address_where_mail_is_set_up(client, owner, with_mail):
    answer = sign_in(client)
    assert answer.headers["Location"] == "/account/confirm-email/"
    link = next(word for word in mail.outbox[0].body.split() if "/confirm-email/" in word)
    client.post(link.removeprefix("http://localhost:8000"))
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
