"""Who did what and when, for the team to see."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from projects.models.team import Team


class AuditEvent(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="events")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    action = models.CharField(max_length=60)  # "dataset.uploaded", "endpoint.published", "member.invited" …
    target = models.CharField(max_length=200, blank=True)
    facts: models.JSONField[Any, Any] = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at"]

    @classmethod
    def record(cls, team: Team, user: Any, action: str, target: object = "", **facts: Any) -> AuditEvent:
        who = user if getattr(user, "is_authenticated", False) else None
        return cls.objects.create(team=team, user=who, action=action, target=str(target)[:200], facts=facts)
