"""A recommender is corrected with things: which of those shown do not fit a sentence, and which come first.

It holds for that sentence, in every version, and needs no training: a sentence is no purchase to learn from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from endpoints import chat
from endpoints.events import Rules
from endpoints.families.recommend import catalogue
from endpoints.families.recommend.openings import asked_for
from endpoints.models import Feedback, Message
from projects.enumerating import listed
from projects.errors import UserError
from projects.models import Dataset, Project
from projects.users import Doer
from training.ml.recommend.picks import Pick, Why

TRAINS = False
NOT, FIRST = "-", "+"
MOST = 100


@dataclass(frozen=True)
class Wanted:
    """What a correction says of things, by their ids."""

    without: tuple[str, ...] = ()
    first: tuple[str, ...] = ()

    @classmethod
    def of(cls, correction: Feedback | None) -> Wanted:
        return cls.of_lines(correction.correction.splitlines() if correction else [])

    @classmethod
    def of_lines(cls, lines: Sequence[str]) -> Wanted:
        return cls(
            tuple(line[1:] for line in lines if line.startswith(NOT)),
            tuple(line[1:] for line in lines if line.startswith(FIRST)),
        )

    def rules(self, rules: Rules) -> Rules:
        """The owner's rules with what does not fit left out; what comes first is not to come twice."""
        return {**rules, "exclude": [*rules.get("exclude", []), *self.without, *self.first]}

    def put_first(self, rows: Sequence[Pick], rules: Rules, k: int) -> list[Pick]:
        """The engine's picks behind the things that come first; what the owner's rules leave out stays out."""
        gone = set(rules.get("exclude", []))
        top = rows[0].score if rows else 1.0
        first = [Pick(item, top, Why("rule")) for item in self.first if item not in gone]
        return [*first, *rows][:k]


def understood(message: Message, given: Sequence[str]) -> str:
    things = _things(message)
    shown_ids = {card["item"] for card in message.result.get("items", [])}
    lines = [line.strip() for one in given for line in one.splitlines() if line.strip()][:MOST]
    kept = []
    for line in lines:
        if line.startswith(NOT) and line[1:] in shown_ids:
            kept.append(line)
        else:
            kept += [FIRST + item for item in _named(things, line)]
    if not kept:
        raise UserError(
            _("There is no correction in it."),
            _("Nothing was changed."),
            _("Mark what does not fit, or name what should have been shown."),
        )
    return "\n".join(dict.fromkeys(kept))


def _named(things: catalogue.Catalogue, line: str) -> list[str]:
    """The item of that number, or the first of that title."""
    found = (
        [line] if line in things else [key for key, item in things.items() if item.title.casefold() == line.casefold()]
    )
    if not found:
        raise UserError(
            _("The catalogue has nothing called “%(name)s”.") % {"name": line[:80]},
            _("Nothing was changed."),
            _("Write its title or its number as the catalogue has it."),
        )
    return found[:1]


def question(asked: Sequence[dict[str, str]]) -> str:
    return asked_for(asked)


def shown(message: Message, kept: str) -> str | list[str]:
    things = _things(message) if kept else {}
    lines = kept.splitlines()
    titles = [things[line[1:]].title for line in lines if line.startswith(FIRST) and line[1:] in things]
    return [*(line for line in lines if line.startswith(NOT)), *titles]


def read_out(message: Message, kept: str) -> str:
    things = _things(message) if kept else {}
    wanted = Wanted.of_lines(kept.splitlines())
    said = {_("First: %(things)s"): wanted.first, _("Does not fit: %(things)s"): wanted.without}
    named = {sentence: [things[key].title if key in things else key for key in keys] for sentence, keys in said.items()}
    return "\n".join(sentence % {"things": listed(titles)} for sentence, titles in named.items() if titles)


def _things(message: Message) -> catalogue.Catalogue:
    """The catalogue of the version that answered, or of the one that answers now."""
    deployment = message.deployment or message.conversation.endpoint.deployments.first()
    if deployment is None:
        raise UserError(_("This assistant never had a version."), todo=_("Train a model and publish it."))
    return catalogue.of_model(chat.of_model(deployment.model, deployment.answers_with))


def to_dataset(project: Project, pairs: list[tuple[str, str]], user: Doer, train_with: str) -> Dataset:
    raise NotImplementedError("see TRAINS")
