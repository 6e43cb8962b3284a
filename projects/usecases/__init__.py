"""Use cases: something a business wants. One file is one use case; the package finds it by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import cast

from django.utils.functional import Promise

from projects import discover

Text = str | Promise


@dataclass(frozen=True)
class Role:
    """A part that a column can play."""

    name: str
    title: Text
    help: Text
    synonyms: tuple[str, ...] = ()  # what people call it, lower case, in any language
    required: bool = True
    several: bool = False  # columns that are read together as one text
    grades: tuple[str, ...] = ()  # what its labels grade, as projects/columnwords calls it: feeling, rating, risk


@dataclass(frozen=True)
class Piece:
    """A part of the little picture in the gallery: something said, or a line with what the product makes of it."""

    text: Text
    mark: Text = ""  # what stands at the end of the line; without one it is something said
    tone: str = ""  # of the mark: good, warn, bad or accent
    icon: str = ""
    mine: bool = False  # said by the visitor


@dataclass(frozen=True)
class UseCase:
    slug: str
    title: Text
    sentence: Text  # what it is for
    needs: Text  # what data it needs
    outcome: Text  # what comes out
    family: str  # the name of its folder in projects/families
    base_models: tuple[str, ...]  # slugs, best first
    embedder: dict[str, str]  # language → slug of the embedding model; "" is the default
    roles: tuple[Role, ...]
    system_prompt: str
    greeting: Text
    starters: tuple[Text, ...]
    sample: str  # file beside the use case, in samples/
    about_sample: Text  # what the sample is, where it is offered
    sample_items: str = ""  # the table of items that goes with it
    picture: tuple[Piece, ...] = ()  # for the gallery
    order: int = 100
    metrics: dict[str, Text] = field(default_factory=dict)  # metric → plain words
    notice: Text = ""  # what everybody who gets an answer has to know, such as its limits
    feelings: bool = False  # the labels say how a text sounds
    person_outcome: Text = ""  # what is said where a person should decide

    @property
    def scene(self) -> tuple[Piece, ...]:
        """The picture; how a conversation begins where the use case has none of its own."""
        return self.picture or (Piece(self.greeting), *(Piece(text, mine=True) for text in self.starters[:1]))

    @property
    def can_be_labelled_here(self) -> bool:
        """Whether texts may come without their labels, to be labelled in the studio."""
        return any(role.name == "label" and not role.required for role in self.roles)


@cache
def all_use_cases() -> tuple[UseCase, ...]:
    found = cast(list[UseCase], discover.objects(__name__, "USE_CASE"))
    return tuple(sorted(found, key=lambda use_case: (use_case.order, use_case.slug)))


def get(slug: str) -> UseCase:
    """The use case of that name; KeyError says which names there are."""
    for use_case in all_use_cases():
        if use_case.slug == slug:
            return use_case
    raise KeyError(f"No use case '{slug}'. There are: {', '.join(u.slug for u in all_use_cases())}.")
