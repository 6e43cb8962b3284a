"""Who did what and when, for the team to see."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from projects import users
from projects.models.team import Team
from projects.users import Doer


class AuditEvent(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="events")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    action = models.CharField(max_length=60)  # "dataset.uploaded", "endpoint.published", "member.invited" …
    target = models.CharField(max_length=200, blank=True)
    facts: models.JSONField[dict[str, object], dict[str, object]] = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at"]

    @classmethod
    def record(cls, team: Team, user: Doer, action: str, target: object = "", **facts: object) -> AuditEvent:
        return cls.objects.create(
            team=team, user_id=users.key(user), action=action, target=str(target)[:200], facts=facts
        )
