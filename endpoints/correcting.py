"""What an answer should have been: said by a person, given from that moment on, learned with the next training.

A person of the team corrects; a visitor suggests. A suggestion is neither given nor learned before a person of the team
has taken it over. What a correction means for a family stands in the family's folder.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from endpoints import families
from endpoints.families import Correcting
from endpoints.models import Feedback, Message
from endpoints.patience import patiently
from projects import privacy, quality, users
from projects.errors import UserError
from projects.models import AuditEvent, Dataset, Project
from projects.users import Doer
from training.ml import exact

LONGEST = 4000
MOST_ALIKE = 50
"""Corrected questions of the same words that are told apart by their signs."""


def of(family: str) -> Correcting:
    """What a correction means for a family."""
    return families.of(family).correcting


def of_message(message: Message) -> Correcting:
    return of(message.conversation.endpoint.project.case.family)


# What was said ------------------------------------------------------------------------------------------------
def marked(project: Project) -> QuerySet[Feedback]:
    """Answers of a project that somebody marked as wrong or corrected, newest first."""
    return (
        Feedback.objects.filter(message__conversation__endpoint__project=project)
        .filter(Q(rating=-1) | ~Q(correction=""))
        .select_related("message__conversation__endpoint__project", "used_in", "corrected_by")
        .order_by("-updated")
    )


def corrected(project: Project) -> QuerySet[Feedback]:
    """Those for which a person of the team said what the answer should have been."""
    return marked(project).exclude(correction="").exclude(question="")


def ready(project: Project) -> QuerySet[Feedback]:
    """Those that no dataset has learned from yet; one that could not be used has learned nothing."""
    if not of(project.case.family).TRAINS:
        return corrected(project).none()
    return corrected(project).filter(Q(used_in__isnull=True) | Q(used_in__state=Dataset.State.REJECTED))


def question_of(message: Message) -> str:
    """The question that an answer answered; a retry answers the same one as the answer it replaces."""
    return next((one["content"] for one in reversed(_asked(message))), "")


def _asked(message: Message) -> list[dict[str, str]]:
    """What the visitor had said when the answer came, oldest first."""
    said = Message.objects.filter(conversation=message.conversation_id, role=Message.Role.USER, pk__lt=_first(message))
    newest = said.order_by("-pk").values_list("text", flat=True)[:2]
    return [{"role": "user", "content": text} for text in reversed(newest)]


def _first(message: Message) -> int:
    """The answer that was written again, perhaps a thousand times, until it was this one. Looked up at once: a stranger
    who marks each of them must not make a page ask a thousand times for each."""
    first = message.pk
    if message.replaces_id is None:
        return first
    again = Message.objects.filter(conversation=message.conversation_id, replaces__isnull=False)
    before = dict(again.order_by().values_list("pk", "replaces_id"))
    while first in before:  # what an answer replaces is older than it
        first = before[first]
    return first


def given(message: Message) -> str | list[str]:
    """What a person of the team said it should have been, as a page fills its fields with it."""
    feedback = getattr(message, "feedback", None)
    return of_message(message).shown(message, feedback.correction if feedback else "")


def typed(message: Message, said: Sequence[str]) -> str | list[str]:
    """What was typed and could not be kept, as the page fills its fields with it."""
    whole = "\n".join(said)
    return whole.splitlines() if isinstance(of_message(message).shown(message, ""), list) else whole


def read_out(message: Message) -> str:
    """The same as a person reads it; nothing where nobody of the team said anything."""
    feedback = getattr(message, "feedback", None)
    kept = feedback.correction if feedback else ""
    return of_message(message).read_out(message, kept) if kept else ""


def suggested(feedback: Feedback) -> str:
    """What a visitor proposed, without what is personal; empty once the team has said what is right."""
    return "" if feedback.correction else privacy.mask(feedback.suggestion)


def correct(message: Message, said: Sequence[str], user: Doer) -> Feedback:
    """A person of the team says what the answer should have been. It is given from now on."""
    family = of_message(message)
    kept = family.understood(message, [one.strip() for one in said if one.strip()])[:LONGEST]
    question = privacy.mask(family.question(_asked(message)))
    same = Feedback.objects.filter(message=message, correction=kept, rating=-1).exists()
    found, _made = Feedback.objects.update_or_create(
        message=message,
        defaults={
            "rating": -1,
            "correction": kept,
            "question": question,
            "question_key": quality.key(question),
            "corrected_by_id": users.key(user),
            "used_in": None,
        },
    )
    if not same:  # said again, it is no other act
        project = message.conversation.endpoint.project
        AuditEvent.record(project.team, user, "answer.corrected", project.name, message=message.pk)
    return found


def dismiss(feedback: Feedback) -> None:
    """The answer was fine: nothing is given in its place, and nothing of it is learned."""
    feedback.rating, feedback.correction, feedback.suggestion, feedback.question_key = 0, "", "", None
    feedback.save(update_fields=["rating", "correction", "suggestion", "question_key", "updated"])


# What is given at once ----------------------------------------------------------------------------------------
def settled(project: int, asked: Sequence[str]) -> dict[str, Feedback]:
    """Text → the correction that holds for it, where there is one. The newest word counts; signs decide where only
    they tell two questions apart."""
    spelled = {text: privacy.mask(text) for text in asked if text.strip()}
    keys = {text: quality.key(plain) for text, plain in spelled.items()}
    if not project or not keys:
        return {}
    rows = Feedback.objects.filter(
        question_key__in=set(keys.values()), message__conversation__endpoint__project=project
    ).exclude(correction="")
    alike: dict[int, list[Feedback]] = {}
    for one in rows.order_by("-updated"):
        alike.setdefault(one.question_key or 0, []).append(one)
    found = {text: _same(spelled[text], alike.get(key, [])) for text, key in keys.items()}
    return {text: one for text, one in found.items() if one is not None}


def _same(asked: str, alike: Sequence[Feedback]) -> Feedback | None:
    spelled = [(one, exact.literal(one.question)) for one in alike[:MOST_ALIKE]]
    asked = exact.literal(asked)
    for one, question in spelled:
        if question == asked:
            return one
    for one, question in spelled:
        if question.casefold() == asked.casefold():
            return one
    return alike[0] if len({question.casefold() for _one, question in spelled}) == 1 else None


def first_settled(project: int, asked: Sequence[str]) -> Feedback | None:
    """The correction that holds for the first of these texts that has one."""
    found = settled(project, asked)
    return next((found[text] for text in asked if text in found), None)


async def holding(project: int, asked: Sequence[str]) -> Feedback | None:
    """The same for whoever answers in an event loop; a version that is only tried out has no project here."""
    return await patiently(first_settled, project, asked) if project else None


# What is learned ----------------------------------------------------------------------------------------------
def to_dataset(project: Project, user: Doer, train_with: str = "") -> Dataset:
    """A new dataset: the project's data with every correction in it, those of earlier datasets too.

    TRAIN_WITH: the preset of a training that begins once it is ready."""
    family = of(project.case.family)
    if not family.TRAINS:
        raise UserError(
            _("Corrections hold here without a training."),
            _("Those you gave are in use already."),
            _("To learn from what people chose since, add newer data and train with it."),
            status=409,
        )
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)  # two that press at once come here one by one
        if not ready(project).exists():
            raise nothing_new()
        every = list(corrected(project))
        dataset = family.to_dataset(project, [(one.question, one.correction) for one in every], user, train_with)
        Feedback.objects.filter(pk__in=[one.pk for one in every]).update(used_in=dataset)
    return dataset


def nothing_new() -> UserError:
    return UserError(
        _("There is no new correction to learn from."),
        _("Earlier corrections are in your data already."),
        _("Say below what a wrong answer should have been, then try again."),
    )


def nowhere() -> UserError:
    return UserError(
        _("There is nothing to put the corrections into."),
        _("Your corrections are kept, and they are given already."),
        _("Add data to the project first."),
        status=409,
    )
