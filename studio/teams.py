"""What is done with teams: members come and go, roles change, and at least one owner stays."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.errors import UserError
from projects.models import AuditEvent, Invitation, Membership, Team
from projects.models.team import RANK, Role
from studio.models import User


@transaction.atomic
def create(user: User, name: str) -> Team:
    team = Team.objects.create(name=name)
    Membership.objects.create(team=team, user=user, role=Role.OWNER)
    AuditEvent.record(team, user, "team.created", name)
    return team


def rename(team: Team, user: User, name: str) -> None:
    before, team.name = team.name, name
    team.save(update_fields=["name"])
    AuditEvent.record(team, user, "team.renamed", name, before=before)


def invite(team: Team, user: User, role: str, email: str = "") -> tuple[Invitation, str]:
    """A new invitation and its secret, which is shown once."""
    row, token = Invitation.issue(team, role, user, email)
    AuditEvent.record(team, user, "member.invited", email or _("whoever has the link"), role=role)
    return row, token


def send_invitation(invitation: Invitation, link: str) -> None:
    facts = {"invitation": invitation, "link": link}
    subject = _("%(name)s invites you to %(team)s") % {"name": invitation.invited_by, "team": invitation.team}
    body = render_to_string("studio/invitation_mail.txt", facts)
    send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [invitation.email], fail_silently=True)


def find_invitation(token: str) -> Invitation:
    """The invitation of a link that still counts."""
    found = Invitation.objects.select_related("team").filter(token_hash=Invitation.digest(token)).first()
    if found is None or not found.usable:
        raise UserError(
            _("This invitation has expired, was used already, or was taken back."),
            _("Nothing in the team has changed."),
            _("Ask the person who invited you for a new link."),
            status=410,
        )
    return found


@transaction.atomic
def accept(invitation: Invitation, user: User) -> Membership:
    """Makes the person a member. The row count decides, so that a link lets in one person only."""
    if invitation.email and invitation.email.lower() != user.email.lower():
        raise UserError(
            _("This invitation is for %(email)s, and you are signed in as %(me)s.")
            % {"email": invitation.email, "me": user.email},
            todo=_("Sign in with that address, or ask for a link without an address."),
            status=403,
        )
    free = Invitation.objects.filter(pk=invitation.pk, accepted_by=None, expires__gt=timezone.now())
    if not free.update(accepted_by=user):
        raise UserError(_("This invitation was used already."), todo=_("Ask for a new link."), status=410)
    member, new = Membership.objects.get_or_create(team=invitation.team, user=user, defaults={"role": invitation.role})
    if not new and RANK[Role(invitation.role)] > RANK[Role(member.role)]:
        member.role = invitation.role
        member.save(update_fields=["role"])
    AuditEvent.record(invitation.team, user, "member.joined", user, role=member.role)
    return member


def revoke(invitation: Invitation, user: User) -> None:
    AuditEvent.record(invitation.team, user, "member.uninvited", invitation.email or _("whoever has the link"))
    invitation.delete()


@transaction.atomic
def change_role(member: Membership, user: User, role: str) -> None:
    if member.role == role:
        return
    _keep_an_owner(member)
    before, member.role = member.role, role
    member.save(update_fields=["role"])
    AuditEvent.record(member.team, user, "member.role", member.user, before=before, after=role)


@transaction.atomic
def remove(member: Membership, user: User) -> None:
    _keep_an_owner(member)
    AuditEvent.record(member.team, user, "member.removed", member.user, role=member.role)
    member.delete()


def _keep_an_owner(member: Membership) -> None:
    """A team without an owner could never be changed again. The rows are locked, so that two owners cannot both go."""
    owners = Membership.objects.select_for_update().filter(team=member.team, role=Role.OWNER)
    if member.role == Role.OWNER and len(owners) == 1:
        raise UserError(
            _("A team needs at least one owner, and %(name)s is the only one.") % {"name": member.user},
            _("Nothing has changed."),
            _("Make somebody else an owner first."),
        )
