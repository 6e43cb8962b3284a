"""A classifier answers: the label with how sure it is, the words that decided, and the same in words."""

from __future__ import annotations

from collections.abc import AsyncIterator

from django.utils import translation

from endpoints import serving, tokens
from endpoints.events import Done, Event, Knowing, Piece, Request, Result, Usage
from endpoints.families.classify import correcting as right
from endpoints.families.classify import labelling
from endpoints.models import Message
from endpoints.patience import patiently
from endpoints.words import language_of
from training.ml.prompts import question_of

UNEXPLAINED = ("majority",)
"""Ways to answer that look at no word."""


async def load(knowing: Knowing) -> None:
    """The model into the engine, which proves that it labels as it did after training."""
    await serving.load(knowing.model, knowing.folder)


async def answer(request: Request) -> AsyncIterator[Event]:
    """The label, then the same in words, then Done."""
    knowing, text = request.knowing, question_of(request.messages)
    rows = await serving.classify(
        knowing.model,
        [text],
        folder=knowing.folder,
        explain=knowing.answers_with not in UNEXPLAINED,
        answers_with=knowing.answers_with,
    )
    if request.project:
        rows = await patiently(right.put_right, request.project, [text], rows)
    terms = labelling.terms(knowing, request.threshold)
    found = labelling.judge(text, rows[0], terms)
    # The card stands in a page, whose words are around it; only where nobody says which does the text tell.
    with translation.override(language_of("" if request.language else text, request.language)):
        result = labelling.result(found, terms)
        said = labelling.sentence(found, terms, request.contact)
    yield Result("label", result)
    yield Piece(said, 0)
    state = Message.State.UNSURE if found.level == "unsure" else Message.State.DONE
    used = Usage(await tokens.count(knowing.base, [text]), await tokens.count(knowing.base, [said]))
    yield Done(state, used, found.score)
