"""What is done with people: the first account, accounts by invitation, links for a forgotten password."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from projects.errors import UserError
from projects.models import AuditEvent, Membership, Team
from projects.models.team import Role
from studio.models import User


@dataclass(frozen=True)
class NewPerson:
    """What somebody typed about themselves."""

    name: str
    email: str
    password: str
    language: str = ""
    time_zone: str = ""


_anybody = False


def anybody() -> bool:
    """Whether the studio has an account yet. Once there is one, the database is not asked again."""
    global _anybody
    _anybody = _anybody or User.objects.exists()
    return _anybody


def forget_anybody() -> None:
    """For tests, which start with no account again and again."""
    global _anybody
    _anybody = False


@transaction.atomic
def set_up(person: NewPerson, team_name: str) -> User:
    """The first account, which owns the first team. Of two first visitors, one wins."""
    list(ContentType.objects.select_for_update().order_by("pk")[:1])  # on PostgreSQL the second one waits here
    if User.objects.exists():
        raise UserError(
            _("The owner's account has been created already."),
            todo=_("Sign in, or ask the owner for an invitation."),
            status=409,
        )
    user = create(person, verified=True, is_superuser=True, is_staff=True)
    # A team without members holds what the quickstart command made before there was anybody.
    team = Team.objects.filter(memberships=None).first() or Team()
    team.name = team_name
    team.save()
    Membership.objects.create(team=team, user=user, role=Role.OWNER)
    AuditEvent.record(team, user, "team.created", team)
    return user


def create(person: NewPerson, *, verified: bool, **rights: bool) -> User:
    user = User.objects.create_user(
        person.email,
        person.password,
        name=person.name,
        language=person.language,
        time_zone=person.time_zone,
        **rights,
    )
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=verified)
    return user


def taken(email: str) -> bool:
    """Whether an account has this address, however it is written."""
    return (
        User.objects.filter(email__iexact=email).exists() or EmailAddress.objects.filter(email__iexact=email).exists()
    )


def may_help(helper: User, person: User) -> bool:
    """Whether HELPER may give PERSON a reset link: whoever holds it becomes that person, in all of their teams."""
    if helper.is_superuser:
        return True
    if person.is_superuser:
        return False
    theirs = Membership.objects.filter(user=person).values("team")
    owned = Membership.objects.filter(user=helper, role=Role.OWNER, team__in=theirs).count()
    return owned == len(theirs)


def reset_path(person: User) -> str:
    """The address at which this person can set a new password, once."""
    words = {"uidb36": user_pk_to_url_str(person), "key": default_token_generator.make_token(person)}
    return reverse("account_reset_password_from_key", kwargs=words)
