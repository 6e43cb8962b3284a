"""A classifier is corrected with a label, or with several where a text may have them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.utils.translation import gettext as _

from endpoints import correcting
from endpoints.models import Feedback, Message
from projects import remaking
from projects.enumerating import listed
from projects.errors import UserError
from projects.models import Dataset, Project
from projects.users import Doer
from training.ml.classify.answers import Answer
from training.ml.prompts import question_of

TRAINS = True
SURE = 0.99
"""How sure a label is that a person gave; even a person is not always right."""


def understood(message: Message, given: Sequence[str]) -> str:
    known = message.result.get("choices") or []
    said = [line for one in given for line in one.splitlines() if line in known]
    if not said:
        raise UserError(_("No label was chosen."), _("Nothing was changed."), _("Choose a label."))
    return "\n".join(said if message.result.get("multi") else said[:1])


def question(asked: Sequence[dict[str, str]]) -> str:
    """A label belongs to one text, whatever came before it."""
    return question_of(asked)


def shown(message: Message, kept: str) -> str | list[str]:
    return kept.splitlines()


def read_out(message: Message, kept: str) -> str:
    return listed(kept.splitlines())


def to_dataset(project: Project, pairs: list[tuple[str, str]], user: Doer, train_with: str) -> Dataset:
    """Texts of visitors with the labels that people gave them; labels that the data does not know are passed over."""
    source = project.datasets.filter(state=Dataset.State.READY, purpose="all").first()
    if source is None:
        raise correcting.nowhere()
    known = set(json.loads((source.folder / "dataset.json").read_text(encoding="utf-8"))["labels"])
    texts = {text: [one for one in said.splitlines() if one in known] for text, said in reversed(pairs)}
    extra = [(text, labels) for text, labels in texts.items() if labels]
    if not extra:
        raise correcting.nothing_new()
    return remaking.corrected_labels(source, {}, user, extra=extra, train_with=train_with, action="corrections.used")


def put_right(project: int, texts: Sequence[str], rows: Sequence[Answer]) -> list[Answer]:
    """The engine's answers, with the labels that people of the team gave these texts in the place of its own."""
    found = correcting.settled(project, texts)
    return [_righted(row, found.get(text)) for text, row in zip(texts, rows, strict=True)]


def _righted(row: Answer, correction: Feedback | None) -> Answer:
    if correction is None:
        return row
    labels = correction.correction.splitlines()
    others = {name: share for name, share in row.scores.items() if name not in labels}
    total = sum(others.values()) or 1.0
    left = {name: round((1 - SURE) * share / total, 4) for name, share in others.items()}
    # The words that decided spoke for another label.
    words = row.words if row.label in labels else []
    return Answer(labels[0], SURE, dict.fromkeys(labels, SURE) | left, labels, words)
