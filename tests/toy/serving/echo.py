"""It says again what was asked, whatever the engine does."""

from __future__ import annotations

from types import SimpleNamespace

from endpoints.events import Done, Piece, Usage
from endpoints.families import Serving, Sureness, Tryout
from endpoints.families.chat import correcting
from endpoints.models import Message


async def answer(request):
    text = "You said: " + request.messages[-1]["content"]
    yield Piece(text, 0)
    yield Done(Message.State.DONE, Usage(3, 4))


async def load(knowing) -> None:
    """There is nothing to load."""


SERVING = Serving(
    answering=SimpleNamespace(answer=answer, load=load),
    correcting=correcting,
    samples={"shell": lambda slug, site, key, question: f"echo {slug}"},
    api="The bird is called %(name)s.",
    starters=lambda model: ["Hello bird"],
    starters_title="What to say",
    tryout=Tryout("Say something.", "Words", sides=("tuned",)),
    sureness=Sureness("It is always sure.", "%(value)s %(share)s", "%(value)s", (("at", "At"),)),
)
