"""What a family's published model does: answer, be corrected, be shown. One folder is one family, found by listing.

Each folder has one object, `SERVING`. Everything outside asks that object and compares no name.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from django.utils.functional import Promise

from endpoints.events import Event, Knowing, Request
from endpoints.models import Endpoint, Message
from projects import discover
from projects.models import Dataset, Project
from projects.users import Doer
from training.models import ModelVersion

Text = str | Promise
Sample = Callable[[str, str, str, str], str]
"""Writes code that asks an assistant: slug, site, key, question → the code."""


class Answering(Protocol):
    """A module that answers."""

    def answer(self, request: Request) -> AsyncIterator[Event]:
        """The events of one answer. Closing it early frees the engine's place."""

    async def load(self, knowing: Knowing) -> None:
        """Makes the engine ready to answer with this, and lets it prove that it serves what was trained."""


class Correcting(Protocol):
    """A module that knows what a correction means."""

    TRAINS: bool
    """Whether a training learns from corrections; where it does not, they hold without one."""

    def understood(self, message: Message, given: Sequence[str]) -> str:
        """What a person said about an answer, in the form that is kept; raises UserError where it means nothing."""

    def question(self, asked: Sequence[dict[str, str]]) -> str:
        """For what a correction holds, out of what was said, oldest first."""

    def shown(self, message: Message, kept: str) -> str | list[str]:
        """The kept form as a page fills its fields with it."""

    def read_out(self, message: Message, kept: str) -> str:
        """The kept form as a person reads it."""

    def to_dataset(self, project: Project, pairs: list[tuple[str, str]], user: Doer, train_with: str) -> Dataset:
        """A new dataset with these corrections (question and kept form, the newest first) in it."""


@dataclass(frozen=True)
class Tab:
    """A page of an assistant that only this family has."""

    slug: str
    title: Text
    url: str
    """The name of its address, which takes the endpoint's number."""


@dataclass(frozen=True)
class Tryout:
    """How a model is tried before it is published."""

    lead: Text
    label: Text
    """Of the field."""
    sides: tuple[str, ...] = ("base", "tuned")
    """What is asked: before and after, or after alone where nothing could be asked before."""
    unsure: bool = False
    """Whether the trained model says that it is not sure, as it will when it is published."""


@dataclass(frozen=True)
class Sureness:
    """The threshold of certainty in words."""

    help: Text
    said: Text
    """What a value would have meant, with %(value)s and %(share)s of 100."""
    recommended: Text
    """Why the report recommends a value, with %(value)s; %(right)s and %(above)s of 100 are right without it and with it."""
    columns: tuple[tuple[str, Text], ...]
    """The report's numbers: key of a point → its heading."""


@dataclass(frozen=True)
class Serving:
    """What the house asks of a family once its model is published."""

    answering: Answering
    correcting: Correcting
    samples: Mapping[str, Sample]
    """Language → code that calls the assistant."""
    api: Text
    """What its API is good for, with %(name)s."""
    starters: Callable[[ModelVersion], list[str]]
    """What a visitor may begin with, where the use case says nothing."""
    starters_title: Text
    tryout: Tryout
    sureness: Sureness | None
    """Where answers have a certainty below which they are not given."""
    untouched: str = ""
    """The way to answer for which the engine is asked for the base model alone."""
    rules: Callable[[ModelVersion], dict[str, object]] = lambda _model: {}
    """The owner's rules with which it is published first; they stand on a page of their own."""
    tabs: tuple[Tab, ...] = ()
    row: Callable[[Endpoint, str], str] | None = None
    """The tag of a row of things on somebody's page, for an endpoint on a site."""
    router: str = ""
    """Doors of its own in the API, by the name of their router: only a web process imports them."""

    def has_tab(self, slug: str) -> bool:
        return any(tab.slug == slug for tab in self.tabs)


@cache
def every() -> Mapping[str, Serving]:
    return discover.parts(__name__, "SERVING", Serving)


def of(family: str) -> Serving:
    """How a family is served."""
    try:
        return every()[family]
    except KeyError:
        raise discover.UnknownPart(__name__, family) from None


def of_project(project: Project) -> Serving:
    return of(project.case.family)
