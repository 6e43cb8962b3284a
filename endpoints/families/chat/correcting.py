"""A chat is corrected with words: what it should have said, for that question."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from endpoints.models import Message
from projects import remaking
from projects.errors import UserError
from projects.models import Dataset, Project
from projects.users import Doer
from training.ml.prompts import search_text

TRAINS = True


def understood(message: Message, given: Sequence[str]) -> str:
    said = "\n".join(given).strip()
    if not said:
        raise UserError(_("There is no correction in it."), _("Nothing was changed."), _("Write what is right."))
    return said


def question(asked: Sequence[dict[str, str]]) -> str:
    """A very short follow-up means nothing without the question before it."""
    return search_text(asked)


def shown(message: Message, kept: str) -> str | list[str]:
    return kept


def read_out(message: Message, kept: str) -> str:
    return kept


def to_dataset(project: Project, pairs: list[tuple[str, str]], user: Doer, train_with: str) -> Dataset:
    """Every old answer to a corrected question makes way for the newest correction."""
    newest = dict(reversed(pairs))
    return remaking.dataset_from_corrections(project, list(newest.items()), user, train_with)
