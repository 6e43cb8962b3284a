"""The record of who did what, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from projects.models import AuditEvent

WORDS: dict[str, Promise] = {
    "team.created": _("created the team"),
    "team.renamed": _("renamed the team to"),
    "member.invited": _("invited"),
    "member.uninvited": _("took back the invitation of"),
    "member.joined": _("joined the team"),
    "member.role": _("changed the role of"),
    "member.removed": _("removed from the team"),
    "member.reset_link": _("made a password link for"),
    "project.created": _("created the project"),
    "project.renamed": _("renamed the project to"),
    "project.archived": _("put away the project"),
    "project.restored": _("brought back the project"),
    "dataset.added": _("added the file"),
    "dataset.read_again": _("had the file read again:"),
    "dataset.mapped": _("mapped the columns of"),
    "dataset.choice": _("chose what happens to rows of"),
    "dataset.choice_undone": _("undid a choice for"),
    "dataset.accepted": _("accepted the data of"),
    "dataset.reopened": _("opened the check again of"),
    "dataset.edited": _("changed rows of"),
    "dataset.joined": _("joined sets into"),
    "dataset.deleted": _("deleted the data of"),
    "dataset.dropped_downloaded": _("downloaded the rows left out of"),
    "dataset.items_added": _("added the table of items"),
    "dataset.items_mapped": _("mapped the columns of the items of"),
    "dataset.items_removed": _("took the table of items away from"),
    "dataset.labels": _("changed the labels of"),
    "dataset.relabelled": _("corrected a label in"),
    "dataset.relabel_undone": _("took back a corrected label in"),
    "labels.corrected": _("made new data of labels:"),
    "labelling.begun": _("began to label the texts of"),
    "labelling.finished": _("made data of the labels given by hand:"),
    "corrections.used": _("made new data of corrections for"),
    "answer.corrected": _("corrected an answer of"),
    "conversation.deleted": _("deleted a conversation of"),
    "run.started": _("started a training on"),
    "run.cancelled": _("cancelled the training on"),
    "run.tried_again": _("tried the training again on"),
    "run.succeeded": _("finished a training on"),
    "run.failed": _("had a training fail on"),
    "model.made": _("got the model"),
    "model.downloaded": _("downloaded the model"),
    "endpoint.published": _("published"),
    "endpoint.deployed": _("put a new version behind"),
    "endpoint.rolled_back": _("went back to the version before on"),
    "endpoint.rules": _("changed the rules of"),
    "endpoint.unpublished": _("unpublished"),
    "scoring.added": _("had a file labelled:"),
    "key.issued": _("made the API key"),
    "key.revoked": _("took back the API key"),
}


@dataclass(frozen=True)
class Deed:
    """One line of the record."""

    event: AuditEvent
    who: str
    did: str | Promise
    what: str


def deed(event: AuditEvent) -> Deed:
    """The event as a line. One that has no words yet shows its code rather than nothing."""
    who = str(event.user) if event.user else ""
    joined = event.action in {"team.created", "member.joined"}
    return Deed(event, who, WORDS.get(event.action, event.action), "" if joined else event.target)
