"""Teams own everything. A person is in a team as owner, editor or viewer."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

INVITATION_DAYS = 7


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    EDITOR = "editor", _("Editor")
    VIEWER = "viewer", _("Viewer")


RANK = {Role.VIEWER: 0, Role.EDITOR: 1, Role.OWNER: 2}


class Team(models.Model):
    name = models.CharField(_("name"), max_length=100)
    created = models.DateTimeField(auto_now_add=True)
    members: models.ManyToManyField[models.Model, models.Model] = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Membership", related_name="teams"
    )

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=8, choices=Role.choices, default=Role.EDITOR)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="one_membership_a_team")]

    def may(self, role: str) -> bool:
        """Whether this person's role is at least the given one."""
        return RANK[Role(self.role)] >= RANK[Role(role)]


class Invitation(models.Model):
    """A link that lets one person into a team. Only the hash of its secret is kept."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(_("role"), max_length=8, choices=Role.choices, default=Role.EDITOR)
    email = models.EmailField(_("e-mail address"), blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField()
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    @staticmethod
    def digest(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()

    @classmethod
    def issue(cls, team: Team, role: str, invited_by: Any, email: str = "") -> tuple[Invitation, str]:
        """A new invitation and its secret, which is shown once."""
        token = secrets.token_urlsafe(32)
        expires = timezone.now() + timedelta(days=INVITATION_DAYS)
        row = cls(team=team, role=role, email=email, token_hash=cls.digest(token), expires=expires)
        row.invited_by = invited_by
        row.save()
        return row, token

    @property
    def usable(self) -> bool:
        return self.accepted_by_id is None and self.expires > timezone.now()
