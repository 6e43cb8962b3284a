"""Members, roles, invitations; what strangers and viewers may not do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from projects.models import AuditEvent, Invitation, Membership, Team

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NEW = {"name": "Nina", "email": "nina@example.com", "password": "purple kettle whistles"}


def membership(user):
    return Membership.objects.get(user=user)


def link_of(browser, team, **facts):
    browser.post(f"/team/{team.pk}/invite/", {"role": "editor", **facts})
    return "/invite/" + browser.session["shown_once"]["link"].split("/invite/")[1]


def test_it_shows_the_team_to_every_member(as_, viewer, owner):
    page = as_(viewer).get("/team/").content.decode()
    assert "olga@example.com" in page
    assert "Make the link" not in page


def test_it_offers_owners_what_owners_do(as_, owner, viewer):
    page = as_(owner).get("/team/").content.decode()
    assert "Make the link" in page
    assert "Password link" in page


def test_it_shows_an_invitation_once_and_keeps_only_its_hash(as_, owner, team):
    browser = as_(owner)
    link = link_of(browser, team)
    token = link.removeprefix("/invite/").strip("/")
    assert token in browser.get("/team/").content.decode()
    assert token not in browser.get("/team/").content.decode()
    assert token not in str(Invitation.objects.values())


def test_it_lets_a_new_person_in(as_, client, owner, team):
    link = link_of(as_(owner), team, role="viewer")
    assert "Olga invites you" in client.get(link).content.decode()
    assert client.post(link, NEW).status_code == 302
    assert Membership.objects.get(user__email="nina@example.com", team=team).role == "viewer"
    assert "_auth_user_id" in client.session


def test_it_lets_one_person_in_per_link(as_, client, owner, team):
    link = link_of(as_(owner), team)
    client.post(link, NEW)
    client.logout()
    answer = client.get(link)
    assert answer.status_code == 410
    assert "Ask the person who invited you" in answer.content.decode()


def test_it_lets_somebody_with_an_account_join(as_, owner, team, stranger):
    link = link_of(as_(owner), team)
    browser = as_(stranger)
    assert "Join the team" in browser.get(link).content.decode()
    assert browser.post(link).status_code == 302
    assert Membership.objects.get(user=stranger, team=team).role == "editor"
    assert "Kettle &amp; Co" in browser.get("/team/").content.decode()


def test_it_refuses_an_expired_or_invented_link(as_, client, owner, team):
    link = link_of(as_(owner), team)
    Invitation.objects.update(expires=timezone.now() - timedelta(minutes=1))
    assert client.get(link).status_code == 410
    assert client.post(link, NEW).status_code == 410
    assert client.get("/invite/invented/").status_code == 410


def test_it_refuses_a_revoked_link(as_, client, owner, team):
    browser = as_(owner)
    link = link_of(browser, team)
    browser.post(f"/team/invitations/{Invitation.objects.get().pk}/revoke/")
    assert client.get(link).status_code == 410


def test_it_holds_an_invitation_to_its_address(as_, client, owner, team, stranger):
    link = link_of(as_(owner), team, email="nina@example.com")
    assert as_(stranger).post(link).status_code == 403
    client.post(link, {**NEW, "email": "other@example.com"})
    assert Membership.objects.filter(user__email="nina@example.com", team=team).exists()


def test_it_says_that_an_address_has_an_account_already(as_, client, owner, team, stranger):
    page = client.post(link_of(as_(owner), team), {**NEW, "email": "STAN@example.com"})
    assert page.status_code == 422
    assert "There is an account with this address already" in page.content.decode()


def test_it_never_lowers_a_role_by_an_invitation(as_, owner, team):
    browser = as_(owner)
    browser.post(link_of(browser, team, role="viewer"))
    assert membership(owner).role == "owner"


def test_it_changes_a_role_and_writes_it_down(as_, owner, editor):
    browser = as_(owner)
    browser.post(f"/team/members/{membership(editor).pk}/role/", {"role": "viewer"})
    assert membership(editor).role == "viewer"
    assert AuditEvent.objects.get(action="member.role").facts == {"before": "editor", "after": "viewer"}
    assert "changed the role of" in browser.get("/team/record/").content.decode()


@pytest.mark.parametrize(("verb", "facts"), [("role", {"role": "viewer"}), ("remove", {})])
def test_it_keeps_at_least_one_owner(as_, owner, verb, facts):
    answer = as_(owner).post(f"/team/members/{membership(owner).pk}/{verb}/", facts)
    assert answer.status_code == 422
    assert "at least one owner" in answer.content.decode()
    assert membership(owner).role == "owner"


def test_it_removes_a_member_at_once(as_, owner, editor):
    browser = as_(editor)
    as_(owner).post(f"/team/members/{membership(editor).pk}/remove/")
    assert "You are in no team" in browser.get("/team/").content.decode()


def test_it_lets_everybody_leave(as_, owner, viewer):
    assert as_(viewer).post(f"/team/members/{membership(viewer).pk}/remove/").status_code == 302
    assert not Membership.objects.filter(user=viewer).exists()


def test_it_renames_creates_and_switches(as_, owner, team):
    browser = as_(owner)
    browser.post(f"/team/{team.pk}/name/", {"name": "Pots <b>"})
    assert "Pots &lt;b&gt;" in browser.get("/team/").content.decode()
    browser.post("/team/new/", {"name": "Second"})
    assert "<h1>Second</h1>" in browser.get("/team/").content.decode()
    browser.post("/team/switch/", {"team": team.pk})
    assert "<h1>Pots" in browser.get("/team/").content.decode()


def test_it_makes_a_password_link_for_a_member(as_, client, owner, viewer):
    browser = as_(owner)
    browser.post(f"/team/members/{membership(viewer).pk}/reset-link/")
    link = browser.session["shown_once"]["link"].split("testserver")[1]
    where = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(where, {"password1": "purple kettle whistles", "password2": "purple kettle whistles"})
    viewer.refresh_from_db()
    assert viewer.check_password("purple kettle whistles")


def test_it_makes_no_password_link_into_a_team_of_others(as_, owner, viewer, stranger):
    Membership.objects.create(team=stranger.teams.get(), user=viewer, role="viewer")
    pk = Membership.objects.get(user=viewer, team__name="Kettle & Co").pk
    assert as_(owner).post(f"/team/members/{pk}/reset-link/").status_code == 403


def doors(team, member, invitation):
    return [
        (f"/team/{team.pk}/name/", {"name": "Mine"}),
        (f"/team/{team.pk}/invite/", {"role": "owner"}),
        (f"/team/invitations/{invitation.pk}/revoke/", {}),
        (f"/team/members/{member.pk}/role/", {"role": "owner"}),
        (f"/team/members/{member.pk}/remove/", {}),
        (f"/team/members/{member.pk}/reset-link/", {}),
    ]


@pytest.mark.parametrize("number", range(6))
def test_it_turns_everybody_but_owners_away(as_, client, owner, editor, viewer, stranger, team, number):
    invitation, _ = Invitation.issue(team, "viewer", owner)
    address, facts = doors(team, membership(owner), invitation)[number]
    assert as_(stranger).post(address, facts).status_code == 404
    assert as_(viewer).post(address, facts).status_code == 403
    assert as_(editor).post(address, facts).status_code == 403
    assert client.post(address, facts).status_code == 401
    assert as_(owner).get(address).status_code == 405
    assert membership(owner).role == "owner"
    assert Team.objects.get(pk=team.pk).name == "Kettle & Co"


def test_it_does_not_let_strangers_switch_to_a_team(as_, stranger, team):
    assert as_(stranger).post("/team/switch/", {"team": team.pk}).status_code == 404


@pytest.mark.parametrize(("site", "said"), [("http://localhost:8000", True), ("https://studio.example", False)])
def test_it_says_when_a_link_opens_on_this_machine_only(site, said):
    once = {"kind": "invitation", "to": "eddy@example.com", "link": f"{site}/invite/abc/", "sent": False}
    assert ("opens on this machine only" in render_to_string("studio/_shown_once.html", {"once": once})) == said
