"""Tells the person who started a training how it ended: by mail where mail is set up."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from projects import claims
from projects.models import AuditEvent
from training import problems
from training.models import ModelVersion, TrainingRun

logger = logging.getLogger(__name__)
State = TrainingRun.State


def tell(run: TrainingRun) -> None:
    """Notes the end for the team, and writes to the person who waits."""
    claims.patiently(
        lambda: AuditEvent.record(run.project.team, run.created_by, f"run.{run.state}", run.dataset.name, run=run.pk)
    )
    if settings.EMAIL_HOST and run.created_by_id and run.state in (State.SUCCEEDED, State.FAILED):
        try:
            _mail(run)
        except OSError:
            logger.exception("The mail about run %s could not be sent", run.pk)


def _mail(run: TrainingRun) -> None:
    person = run.created_by
    language = getattr(person, "language", "") or settings.LANGUAGE_CODE
    with translation.override(language):
        subject, text = _words(run)
        send_mail(f"{run.project}: {subject}", text, settings.DEFAULT_FROM_EMAIL, [getattr(person, "email", "")])


def _words(run: TrainingRun) -> tuple[str, str]:
    if run.state == State.SUCCEEDED:
        model = ModelVersion.objects.get(run=run)
        address = settings.SITE_URL + reverse("training:report", args=[model.pk])
        return _("your training is finished"), _("Read how good it is and publish it:") + f"\n{address}\n"
    problem = problems.worded(run)
    address = settings.SITE_URL + reverse("training:run", args=[run.pk])
    return _("your training stopped"), f"{problem.what}\n{problem.safe}\n{problem.todo}\n{address}\n"
