"""From answers marked wrong to data: what the assistant should have said, and a dataset that says it."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from endpoints.models import Feedback, Message
from projects import importing
from projects.errors import UserError
from projects.models import AuditEvent, Dataset, Project


def marked_wrong(project: Project) -> QuerySet[Feedback]:
    """Answers of a project that somebody marked as wrong, newest first."""
    return (
        Feedback.objects.filter(message__conversation__endpoint__project=project, rating=-1)
        .select_related("message__conversation__endpoint", "used_in")
        .order_by("-updated")
    )


def ready(project: Project) -> QuerySet[Feedback]:
    """Those with a correction that no dataset has learned from yet."""
    return marked_wrong(project).exclude(correction="").filter(used_in__isnull=True)


def question_of(message: Message) -> str:
    """The question that an answer answered; a retry answers the same one as the answer it replaces."""
    first = message
    while first.replaces is not None:
        first = first.replaces
    asked = Message.objects.filter(conversation=message.conversation_id, role=Message.Role.USER, pk__lt=first.pk)
    return asked.order_by("-pk").values_list("text", flat=True).first() or ""


def given(message: Message) -> str | list[str]:
    """What a person said it should have been: words, or the labels where the answer was a label."""
    feedback = getattr(message, "feedback", None)
    said = feedback.correction if feedback else ""
    return said.splitlines() if message.result.get("choices") else said


def correct(message: Message, text: str) -> Feedback:
    """A person of the team says what the answer should have been."""
    found, _made = Feedback.objects.update_or_create(
        message=message, defaults={"rating": -1, "correction": text.strip()[:4000], "used_in": None}
    )
    return found


def to_dataset(project: Project, user: Any) -> Dataset:
    """A new dataset: the project's data with every waiting correction in it."""
    waiting = list(ready(project))
    pairs = [(question_of(one.message), one.correction) for one in waiting]
    pairs = [(question, answer) for question, answer in pairs if question.strip()]
    if not pairs:
        raise _nothing_new()
    with transaction.atomic():
        if project.case.family == "classify":
            dataset = _with_labels(project, pairs, user)
        else:
            dataset = importing.dataset_from_corrections(project, pairs, user)
        Feedback.objects.filter(pk__in=[one.pk for one in waiting]).update(used_in=dataset)
    AuditEvent.record(project.team, user, "corrections.used", dataset, corrections=len(pairs))
    return dataset


def _with_labels(project: Project, pairs: list[tuple[str, str]], user: Any) -> Dataset:
    """Texts of visitors with the labels that people gave them; labels that the data does not know are passed over."""
    source = project.datasets.filter(state=Dataset.State.READY, purpose="all").first()
    if source is None:
        raise UserError(
            _("There is nothing to put the corrections into."), todo=_("Add data to the project first."), status=409
        )
    known = set(json.loads((source.folder / "dataset.json").read_text(encoding="utf-8"))["labels"])
    texts = {text: [one for one in said.splitlines() if one in known] for text, said in reversed(pairs)}
    extra = [(text, labels) for text, labels in texts.items() if labels]
    if not extra:
        raise _nothing_new()
    return importing.corrected_labels(source, {}, user, extra=extra)


def _nothing_new() -> UserError:
    return UserError(
        _("There is no new correction to learn from."),
        _("Earlier corrections are in your data already."),
        _("Say below what a wrong answer should have been, then try again."),
    )
